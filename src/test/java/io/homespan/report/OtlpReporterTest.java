package io.homespan.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.homespan.FreePort;
import io.homespan.Pulse;
import io.homespan.config.Config.Endpoint;
import io.homespan.config.Config.OtlpReports;
import io.homespan.heartbeat.Measurement;
import io.homespan.heartbeat.Outcome;
import io.homespan.heartbeat.Probe;
import io.homespan.metrics.MicrometerMetrics;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Against a receiver of metrics by another implementation of gRPC. */
@Timeout(120)
class OtlpReporterTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final String TIMES = "homespan.heartbeat.rtt";
  private static final String PROBES = "homespan.heartbeat.probes";

  private final Vertx vertx = Vertx.vertx();
  private final MicrometerMetrics metrics = new MicrometerMetrics();

  @AfterEach
  void close() {
    metrics.close();
    vertx.close().await();
  }

  @Test
  void peersWithinTheLimit_haveSeriesOfTheirOwn_andThoseBeyondAreZones() throws Exception {
    try (MetricsReceiver receiver = new MetricsReceiver(0)) {
      OtlpReporter reporter = start(receiver.port(), 1, Duration.ofHours(1));
      reporter.report(TestMeasurement.ok(1));
      reporter.report(TestMeasurement.ok(2));
      reporter.report(TestMeasurement.failed(3, Outcome.TIMEOUT));
      for (int i = 0; i < 300; i++) {
        String zone = i % 2 == 0 ? "west" : "south";
        reporter.report(
            TestMeasurement.of(4 + i, "far" + i + ":1", zone, Probe.TCP, Outcome.OK, 2_000_000));
      }
      reporter.close(LIMIT);

      assertThat(receiver.counts(TIMES))
          .containsOnly(
              Map.entry("{from=a:1, probe=grpc, to=b:1}", 2L),
              Map.entry("{from=a:1, from_zone=east, probe=tcp, to_zone=south}", 150L),
              Map.entry("{from=a:1, from_zone=east, probe=tcp, to_zone=west}", 150L));
      assertThat(receiver.counts(PROBES))
          .containsEntry("{from=a:1, outcome=timeout, probe=grpc, to=b:1}", 1L)
          .containsEntry("{from=a:1, outcome=ok, probe=grpc, to=b:1}", 2L);
      Metric times =
          receiver.taken.get(0).getResourceMetrics(0).getScopeMetrics(0).getMetricsList().stream()
              .filter(one -> one.getName().equals(TIMES))
              .findFirst()
              .orElseThrow();
      assertThat(times.getUnit()).isEqualTo("s");
      assertThat(times.getHistogram().getAggregationTemporality())
          .isEqualTo(AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE);
      assertThat(count("reported")).isEqualTo(303);
    }
  }

  @Test
  void aReceiverThatWasAway_getsAllOfIt_whenItIsBack() throws Exception {
    int port = FreePort.any();
    OtlpReporter reporter = start(port, 10, Duration.ofSeconds(1));
    for (int i = 1; i <= 7; i++) reporter.report(TestMeasurement.ok(i));
    until(() -> metric("homespan_heartbeat_report_errors_total{") >= 1);
    try (MetricsReceiver back = new MetricsReceiver(port)) {
      until(() -> count("reported") == 7);
      assertThat(back.counts(TIMES)).containsEntry("{from=a:1, probe=grpc, to=b:1}", 7L);
      reporter.close(LIMIT);
    }
    assertThat(count("dropped")).isZero();
  }

  /** The SDK would wait for three times five seconds. */
  @Test
  void aReceiverThatNeverAnswers_holdsUpTheEndNoLongerThanItsLimit() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
      OtlpReporter reporter = start(silent.getLocalPort(), 10, Duration.ofHours(1));
      reporter.report(TestMeasurement.ok(1));
      long begin = Pulse.now();
      reporter.close(Duration.ofMillis(500));
      assertThat(Pulse.since(begin)).isLessThan(Duration.ofSeconds(4));
    }
    assertThat(count("dropped")).isEqualTo(1);
  }

  @Test
  void theNodeItself_isApart_andTakesNoPlaceOfAPeer() throws Exception {
    try (MetricsReceiver receiver = new MetricsReceiver(0)) {
      OtlpReporter reporter = start(receiver.port(), 1, Duration.ofHours(1));
      reporter.report(TestMeasurement.baseline(1));
      reporter.report(TestMeasurement.ok(2));
      reporter.close(LIMIT);
      assertThat(receiver.counts(TIMES))
          .containsOnly(Map.entry("{from=a:1, probe=grpc, to=b:1}", 1L));
      assertThat(receiver.counts("homespan.heartbeat.baseline"))
          .containsOnly(Map.entry("{from=a:1, probe=grpc}", 1L));
      assertThat(receiver.counts(PROBES)).hasSize(1);
    }
    assertThat(count("reported")).isEqualTo(2);
  }

  /** On the only event loop there is, while the receiver keeps the last export of the old ones. */
  @Test
  void whenPeersAreGoneForLong_othersGetTheirSeries_andNothingIsHeldUpOrLost() throws Exception {
    Vertx one = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    try (MetricsReceiver receiver = new MetricsReceiver(0)) {
      AtomicLong now = new AtomicLong(1);
      OtlpReports config =
          new OtlpReports(
              new Endpoint("127.0.0.1", receiver.port()),
              Duration.ofHours(1),
              Duration.ofSeconds(60),
              null);
      OtlpReporter reporter = new OtlpReporter(one, config, "homespan", 1, metrics, null, now::get);
      receiver.hold();
      onLoop(one, () -> reporter.report(TestMeasurement.ok(1)));
      onLoop(one, () -> reporter.report(TestMeasurement.ok(2)));
      now.addAndGet(2 * OtlpReporter.IDLE_NANOS);
      Measurement other = TestMeasurement.of(3, "c:1", "west", Probe.GRPC, Outcome.OK, 1000);
      onLoop(one, () -> reporter.report(other));
      onLoop(one, () -> reporter.report(other));
      until(() -> !receiver.taken.isEmpty()); // what there was of the old ones
      receiver.release();
      reporter.close(LIMIT);
      assertThat(receiver.counts(TIMES))
          .containsOnly(
              Map.entry("{from=a:1, probe=grpc, to=b:1}", 2L),
              Map.entry("{from=a:1, probe=grpc, to=c:1}", 2L));
      assertThat(receiver.taken).hasSize(2);
      assertThat(count("reported")).isEqualTo(4);
    } finally {
      one.close().await();
    }
  }

  /** Fails if it waits there for anything. */
  private static void onLoop(Vertx vertx, Runnable what) throws Exception {
    Promise<Thread> begun = Promise.promise();
    Promise<Void> done = Promise.promise();
    vertx.runOnContext(
        go -> {
          begun.complete(Thread.currentThread());
          what.run();
          done.complete();
        });
    Thread loop = begun.future().await(LIMIT.toSeconds(), TimeUnit.SECONDS);
    until(
        () -> {
          boolean waits =
              loop.getState() == Thread.State.WAITING
                  || loop.getState() == Thread.State.TIMED_WAITING;
          assertThat(waits ? loop.getStackTrace() : new StackTraceElement[0])
              .noneMatch(at -> at.getClassName().equals(OtlpReporter.class.getName()));
          return done.future().isComplete();
        });
  }

  private OtlpReporter start(int port, int mostPeers, Duration interval) {
    OtlpReports config =
        new OtlpReports(new Endpoint("127.0.0.1", port), interval, Duration.ofSeconds(20), null);
    return new OtlpReporter(vertx, config, "homespan", mostPeers, metrics, null);
  }

  private double count(String outcome) {
    return metric("homespan_heartbeat_reports_total{outcome=\"" + outcome + "\"");
  }

  private double metric(String series) {
    return metrics
        .scrape()
        .lines()
        .filter(line -> line.startsWith(series))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  private interface Condition {
    boolean holds();
  }

  private static void until(Condition condition) throws Exception {
    long end = System.nanoTime() + LIMIT.toNanos();
    while (!condition.holds()) {
      assertThat(System.nanoTime() - end).as("in time").isNegative();
      Thread.sleep(20);
    }
  }
}
