package io.homespan;

import io.homespan.admin.AdminVerticle;
import io.homespan.bus.Fates;
import io.homespan.bus.Forward;
import io.homespan.bus.Phase;
import io.homespan.bus.Topic;
import io.homespan.bus.Topics;
import io.homespan.config.Config;
import io.homespan.discovery.DiscoveryVerticle;
import io.homespan.egress.Arrivals;
import io.homespan.egress.Circuits;
import io.homespan.egress.EgressVerticle;
import io.homespan.guard.Keyring;
import io.homespan.heartbeat.HeartbeatVerticle;
import io.homespan.ingest.Gates;
import io.homespan.ingest.IngestVerticle;
import io.homespan.ingest.PeerVerticle;
import io.homespan.journal.JournalVerticle;
import io.homespan.mesh.OwnerTable;
import io.homespan.mesh.Peer;
import io.homespan.mesh.PeerSet;
import io.homespan.metrics.Books;
import io.homespan.metrics.MicrometerMetrics;
import io.homespan.otlp.RoutingKey;
import io.homespan.report.Reporters;
import io.homespan.sink.SinkVerticle;
import io.vertx.core.Deployable;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One node on one Vert.x of its own: deploys the verticles, who tells of peers last, and undeploys
 * them in the order of the data. Methods may be called from any thread.
 */
final class Node {
  private static final Logger LOG = LoggerFactory.getLogger(Node.class);

  private final Vertx vertx;
  private final Config config;
  private final int instances;
  private final MicrometerMetrics metrics;
  private final SplittableRandom seeds = new SplittableRandom();
  private final NavigableMap<Step, String> deployed = new ConcurrentSkipListMap<>();
  private final Keyring keyring;
  private final AdminVerticle admin;
  private final AtomicLong backlog = new AtomicLong();
  private final Circuits circuits;
  private final Arrivals arrivals;
  private final List<DataPath> paths; // none of an agent
  private final @Nullable PeerVerticle agentPort;
  private volatile @Nullable Vertx heartbeat;

  /** What is deployed, in the order in which it is undeployed. */
  private enum Step {
    DISCOVERY,
    JOURNAL,
    DATA,
    SINK,
    ADMIN
  }

  /**
   * Starts nothing yet, but reads the files of certificates, keys and tokens: not for an event
   * loop.
   *
   * @param vertx for this node alone: verticles find one another by addresses on its event bus
   * @param instances of the verticles on the data path; one for each core is right
   */
  Node(Vertx vertx, Config config, int instances) {
    this(vertx, config, instances, new MicrometerMetrics());
  }

  /** The same, with metrics that were made meanwhile; the node closes them. */
  Node(Vertx vertx, Config config, int instances, MicrometerMetrics metrics) {
    this.vertx = vertx;
    this.config = config;
    this.instances = instances;
    this.metrics = metrics;
    this.keyring = Keyring.open(config, metrics);
    RoutingKey routing = new RoutingKey(config.routing().attributes());
    this.admin = new AdminVerticle(config.admin(), routing, metrics, keyring);
    this.circuits = new Circuits(metrics);
    this.arrivals = new Arrivals(config.repeats(), metrics);
    Gates gates = new Gates(config, metrics, keyring);
    this.agentPort = agent() ? peerPort(gates) : null;
    this.paths =
        agent()
            ? List.of()
            : IntStream.range(0, instances).mapToObj(number -> path(number, gates)).toList();
  }

  /** Completes when all ports are open; whether there are peers, {@code /ready} tells. */
  Future<Void> start() {
    Topic.register(vertx);
    keyring.watch(vertx);
    metrics.gauge(
        "homespan_forward_backlog_bytes",
        "Bytes of parts that are on their way to peers",
        backlog::get);
    List<SinkVerticle> sink =
        config.role() != Config.Role.NODE
            ? List.of()
            : List.of(
                new SinkVerticle(config, metrics, System::nanoTime, seeds.split(), keyring::sink));
    List<JournalVerticle> journal =
        config.journal().used() && !agent()
            ? List.of(
                new JournalVerticle(
                    config, metrics, System::nanoTime, System::currentTimeMillis, seeds.split()))
            : List.of();
    // side by side, as most of a start is loading classes; who tells of peers comes last, since who
    // hears of them must be there
    Future<OwnerTable> guess = vertx.executeBlocking(this::guess);
    return Future.join(
            List.of(
                guess,
                deploy(Step.ADMIN, List.of(admin)),
                deploy(Step.SINK, sink),
                deploy(Step.JOURNAL, journal),
                deploy(Step.DATA, agentPort == null ? paths : List.of(agentPort))))
        .compose(go -> startHeartbeat())
        .compose(
            go ->
                vertx.executeBlocking(
                    () ->
                        new DiscoveryVerticle(
                            config,
                            Version.text(),
                            metrics,
                            seeds.split(),
                            gateway() ? ingestPort() : peerPort(),
                            guess.result(),
                            keyring.peers())))
        .compose(discovery -> deploy(Step.DISCOVERY, List.of(discovery)))
        .onSuccess(
            done ->
                LOG.info(
                    "{} is up ingest={} peer={} admin={}:{} instances={}",
                    config.role().name().toLowerCase(Locale.ROOT),
                    agent() ? "none" : config.ingest().host() + ":" + ingestPort(),
                    gateway() ? "none" : config.peerForwarder().server().host() + ":" + peerPort(),
                    config.admin().host(),
                    adminPort(),
                    instances))
        .recover(
            cause ->
                stopHeartbeat()
                    .transform(closed -> undeployAll())
                    .transform(closed -> Future.failedFuture(cause)));
  }

  /**
   * Leaves the tier: out of balancers and tables first, then, after {@code drain_delay}, no new
   * requests, and at last everything undeployed. Never fails; what did not stop well is logged. The
   * Vert.x is left for its owner to close, from a thread that is not its own: a future of an event
   * loop that ends never completes.
   */
  Future<Void> stop() {
    LOG.info("leaving drain_delay={}", config.drainDelay().toMillis() / 1000.0);
    Topics.NODE_PHASE.publish(vertx, Phase.LEAVING);
    return pause(config.drainDelay())
        .compose(
            go -> {
              Topics.NODE_PHASE.publish(vertx, Phase.CLOSING);
              return stopHeartbeat();
            })
        .otherwiseEmpty()
        .compose(go -> undeployAll())
        .onSuccess(done -> LOG.info("node is down"));
  }

  /** 0: an agent has none. */
  int ingestPort() {
    return agent() ? 0 : paths.get(0).ingest.port();
  }

  /** 0: a gateway has none. */
  int peerPort() {
    PeerVerticle peer = agentPort == null ? paths.get(0).peer : agentPort;
    return peer == null ? 0 : peer.port();
  }

  private boolean gateway() {
    return config.role() == Config.Role.GATEWAY;
  }

  private boolean agent() {
    return config.role() == Config.Role.AGENT;
  }

  private PeerVerticle peerPort(Gates gates) {
    return new PeerVerticle(config, metrics, gates, System::nanoTime, seeds.split());
  }

  int adminPort() {
    return admin.port();
  }

  Books books() {
    return metrics.books();
  }

  private Future<Void> pause(Duration time) {
    if (time.isZero()) return Future.succeededFuture();
    Promise<Void> over = Promise.promise();
    vertx.setTimer(Math.max(1, time.toMillis()), id -> over.complete());
    return over.future();
  }

  /** The table as it will most likely be: of the listed addresses, if they are told as peer ids. */
  private OwnerTable guess() {
    return OwnerTable.of(
        PeerSet.of(
            config.peerForwarder().staticEndpoints().stream()
                .limit(config.discovery().maxPeers())
                .map(one -> new Peer(one.toString(), one.host(), one.port()))
                .distinct()
                .toList()));
  }

  private DataPath path(int number, Gates gates) {
    Topic<Forward, Fates> forward = Topics.SPANS_FORWARD.lane(number);
    return new DataPath(
        new IngestVerticle(config, metrics, gates, forward, System::nanoTime, seeds.split()),
        gateway() ? null : peerPort(gates),
        new EgressVerticle(
            config,
            metrics,
            forward,
            System::nanoTime,
            seeds.split(),
            instances,
            backlog,
            circuits,
            arrivals,
            keyring.peers()));
  }

  /**
   * On an event loop that it shares with nobody: what it measures is the network, not this node.
   */
  private Future<Void> startHeartbeat() {
    if (!config.heartbeat().enabled()) return Future.succeededFuture();
    Vertx own =
        Vertx.vertx(
            new VertxOptions()
                .setPreferNativeTransport(true)
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(1));
    heartbeat = own;
    return own.deployVerticle(
            new HeartbeatVerticle(
                vertx,
                config,
                metrics,
                seeds.split(),
                keyring.peers(),
                Reporters.start(own, config, metrics, keyring.reports())))
        .mapEmpty();
  }

  /** First of all, since what it measures from now on is a node that leaves. */
  Future<Void> stopHeartbeat() {
    Vertx own = heartbeat;
    heartbeat = null;
    return own == null ? Future.succeededFuture() : own.close();
  }

  private Future<Void> deploy(Step step, List<? extends Deployable> all) {
    if (all.isEmpty()) return Future.succeededFuture();
    Iterator<? extends Deployable> next = all.iterator();
    return vertx
        .deployVerticle(next::next, new DeploymentOptions().setInstances(all.size()))
        .onSuccess(id -> deployed.put(step, id))
        .mapEmpty();
  }

  /** One step after the other, so that who hands over is gone before who takes. */
  private Future<Void> undeployAll() {
    Map.Entry<Step, String> next = deployed.pollFirstEntry();
    if (next == null) {
      metrics.close();
      return Future.succeededFuture();
    }
    return vertx
        .undeploy(next.getValue())
        .onFailure(cause -> LOG.warn("a verticle did not stop well", cause))
        .otherwiseEmpty()
        .compose(go -> undeployAll());
  }
}
