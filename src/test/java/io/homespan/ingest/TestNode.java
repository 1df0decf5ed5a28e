package io.homespan.ingest;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.homespan.bus.Membership;
import io.homespan.bus.Phase;
import io.homespan.bus.Topic;
import io.homespan.bus.Topics;
import io.homespan.config.Config;
import io.homespan.config.ConfigLoader;
import io.homespan.mesh.OwnerTable;
import io.homespan.mesh.Peer;
import io.homespan.mesh.PeerSet;
import io.homespan.metrics.MicrometerMetrics;
import io.homespan.otlp.Cutter;
import io.homespan.otlp.MalformedException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Both ports of a node, really open, over a {@link ScriptedSink}; a new one for each test. It is
 * ready and has one neighbour. In the end its books must balance and nothing be admitted any more.
 */
final class TestNode implements BeforeEachCallback, AfterEachCallback {
  /** A busy machine makes no test fail. */
  static final int PATIENCE_SECONDS = 60;

  /** For a request that is to be answered before. */
  static final Duration LONG = Duration.ofSeconds(PATIENCE_SECONDS);

  static final Peer SELF = new Peer("a:1", "127.0.0.1", 1);
  static final Peer OTHER = new Peer("b:2", "127.0.0.1", 2);

  private static final OwnerTable TABLE = OwnerTable.of(PeerSet.of(List.of(SELF, OTHER)));

  /** One event loop, so that a task after a message on the bus runs after all its listeners. */
  final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));

  final MicrometerMetrics metrics = new MicrometerMetrics();
  final ScriptedSink sink = new ScriptedSink();
  final RawSender raw = new RawSender(vertx);
  final Gates gates;
  private final IngestVerticle ingest;
  private final PeerVerticle peers;

  /** Bounds that no test reaches by accident. */
  TestNode() {
    this(1 << 20, LONG, 100, 16 << 20);
  }

  TestNode(int maxMessageBytes, Duration requestTimeout, int maxRequests, long maxBytes) {
    Config config = config(maxMessageBytes, requestTimeout, maxRequests, maxBytes);
    gates = new Gates(config, metrics);
    ingest =
        new IngestVerticle(
            config, metrics, gates, Topics.SPANS_FORWARD, System::nanoTime, new Random(1));
    peers = new PeerVerticle(config, metrics, gates, System::nanoTime, new Random(2));
  }

  @Override
  public void beforeEach(@Nullable ExtensionContext context) {
    Topic.register(vertx);
    sink.listen(vertx);
    await(vertx.deployVerticle(ingest));
    await(vertx.deployVerticle(peers));
    publish(true, TABLE);
  }

  @Override
  public void afterEach(@Nullable ExtensionContext context) {
    try {
      eventually(() -> gates.senders().requests() == 0 && gates.peers().requests() == 0);
      assertThat(gates.senders().bytes()).isZero();
      assertThat(gates.peers().bytes()).isZero();
      assertThat(metrics.books().balanced()).as("%s", metrics.books()).isTrue();
    } finally {
      await(vertx.close());
      metrics.close();
    }
  }

  int port() {
    return ingest.port();
  }

  int peerPort() {
    return peers.port();
  }

  static String tableHash() {
    return TABLE.hash();
  }

  /** Whether this node owns the trace of a request that has only one. */
  static boolean owns(Buffer request) throws MalformedException {
    Cutter.Cut cut = new Cutter().cut(request, TABLE::owner);
    return TABLE.peer(cut.pieces().get(0).owner()).equals(SELF);
  }

  void publish(boolean ready) {
    publish(ready, ready ? TABLE : OwnerTable.EMPTY);
  }

  private void publish(boolean ready, OwnerTable table) {
    Topics.PEERS_CURRENT.publish(
        vertx, new Membership(1, SELF.id(), ready, table, List.of(), List.of()));
    settle();
  }

  void publish(Phase phase) {
    Topics.NODE_PHASE.publish(vertx, phase);
    settle();
  }

  private void settle() {
    CompletableFuture<Void> done = new CompletableFuture<>();
    vertx.runOnContext(go -> done.complete(null));
    await(Future.fromCompletionStage(done));
  }

  /** How many requests of this protocol were answered so; both as on /metrics. */
  boolean counted(String protocol, String status) {
    return metrics
        .scrape()
        .contains(
            "homespan_requests_total{protocol=\"%s\",status=\"%s\"}".formatted(protocol, status));
  }

  static <T> T await(Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(PATIENCE_SECONDS, SECONDS);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  static void eventually(BooleanSupplier condition) {
    long end = System.nanoTime() + SECONDS.toNanos(PATIENCE_SECONDS);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end)
        throw new AssertionError("it did not come to be in " + PATIENCE_SECONDS + " s");
      Thread.onSpinWait();
    }
  }

  private static Config config(
      int maxMessageBytes, Duration requestTimeout, int maxRequests, long maxBytes) {
    Duration second = Duration.ofSeconds(1);
    Config.Admission admission = new Config.Admission(maxRequests, maxBytes, 1000);
    return new Config(
        "homespan",
        "",
        Config.Role.NODE,
        Config.Routing.TRACE_ID,
        second,
        second,
        new Config.Ingest(
            "127.0.0.1", 0, requestTimeout, Duration.ZERO, maxMessageBytes, admission),
        new Config.PeerForwarder(
            List.of("static"),
            List.of(),
            List.of(),
            null,
            second,
            second,
            48,
            second,
            1,
            1 << 20,
            new Config.Server("127.0.0.1", 0, admission),
            21891,
            1),
        ConfigLoader.defaults(Map.of(), Long.MAX_VALUE).config().discovery(),
        List.of(new Config.LogSink()),
        Config.Journal.UNUSED,
        new Config.Repeats(Duration.ofMinutes(1), 1000),
        Config.Heartbeat.OFF,
        new Config.Admin("127.0.0.1", 0));
  }
}
