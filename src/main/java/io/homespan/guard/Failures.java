package io.homespan.guard;

import io.homespan.metrics.Metrics;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts what went wrong with TLS and with callers on one port, or on this node's own connections
 * to others, and tells of it: a line for each reason and minute, as those who fail try again and
 * again. Any thread may call.
 */
public final class Failures {
  private static final Logger LOG = LoggerFactory.getLogger(Failures.class);
  private static final long QUIET_NANOS = TimeUnit.SECONDS.toNanos(60);
  private static final String TLS = "homespan_tls_failures_total";
  private static final String TLS_HELP = "Connections that TLS did not let come about";
  private static final String CALLS = "homespan_authentication_failures_total";
  private static final String CALLS_HELP = "Requests without a token or password that is known";

  private static final class Told {
    private long at;
    private long since; // were not told
    private boolean ever;
  }

  private final String port;
  private final Metrics metrics;
  private final LongSupplier nanoClock;
  private final Map<Enum<?>, Told> told = new HashMap<>(); // by reasons of either kind

  Failures(String port, Metrics metrics, LongSupplier nanoClock) {
    this.port = port;
    this.metrics = metrics;
    this.nanoClock = nanoClock;
  }

  /** So that the counters are there before the first failure. */
  void showTls() {
    for (Reason reason : Reason.values()) {
      metrics.count(TLS, TLS_HELP, 0, "port", port, "reason", reason.label());
    }
  }

  void showCalls() {
    for (Stranger reason : Stranger.values()) {
      metrics.count(CALLS, CALLS_HELP, 0, "port", port, "reason", reason.label());
    }
  }

  /**
   * A connection did not come about.
   *
   * @param other the other side's address
   */
  public void tls(Reason reason, String other, Throwable cause) {
    tls(reason, other, deepest(cause));
  }

  /** The same, in words. */
  public void tls(Reason reason, String other, String detail) {
    metrics.count(TLS, TLS_HELP, "port", port, "reason", reason.label());
    if (reason == Reason.BROKEN_OFF) return; // probes and scans, and callers that stop
    String more = more(reason);
    if (more == null) return;
    LOG.warn(
        "TLS failed port={} other={} reason={} why=\"{}\" detail=\"{}\"{}",
        port,
        other,
        reason.label(),
        reason.text(),
        detail,
        more);
  }

  /** A request came without what makes its caller known. */
  void call(Stranger reason, String other) {
    metrics.count(CALLS, CALLS_HELP, "port", port, "reason", reason.label());
    String more = more(reason);
    if (more == null) return;
    LOG.warn(
        "a caller is not known port={} other={} reason={}{}", port, other, reason.label(), more);
  }

  /** Null: nothing is to be told now. */
  private @Nullable String more(Enum<?> reason) {
    long now = nanoClock.getAsLong();
    synchronized (told) {
      Told last = told.computeIfAbsent(reason, first -> new Told());
      if (last.ever && now - last.at < QUIET_NANOS) {
        last.since++;
        return null;
      }
      String more = last.since == 0 ? "" : " untold=" + last.since;
      last.ever = true;
      last.at = now;
      last.since = 0;
      return more;
    }
  }

  /** What JDK says at the bottom, on one line. */
  static String deepest(Throwable cause) {
    Throwable at = cause;
    for (int i = 0; i < 12 && at.getCause() != null; i++) at = at.getCause();
    String text = at.getMessage() == null ? at.getClass().getSimpleName() : at.getMessage();
    String line = text.replaceAll("\\p{Cntrl}+", " ");
    return line.length() > 200 ? line.substring(0, 200) : line;
  }
}
