package io.homespan.report;

import io.homespan.metrics.Metrics;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What became of one reporter's results, counted; and its trouble, told when it begins, when it
 * becomes another one and when it is over. Any thread may call.
 */
final class Tally {
  private static final Logger LOG = LoggerFactory.getLogger(Tally.class);
  private static final String REPORTS = "homespan_heartbeat_reports";
  private static final String REPORTS_HELP = "Results of probes, by what a reporter did with them";
  private static final String ERRORS = "homespan_heartbeat_report_errors";
  private static final String ERRORS_HELP = "Attempts of a reporter that failed";

  /** Trouble is over when nothing has failed for so long. */
  private static final long CALM_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final String reporter;
  private final String where;
  private final Metrics metrics;
  private @Nullable String trouble;
  private long failedAt;

  /**
   * All at 0.
   *
   * @param where it reports to, for the log
   * @param waiting how many results wait
   */
  Tally(String reporter, String where, Metrics metrics, IntSupplier waiting) {
    this.reporter = reporter;
    this.where = where;
    this.metrics = metrics;
    count("reported", 0);
    count("dropped", 0);
    metrics.count(ERRORS, ERRORS_HELP, 0, "reporter", reporter);
    metrics.gauge(
        "homespan_heartbeat_reports_waiting",
        "Results that wait for a reporter",
        waiting::getAsInt,
        "reporter",
        reporter);
  }

  /** They are where they belong. */
  void reported(long results) {
    if (results > 0) count("reported", results);
    synchronized (this) {
      // where some go out and some don't, that is one trouble and not a hundred
      if (trouble == null || System.nanoTime() - failedAt < CALM_NANOS) return;
      trouble = null;
    }
    LOG.info("reports of the mesh go out again reporter={} to={}", reporter, where);
  }

  /** They are lost. */
  void dropped(long results) {
    if (results > 0) count("dropped", results);
  }

  /** An attempt failed; what becomes of the results is counted apart. */
  void failed(Throwable cause) {
    metrics.count(ERRORS, ERRORS_HELP, 1, "reporter", reporter);
    Throwable deepest = cause;
    while (deepest.getCause() != null) deepest = deepest.getCause();
    String kind = deepest.getClass().getName();
    synchronized (this) {
      failedAt = System.nanoTime();
      if (kind.equals(trouble)) return;
      trouble = kind;
    }
    LOG.warn(
        "reports of the mesh don't go out reporter={} to={} cause={}",
        reporter,
        where,
        shown(deepest));
  }

  /** Kafka quotes words of sasl.jaas.config, which may be those of a password. */
  private static String shown(Throwable cause) {
    String text = cause.toString().replaceAll("\\p{Cntrl}", " ");
    return text.contains("JAAS") ? text.replaceAll("'.*'", "(not shown)") : text;
  }

  private void count(String outcome, long results) {
    metrics.count(REPORTS, REPORTS_HELP, results, "reporter", reporter, "outcome", outcome);
  }
}
