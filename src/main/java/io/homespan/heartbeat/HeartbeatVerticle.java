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
import io.homespan.heartbeat.Target.Tongue;
import io.homespan.mesh.Peer;
import io.homespan.mesh.PeerSet;
import io.homespan.metrics.Metrics;
import io.homespan.rpc.Cover;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
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

  /** All who ask within so long are told the same. */
  private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** So many windows are kept for who asks; there are three. */
  private static final int MOST_WINDOWS = 8;

  private static final String FULL =
      MOST_WINDOWS
          + " windows are asked for at this moment: ask for one of 60, 600 and 3600, or come again in"
          + " a second.";

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
  private final Map<Duration, Told> told = new HashMap<>();

  private @Nullable Pinger pinger;
  private @Nullable Rows rows;
  private Place self;
  private @Nullable Membership last;
  private boolean sourceLost;
  private Map<String, Target> targets = Map.of();
  private List<Target> peers = List.of();
  private List<Target> agents = List.of();
  private long generation;
  private long sequence;
  private boolean stopped;

  private record Told(long at, Future<MeshText> all) {}

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
    this.self = new Place("", config.zone());
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
    Topics.PEERS_CURRENT.hear(node, now -> context.runOnContext(go -> membership(now)));
    Topics.PROVIDERS_CURRENT.hear(node, now -> context.runOnContext(go -> providers(now)));
    Topics.AGENTS_CURRENT.hear(node, now -> context.runOnContext(go -> agents(now)));
    Topics.MESH_ROW.answer(node, question -> here(() -> row(window(question))));
    Topics.MESH_ALL.answer(node, question -> here(() -> all(window(question))));
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
    boolean lost = Census.isSourceLost(now);
    if (lost == sourceLost) return;
    sourceLost = lost;
    if (lost) LOG.warn("{}", Census.SOURCE_LOST);
    else LOG.info("where peers are looked up is known again: all are measured");
    if (last != null) membership(last);
  }

  private void membership(Membership now) {
    last = now;
    generation = now.generation();
    Map<String, String> zones = new HashMap<>();
    Set<String> foreign = new HashSet<>();
    for (Membership.Member one : now.members()) {
      zones.put(one.id(), one.facts().zone());
      if (one.state().equals("foreign")) foreign.add(one.id());
    }
    List<Target> all = new ArrayList<>();
    for (Peer peer : now.peers().peers()) {
      String zone =
          peer.id().equals(now.selfId()) ? config.zone() : zones.getOrDefault(peer.id(), "");
      // what agents find and is no node should be an agent; what nodes find, a receiver of spans
      boolean agent = config.role() == Config.Role.AGENT && foreign.contains(peer.id());
      all.add(
          new Target(
              new Place(peer.id(), zone),
              peer.host(),
              peer.port(),
              tls == null ? peer.host() : tls.nameOf(peer.id()),
              agent ? Tongue.AGENT : Tongue.NODE));
    }
    self = new Place(now.selfId(), config.zone());
    peers = all;
    measure();
  }

  private void agents(Agents now) {
    List<Target> all = new ArrayList<>();
    for (Agents.Agent one : now.all()) {
      all.add(
          new Target(
              new Place(one.id(), ""), // they tell of no zone
              one.host(),
              one.port(),
              tls == null ? one.host() : tls.nameOf(one.id()),
              one.homespan() ? Tongue.HOMESPAN_AGENT : Tongue.AGENT));
    }
    agents = all;
    measure();
  }

  /** Peers first: who is found as both is measured as a peer. */
  private void measure() {
    Map<String, Target> all = new TreeMap<>(PeerSet.BYTEWISE);
    Set<String> addresses = new HashSet<>();
    for (Target one : peers) {
      all.put(one.place().id(), one);
      addresses.add(one.address());
    }
    for (Target one : agents) {
      if (addresses.add(one.address())) all.putIfAbsent(one.place().id(), one);
    }
    targets = all;
    Set<String> measured = last == null ? Set.of() : Census.measured(last, sourceLost);
    Set<Target> apart = new HashSet<>(agents);
    List<Place> places = new ArrayList<>();
    for (Target one : all.values()) {
      boolean agent = apart.contains(one) && !sourceLost; // who tells of them is lost as well
      if (agent || measured.contains(one.place().id())) places.add(one.place());
    }
    if (!places.contains(self)) places.add(self); // a gateway measures, and nobody measures it
    boolean alone = all.values().stream().anyMatch(one -> !one.tongue().isHomespan());
    rota.members(places, self, alone);
    cells.retain(all.keySet());
    Objects.requireNonNull(pinger).retain(new HashSet<>(all.values()));
  }

  private void tick() {
    if (stopped) return;
    try {
      for (Rota.Due due : rota.take(System.nanoTime())) new Visit(due.to()).begin(0);
      long window = rota.window().toNanos();
      gauges.now(cells, self.id(), this::zoneOf, System.nanoTime(), window, staleAfterNanos());
    } finally { // whatever broke off, the mesh goes on
      long wait = rota.nextAt() - System.nanoTime();
      vertx.setTimer(1 + Math.max(0, wait - TICK_NANOS) / TICK_NANOS, id -> tick());
    }
  }

  private String zoneOf(String peer) {
    Target target = targets.get(peer);
    return target == null ? "" : target.place().zone();
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
        self,
        to.place(),
        ownAddress(),
        to.address(),
        probe,
        number,
        at,
        found.connectNanos(),
        found.roundTripNanos(),
        found.outcome(),
        found.synRetransmits(),
        found.bytes(),
        generation);
  }

  private String ownAddress() {
    Target own = targets.get(self.id());
    return own == null ? self.id() : own.address();
  }

  private void took(Measurement what) {
    if (stopped || !targets.containsKey(what.to().id())) return; // gone meanwhile
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
    List<String> others = new ArrayList<>(targets.keySet());
    others.remove(self.id());
    return new Row(self, cells.row(others, System.nanoTime(), window.toNanos(), staleAfterNanos()));
  }

  private Future<Buffer> row(Duration window) {
    return Future.succeededFuture(own(window).toBuffer());
  }

  private Future<MeshText> all(Duration window) {
    long now = System.nanoTime();
    Told before = told.get(window);
    if (before != null && now - before.at() < FRESH_NANOS) return before.all();
    if (told.size() >= MOST_WINDOWS) {
      return Future.failedFuture(
          new ReplyException(ReplyFailure.RECIPIENT_FAILURE, MeshQuestion.FULL, FULL));
    }
    Told made = new Told(now, gather(window));
    told.put(window, made);
    // megabytes at 200 nodes: nobody keeps it for longer than it is told
    vertx.setTimer(1 + TimeUnit.NANOSECONDS.toMillis(FRESH_NANOS), id -> told.remove(window, made));
    return made.all();
  }

  private Future<MeshText> gather(Duration window) {
    List<Target> others = new ArrayList<>(targets.values());
    others.removeIf(one -> one.place().equals(self));
    List<Place> members = new ArrayList<>();
    for (Target one : targets.values()) members.add(one.place());
    if (!targets.containsKey(self.id())) members.add(self);
    List<String> ids = members.stream().map(Place::id).toList();
    return Objects.requireNonNull(rows)
        .of(others, ids, window)
        .compose(
            found -> {
              Map<String, Row> all = new HashMap<>(found.rows());
              all.put(self.id(), own(window));
              Matrix matrix = new Matrix(members, all, found.mute(), apartMillis());
              Row baseline = baseline(window);
              List<String> first = new ArrayList<>();
              if (sourceLost) first.add(self.id() + ": " + Census.SOURCE_LOST + ".");
              else if (others.isEmpty() && !isAlone()) first.add(self.id() + NOBODY);
              JsonObject more =
                  new JsonObject()
                      .put("self", self.id())
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
    return new Row(
        self,
        cells.row(List.of(self.id()), System.nanoTime(), window.toNanos(), staleAfterNanos()));
  }
}
