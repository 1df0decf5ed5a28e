package io.homespan.heartbeat;

import io.homespan.bus.Agents;
import io.homespan.bus.Findings;
import io.homespan.bus.Membership;
import io.homespan.bus.MeshQuestion;
import io.homespan.bus.MeshText;
import io.homespan.bus.Topics;
import io.homespan.config.Config;
import io.homespan.guard.LiveTls;
import io.homespan.heartbeat.Measurement.Place;
import io.homespan.metrics.Metrics;
import io.homespan.rpc.Cover;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Measures the way to every other node, and answers for what was measured. It is deployed on a
 * Vert.x of its own with one event loop, since what shares a loop with the data path measures that;
 * the node's Vert.x is only its bus.
 */
public final class HeartbeatVerticle extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(HeartbeatVerticle.class);

  /** A timer that is late is not made up for; this much earlier or later is all the same. */
  private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  /** For what each reporter still has when the node stops. */
  private static final Duration LAST_REPORTS = Duration.ofSeconds(1);

  /** For the rows of all peers together. */
  private static final Duration ROWS_LIMIT = Duration.ofSeconds(2);

  private static final String NOBODY =
      " knows no other node, so there is nothing to measure: /ready and /api/peers say why.";

  private static final Probe[] KINDS = Probe.values();

  private final Vertx node;
  private final Config config;
  private final Config.Heartbeat heartbeat;
  private final Metrics metrics;
  private final RandomGenerator random;
  private final @Nullable LiveTls tls;
  private final List<Reporter> reporters;
  private final Rota rota;
  private final Cells cells = new Cells();
  private final MeshGauges gauges;
  private final Targets targets;

  private @Nullable Pinger pinger;
  private @Nullable Rows rows;
  private long sequence;
  private boolean stopped;

  /**
   * Made by the root.
   *
   * @param node whose bus it hears and answers on
   * @param random spreads probes in time; used on this verticle's event loop only
   * @param tls of calls to peers; null: in the clear
   * @param reporters are told each result, and closed with this verticle
   */
  public HeartbeatVerticle(
      Vertx node,
      Config config,
      Metrics metrics,
      RandomGenerator random,
      @Nullable LiveTls tls,
      List<Reporter> reporters) {
    this.node = node;
    this.config = config;
    this.heartbeat = config.heartbeat();
    this.metrics = metrics;
    this.random = random;
    this.tls = tls;
    this.reporters = List.copyOf(reporters);
    this.rota = new Rota(heartbeat.interval(), heartbeat.maxProbesPerSecond(), random);
    this.gauges = new MeshGauges(metrics, config.zone(), heartbeat.maxMetricPeers());
    this.targets = new Targets(config.zone(), config.role(), tls == null ? null : tls::nameOf);
  }

  @Override
  public Future<?> start() {
    Cover cover = tls == null ? null : tls.client();
    pinger =
        new Pinger(
            vertx,
            heartbeat,
            SynSignature.ofKernel(
                System.getProperty("os.name", ""), System.getProperty("os.version", "")),
            random,
            cover);
    rows = new Rows(vertx, config.peerForwarder().connectTimeout(), ROWS_LIMIT, cover);
    Matrices matrices = new Matrices(vertx, this::gather);
    Topics.PEERS_CURRENT.hear(node, now -> context.runOnContext(go -> membership(now)));
    Topics.PROVIDERS_CURRENT.hear(node, now -> context.runOnContext(go -> providers(now)));
    Topics.AGENTS_CURRENT.hear(node, now -> context.runOnContext(go -> agents(now)));
    Topics.MESH_ROW.answer(node, question -> here(() -> row(window(question))));
    Topics.MESH_ALL.answer(node, question -> here(() -> matrices.of(window(question))));
    metrics.gauge(
        "homespan_heartbeat_bytes", "Heap of the results of probes, about", gauges::bytes);
    lostSyns(0);
    tick();
    LOG.info(
        "heartbeat interval={} probes/s at most {}",
        heartbeat.interval().toMillis() / 1000.0,
        heartbeat.maxProbesPerSecond());
    return Future.succeededFuture();
  }

  @Override
  public Future<?> stop() {
    stopped = true;
    return Future.join(
        Objects.requireNonNull(pinger).close(),
        Objects.requireNonNull(rows).close(),
        vertx.executeBlocking(this::closeReporters));
  }

  /** One that nobody takes anything from costs the others nothing but time. */
  private @Nullable Void closeReporters() {
    for (Reporter one : reporters) one.close(LAST_REPORTS);
    return null;
  }

  private interface Answer<T> {
    Future<T> give();
  }

  /** From a thread of the node's to this event loop. */
  private <T> Future<T> here(Answer<T> answer) {
    Promise<T> promise = Promise.promise();
    context.runOnContext(go -> answer.give().onComplete(promise));
    return promise.future();
  }

  private void providers(Findings now) {
    if (!targets.findings(now)) return;
    if (targets.isSourceLost()) LOG.warn("{}", Targets.SOURCE_LOST);
    else LOG.info("where peers are looked up is known again: all are measured");
    measure();
  }

  private void membership(Membership now) {
    targets.members(now);
    measure();
  }

  private void agents(Agents now) {
    targets.agents(now);
    measure();
  }

  private void measure() {
    rota.members(targets.measured(), targets.self(), targets.areSomeMute());
    cells.retain(targets.ids());
    Objects.requireNonNull(pinger).retain(new HashSet<>(targets.all()));
  }

  private void tick() {
    if (stopped) return;
    try {
      for (Rota.Due due : rota.take(System.nanoTime())) new Visit(due.to()).begin(0);
      long window = rota.window().toNanos();
      String self = targets.self().id();
      gauges.now(cells, self, targets::zoneOf, System.nanoTime(), window, staleAfterNanos());
    } finally { // whatever broke off, the mesh goes on
      long wait = rota.nextAt() - System.nanoTime();
      vertx.setTimer(1 + Math.max(0, wait - TICK_NANOS) / TICK_NANOS, id -> tick());
    }
  }

  /**
   * One probe of each kind, one after the other: the first wakes both ends, and the others find
   * them awake, which costs less. Who does not answer soon holds up none.
   */
  private final class Visit {
    private final Place peer;
    private int begun;
    private int open;
    private boolean failed;

    Visit(Place peer) {
      this.peer = peer;
    }

    /** This probe may begin, if it has not. */
    void begin(int number) {
      Target to = targets.get(peer.id());
      if (number != begun || number == KINDS.length || stopped || to == null) return;
      begun++;
      open++;
      Probe probe = KINDS[number];
      long at = System.currentTimeMillis();
      long known = ++sequence;
      long patience = vertx.setTimer(Rota.PATIENCE.toMillis(), id -> begin(number + 1));
      Objects.requireNonNull(pinger)
          .probe(to, probe)
          .onSuccess(
              found -> {
                vertx.cancelTimer(patience);
                open--;
                failed |= found.able() && found.outcome() != Outcome.OK;
                if (found.able()) took(measurement(to, probe, known, at, found));
                begin(number + 1);
                if (begun == KINDS.length && open == 0) rota.visited(peer, failed);
              });
    }
  }

  private Measurement measurement(
      Target to, Probe probe, long number, long at, Pinger.Found found) {
    return new Measurement(
        targets.self(),
        to.place(),
        targets.ownAddress(),
        to.address(),
        probe,
        number,
        at,
        found.connectNanos(),
        found.roundTripNanos(),
        found.outcome(),
        found.synRetransmits(),
        found.bytes(),
        targets.generation());
  }

  private void took(Measurement what) {
    if (stopped || targets.get(what.to().id()) == null) return; // gone meanwhile
    boolean warm = cells.add(what, System.nanoTime(), rota.warmUp());
    if (!what.isBaseline()) count(what);
    if (!warm) return;
    for (Reporter one : reporters) one.report(what);
  }

  private void count(Measurement what) {
    metrics.count(
        "homespan_heartbeat_probes",
        "Probes of peers, by how they ended",
        "probe",
        what.probe().word(),
        "outcome",
        what.outcome().word());
    if (what.synRetransmits() > 0) lostSyns(what.synRetransmits());
  }

  private void lostSyns(int more) {
    metrics.count(
        "homespan_heartbeat_syn_retransmits",
        "SYNs that were lost, or their answers, by the time that connects took",
        more);
  }

  private long staleAfterNanos() {
    return 3 * rota.rounds() * roundNanos() + limitsNanos();
  }

  private long apartMillis() {
    return TimeUnit.NANOSECONDS.toMillis(2 * roundNanos() + limitsNanos());
  }

  private long roundNanos() {
    return Math.max(heartbeat.interval().toNanos(), Rota.FLOOR.toNanos());
  }

  private long limitsNanos() {
    return heartbeat.timeOut().toNanos() + heartbeat.connectTimeout().toNanos();
  }

  private Duration window(MeshQuestion asked) {
    return asked.window().isZero() ? rota.window() : asked.window();
  }

  private Row own(Duration window) {
    List<String> others = new ArrayList<>(targets.ids());
    others.remove(targets.self().id());
    return row(others, window);
  }

  private Future<Buffer> row(Duration window) {
    return Future.succeededFuture(own(window).toBuffer());
  }

  private Future<MeshText> gather(Duration window) {
    List<Target> others = targets.others();
    List<Place> members = targets.members();
    List<String> ids = members.stream().map(Place::id).toList();
    return Objects.requireNonNull(rows)
        .of(others, ids, window)
        .compose(
            found -> {
              String self = targets.self().id();
              Map<String, Row> all = new HashMap<>(found.rows());
              all.put(self, own(window));
              Matrix matrix = new Matrix(members, all, found.mute(), apartMillis());
              Row baseline = baseline(window);
              List<String> first = new ArrayList<>();
              if (targets.isSourceLost()) first.add(self + ": " + Targets.SOURCE_LOST + ".");
              else if (others.isEmpty() && !isAlone()) first.add(self + NOBODY);
              JsonObject more =
                  new JsonObject()
                      .put("self", self)
                      .put("window_seconds", window.toSeconds())
                      .put("interval_seconds", heartbeat.interval().toMillis() / 1000.0);
              // forty thousand pairs at 200 nodes: not on the loop that measures
              return vertx.executeBlocking(
                  () -> new MatrixText(matrix, first, more, baseline), false);
            });
  }

  /** Meant to have nobody. */
  private boolean isAlone() {
    return config.peerForwarder().discoveryModes().equals(List.of("self"));
  }

  /** This node to itself: what a probe takes where there is no network. */
  private Row baseline(Duration window) {
    return row(List.of(targets.self().id()), window);
  }

  private Row row(List<String> peers, Duration window) {
    return new Row(
        targets.self(), cells.row(peers, System.nanoTime(), window.toNanos(), staleAfterNanos()));
  }
}
