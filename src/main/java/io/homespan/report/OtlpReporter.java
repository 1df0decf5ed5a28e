package io.homespan.report;

import io.homespan.config.Config.OtlpReports;
import io.homespan.heartbeat.Measurement;
import io.homespan.heartbeat.Outcome;
import io.homespan.heartbeat.Probe;
import io.homespan.heartbeat.Reporter;
import io.homespan.metrics.Metrics;
import io.homespan.rpc.Cover;
import io.homespan.rpc.UnaryClient;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.metrics.DoubleHistogram;
import io.opentelemetry.api.metrics.LongCounter;
import io.opentelemetry.api.metrics.Meter;
import io.opentelemetry.common.ComponentLoader;
import io.opentelemetry.exporter.otlp.metrics.OtlpGrpcMetricExporter;
import io.opentelemetry.sdk.common.export.GrpcSenderProvider;
import io.opentelemetry.sdk.metrics.InstrumentSelector;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.View;
import io.opentelemetry.sdk.metrics.export.MetricExporter;
import io.opentelemetry.sdk.metrics.export.PeriodicMetricReader;
import io.opentelemetry.sdk.resources.Resource;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Histograms of round trips, and counts of outcomes, to an OTLP/gRPC receiver of metrics: by peer
 * for so many of them, and beyond that by zone. They are cumulative, so an export that fails is
 * made good by the next one. The OpenTelemetry SDK gathers and encodes, on threads of its own.
 */
public final class OtlpReporter implements Reporter {
  /** From within a rack to beyond all time limits; in seconds. */
  private static final List<Double> BUCKETS =
      List.of(
          0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5,
          1.0, 2.5, 5.0, 10.0);

  /** Zones of peers beyond the limit; the ones after them are one. */
  private static final int MOST_ZONES = 100;

  private static final String OTHER = "other";
  static final long IDLE_NANOS = TimeUnit.HOURS.toNanos(1);
  private static final int MAX_ANSWER_BYTES = 4 << 20;

  private static final AttributeKey<String> FROM = AttributeKey.stringKey("from");
  private static final AttributeKey<String> TO = AttributeKey.stringKey("to");
  private static final AttributeKey<String> FROM_ZONE = AttributeKey.stringKey("from_zone");
  private static final AttributeKey<String> TO_ZONE = AttributeKey.stringKey("to_zone");
  private static final AttributeKey<String> PROBE = AttributeKey.stringKey("probe");
  private static final AttributeKey<String> OUTCOME = AttributeKey.stringKey("outcome");

  private final OtlpReports config;
  private final String cluster;
  private final int mostPeers;
  private final LongSupplier nanoClock;
  private final UnaryClient client;
  private final Tally tally;
  private final AtomicLong unsent = new AtomicLong();
  private final PeerSlots slots;
  private final Set<String> zones = new HashSet<>();
  private Gathered gathered;
  private int given;

  /** What the SDK says of failed exports, over and over, stands in our log once. */
  private final List<Logger> sdk =
      List.of(
          Logger.getLogger("io.opentelemetry.exporter.otlp.internal.GrpcExporter"),
          Logger.getLogger("io.opentelemetry.sdk.metrics.export.PeriodicMetricReader"));

  /** One life of the SDK: it forgets no series. */
  private record Gathered(
      SdkMeterProvider provider,
      DoubleHistogram times,
      DoubleHistogram baseline,
      LongCounter outcomes) {}

  /**
   * Opens nothing yet.
   *
   * @param vertx on whose event loop calls are made
   * @param mostPeers that have series of their own
   * @param cover null: in the clear
   */
  public OtlpReporter(
      Vertx vertx,
      OtlpReports config,
      String cluster,
      int mostPeers,
      Metrics metrics,
      @Nullable Cover cover) {
    this(vertx, config, cluster, mostPeers, metrics, cover, System::nanoTime);
  }

  OtlpReporter(
      Vertx vertx,
      OtlpReports config,
      String cluster,
      int mostPeers,
      Metrics metrics,
      @Nullable Cover cover,
      LongSupplier nanoClock) {
    this.config = config;
    this.nanoClock = nanoClock;
    this.cluster = cluster;
    this.mostPeers = mostPeers;
    this.client =
        new UnaryClient(vertx, new UnaryClient.Options(config.timeOut(), MAX_ANSWER_BYTES, cover));
    this.tally =
        new Tally(
            "otlp",
            config.endpoint().toString(),
            metrics,
            () -> (int) Math.min(Integer.MAX_VALUE, unsent.get()));
    this.slots = new PeerSlots(mostPeers, IDLE_NANOS);
    for (Logger one : sdk) one.setLevel(Level.OFF);
    this.gathered = gather();
  }

  private Gathered gather() {
    MetricExporter exporter =
        OtlpGrpcMetricExporter.builder()
            .setEndpoint("http://" + config.endpoint()) // for the sender, which knows better
            .setTimeout(config.timeOut())
            .setRetryPolicy(null)
            .setComponentLoader(new OwnSender())
            .build();
    int series = (mostPeers + MOST_ZONES + 1) * Probe.values().length * Outcome.values().length + 1;
    SdkMeterProvider provider =
        SdkMeterProvider.builder()
            .setResource(
                Resource.builder()
                    .put("service.name", "homespan")
                    .put("homespan.cluster", cluster)
                    .build())
            .registerView(
                InstrumentSelector.builder().setName("homespan.heartbeat.*").build(),
                View.builder().setCardinalityLimit(series).build())
            .registerMetricReader(
                PeriodicMetricReader.builder(exporter).setInterval(config.interval()).build())
            .build();
    Meter meter = provider.get("io.homespan.heartbeat");
    return new Gathered(
        provider,
        meter
            .histogramBuilder("homespan.heartbeat.rtt")
            .setDescription("Round trips of probes that were answered")
            .setUnit("s")
            .setExplicitBucketBoundariesAdvice(BUCKETS)
            .build(),
        meter
            .histogramBuilder("homespan.heartbeat.baseline")
            .setDescription("The same of the node itself: what a probe takes without a network")
            .setUnit("s")
            .setExplicitBucketBoundariesAdvice(BUCKETS)
            .build(),
        meter
            .counterBuilder("homespan.heartbeat.probes")
            .setDescription("Probes, by how they ended")
            .setUnit("{probe}")
            .build());
  }

  /** Gives the SDK this sender, and no other that may be on the class path. */
  private final class OwnSender implements ComponentLoader {
    @Override
    public <T> Iterable<T> load(Class<T> what) {
      if (what != GrpcSenderProvider.class) return List.of();
      GrpcSenderProvider provider =
          sender ->
              new MetricsLine(
                  client,
                  config.endpoint(),
                  config.timeOut(),
                  sender.getFullMethodName(),
                  () -> tally.reported(unsent.getAndSet(0)),
                  tally::failed);
      return List.of(what.cast(provider));
    }
  }

  @Override
  public void report(Measurement what) {
    if (what.isBaseline()) {
      baseline(what);
      return;
    }
    Attributes series = series(what);
    if (given != slots.given()) { // series of peers that are gone make room
      given = slots.given();
      Gathered before = gathered;
      gathered = gather();
      end(before);
    }
    unsent.incrementAndGet();
    if (what.isOk()) gathered.times().record(what.roundTripNanos() / 1e9, series);
    gathered.outcomes().add(1, series.toBuilder().put(OUTCOME, what.outcome().word()).build());
  }

  private void baseline(Measurement what) {
    if (!what.isOk()) return;
    unsent.incrementAndGet();
    Attributes series = Attributes.of(FROM, what.from().id(), PROBE, what.probe().word());
    gathered.baseline().record(what.roundTripNanos() / 1e9, series);
  }

  private Attributes series(Measurement what) {
    String probe = what.probe().word();
    if (slots.has(what.to().id(), nanoClock.getAsLong())) {
      return Attributes.of(FROM, what.from().id(), TO, what.to().id(), PROBE, probe);
    }
    String zone = what.to().zone();
    boolean known = zones.contains(zone) || (zones.size() < MOST_ZONES && zones.add(zone));
    return Attributes.of(
        FROM,
        what.from().id(),
        FROM_ZONE,
        what.from().zone(),
        TO_ZONE,
        known ? zone : OTHER,
        PROBE,
        probe);
  }

  /** With a last export. */
  @Override
  public void close(Duration limit) {
    try {
      end(gathered).join(Math.max(1, limit.toMillis()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    tally.dropped(unsent.getAndSet(0));
    client.close(); // ends an export under way, and with it that thread
  }

  /** Never on an event loop: the SDK waits for its last export, which needs it. */
  private static Thread end(Gathered one) {
    Thread ending = new Thread(() -> one.provider().shutdown(), "homespan-heartbeat-otlp-end");
    ending.setDaemon(true);
    ending.start();
    return ending;
  }
}
