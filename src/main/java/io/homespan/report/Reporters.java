package io.homespan.report;

import io.homespan.config.Config;
import io.homespan.config.Config.Reports;
import io.homespan.guard.LiveTls;
import io.homespan.heartbeat.Reporter;
import io.homespan.metrics.Metrics;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes those that the configuration asks for. */
public final class Reporters {
  private Reporters() {}

  /**
   * Begins to report; waits for nobody.
   *
   * @param vertx the heartbeat's own
   * @param tls to the OTLP receiver; null: in the clear
   */
  public static List<Reporter> start(
      Vertx vertx, Config config, Metrics metrics, @Nullable LiveTls tls) {
    Reports reports = config.heartbeat().reports();
    List<Reporter> all = new ArrayList<>();
    if (reports.file() != null) all.add(FileReporter.start(reports.file(), metrics));
    if (reports.kafka() != null) all.add(KafkaReporter.start(reports.kafka(), metrics));
    if (reports.otlp() != null) {
      all.add(
          new OtlpReporter(
              vertx,
              reports.otlp(),
              config.cluster(),
              config.heartbeat().maxMetricPeers(),
              metrics,
              tls == null ? null : tls.client()));
    }
    return List.copyOf(all);
  }
}
