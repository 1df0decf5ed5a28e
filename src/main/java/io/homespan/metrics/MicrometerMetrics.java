package io.homespan.metrics;

import io.homespan.mesh.OwnerTable;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.DoubleSupplier;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Counts in Micrometer, for Prometheus. Each has a registry of its own, so several nodes can live
 * in one process. What can be known from the start stands at 0 from the start, so the first
 * increase is seen by {@code rate()}. Any thread may use it; {@link #scrape} takes milliseconds
 * with many peers, so not on an event loop.
 */
public final class MicrometerMetrics implements Metrics, AutoCloseable {
  /** So many peers get series of their own; the ones after them share {@code peer="other"}. */
  public static final int MAX_PEERS = 1000;

  private static final int MAX_STATUSES = 64;
  private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";
  private static final String OPEN_METRICS =
      "application/openmetrics-text; version=1.0.0; charset=utf-8";

  /** From below a call within one rack to the longest that {@code time_out} usually allows. */
  private static final Duration[] FORWARD_BUCKETS =
      Stream.of(
              500,
              1_000,
              2_500,
              5_000,
              10_000,
              25_000,
              50_000,
              100_000,
              250_000,
              500_000,
              1_000_000,
              2_500_000,
              5_000_000,
              10_000_000)
          .map(micros -> Duration.ofNanos(micros * 1_000L))
          .toArray(Duration[]::new);

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final JvmGcMetrics gc = new JvmGcMetrics();

  private final Map<From, Counter> received;
  private final Map<KeptAs, Counter> kept;
  private final Map<RefuseReason, Counter> refused;
  private final Map<DropReason, Counter> dropped;
  private final Map<ForwardStep, Counter> steps;
  private final Counter repeated;
  private final Counter mismatches;
  private final Counter lateOwner;
  private final Map<Protocol, BoundedMeters<Counter>> requests;
  private final BoundedMeters<PeerMeters> peers = new BoundedMeters<>(MAX_PEERS, this::peerMeters);
  private final Map<String, DoubleSupplier> gauges = new ConcurrentHashMap<>();

  private volatile Table table = new Table(0, OwnerTable.EMPTY.hash());

  private record Table(int peers, String hash) {}

  private record PeerMeters(
      Counter spans, Timer seconds, BoundedMeters<Counter> calls, AtomicInteger openCircuits) {}

  /** Begins at zero, and listens to this JVM until it is closed. */
  public MicrometerMetrics() {
    received = counters(From.class, "homespan_spans_received", "Spans with a fate", "from");
    kept = counters(KeptAs.class, "homespan_spans_kept", "Spans confirmed by own sinks", "as");
    refused =
        counters(
            RefuseReason.class, "homespan_spans_refused", "Spans given back to retry", "reason");
    dropped = counters(DropReason.class, "homespan_spans_dropped", "Spans lost for good", "reason");
    steps =
        counters(
            ForwardStep.class,
            "homespan_forward_steps",
            "Parts on their way to peers, by what came next for them",
            "step");
    repeated = counter("homespan_spans_repeated", "Spans that came again and were recognised");
    mismatches =
        counter("homespan_table_mismatches", "Calls from peers with another owner table than ours");
    lateOwner =
        counter(
            "homespan_spans_late_owner",
            "Spans kept for a peer with another owner table, though by ours another peer owns them");
    requests = each(Protocol.class, this::requestCounters);
    Gauge.builder("homespan_peers", () -> table.peers())
        .description("Peers in the owner table, this node included")
        .register(registry);
    registry.getPrometheusRegistry().register(this::tableInfo);
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
    gc.bindTo(registry);
  }

  @Override
  public void request(Protocol protocol, String status) {
    of(requests, protocol).of(status).increment();
  }

  @Override
  public void kept(From from, KeptAs as, int spans) {
    of(received, from).increment(spans);
    of(kept, as).increment(spans);
  }

  @Override
  public void forwarded(From from, String peerId, int spans) {
    of(received, from).increment(spans);
    peers.of(peerId).spans().increment(spans);
  }

  @Override
  public void refused(From from, RefuseReason reason, int spans) {
    of(received, from).increment(spans);
    of(refused, reason).increment(spans);
  }

  @Override
  public void dropped(From from, DropReason reason, int spans) {
    of(received, from).increment(spans);
    of(dropped, reason).increment(spans);
  }

  @Override
  public void repeated(int spans) {
    repeated.increment(spans);
  }

  @Override
  public void forwardCall(String peerId, String outcome, double seconds) {
    PeerMeters peer = peers.of(peerId);
    peer.seconds().record((long) (seconds * 1e9), TimeUnit.NANOSECONDS);
    peer.calls().of(outcome).increment();
  }

  @Override
  public void forwardStep(ForwardStep step, int parts) {
    of(steps, step).increment(parts);
  }

  @Override
  public void circuit(String peerId, boolean open) {
    peers.of(peerId).openCircuits().addAndGet(open ? 1 : -1);
  }

  @Override
  public void table(int peers, String hash) {
    table = new Table(peers, hash);
  }

  @Override
  public void tableMismatch() {
    mismatches.increment();
  }

  @Override
  public void lateOwner(int spans) {
    lateOwner.increment(spans);
  }

  @Override
  public void gauge(String name, String help, DoubleSupplier value, String... tags) {
    String key = name + Tags.of(tags);
    if (gauges.put(key, value) != null) return; // registered; it reads the new one from now on
    Gauge.builder(name, () -> gauges.getOrDefault(key, value).getAsDouble())
        .description(help)
        .tags(tags)
        .register(registry);
  }

  @Override
  public void forgetGauge(String name, String... tags) {
    gauges.remove(name + Tags.of(tags));
    Gauge registered = registry.find(name).tags(tags).gauge();
    if (registered != null) registry.remove(registered);
  }

  @Override
  public void count(String name, String help, long times, String... tags) {
    counter(name, help, tags).increment((double) times);
  }

  /** What has been booked so far. */
  public Books books() {
    long forwarded = 0;
    for (PeerMeters peer : peers.all()) forwarded += (long) peer.spans().count();
    return new Books(
        sum(received), sum(kept), forwarded, sum(refused), sum(dropped), (long) repeated.count());
  }

  /** Everything, in Prometheus's text format 0.0.4. */
  public String scrape() {
    return registry.scrape(TEXT);
  }

  /** Everything, in OpenMetrics for who accepts it, else in Prometheus's text format. */
  public Exposition scrape(String accept) {
    String type = accept.contains("application/openmetrics-text") ? OPEN_METRICS : TEXT;
    return new Exposition(type, registry.scrape(type));
  }

  /** Stops listening to the JVM. What was counted can still be read from {@link #books}. */
  @Override
  public void close() {
    gc.close();
  }

  /** Not through Micrometer, which would take the {@code _info} off the name. */
  private InfoSnapshot tableInfo() {
    return InfoSnapshot.builder()
        .name("homespan_owner_table")
        .help("Hash of the owner table, equal on all nodes that agree")
        .dataPoint(
            InfoSnapshot.InfoDataPointSnapshot.builder()
                .labels(Labels.of("hash", table.hash()))
                .build())
        .build();
  }

  private BoundedMeters<Counter> requestCounters(Protocol protocol) {
    return new BoundedMeters<>(
        MAX_STATUSES,
        status ->
            counter(
                "homespan_requests",
                "Requests answered",
                "protocol",
                label(protocol),
                "status",
                status));
  }

  private PeerMeters peerMeters(String peer) {
    return new PeerMeters(
        counter("homespan_spans_forwarded", "Spans confirmed by a peer", "peer", peer),
        Timer.builder("homespan_forward")
            .description("Calls to a peer, well or not")
            .tag("peer", peer)
            .serviceLevelObjectives(FORWARD_BUCKETS)
            .register(registry),
        new BoundedMeters<>(
            MAX_STATUSES,
            outcome ->
                counter(
                    "homespan_forward_calls",
                    "Calls to a peer by how they ended",
                    "peer",
                    peer,
                    "outcome",
                    outcome)),
        openCircuits(peer));
  }

  /** Of one peer 0 or 1; of those that share a series their number. */
  private AtomicInteger openCircuits(String peer) {
    AtomicInteger open = new AtomicInteger();
    gauge(
        "homespan_peer_circuit_open",
        "1 while calls to a peer fail and its stand-ins take over",
        open::get,
        "peer",
        peer);
    return open;
  }

  private <E extends Enum<E>> Map<E, Counter> counters(
      Class<E> type, String name, String help, String tag) {
    return each(type, value -> counter(name, help, tag, label(value)));
  }

  private Counter counter(String name, String help, String... tags) {
    return Counter.builder(name).description(help).tags(tags).register(registry);
  }

  private static <E extends Enum<E>, M> Map<E, M> each(Class<E> type, Function<E, M> register) {
    Map<E, M> meters = new EnumMap<>(type);
    for (E value : type.getEnumConstants()) meters.put(value, register.apply(value));
    return meters;
  }

  private static String label(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  /** All values are there since {@link #each}. */
  private static <E extends Enum<E>, M> M of(Map<E, M> meters, E value) {
    return Objects.requireNonNull(meters.get(value));
  }

  private static long sum(Map<?, Counter> counters) {
    return counters.values().stream().mapToLong(counter -> (long) counter.count()).sum();
  }
}
