package io.homespan.discovery;

import io.homespan.FreePort;
import io.homespan.bus.Membership;
import io.homespan.bus.Phase;
import io.homespan.bus.Topic;
import io.homespan.bus.Topics;
import io.homespan.config.Config;
import io.homespan.config.Config.Endpoint;
import io.homespan.mesh.OwnerTable;
import io.homespan.metrics.MicrometerMetrics;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.dns.AddressResolverOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.json.JsonObject;
import io.vertx.grpc.common.GrpcMessageDecoder;
import io.vertx.grpc.common.GrpcMessageEncoder;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.common.ServiceMethod;
import io.vertx.grpc.common.ServiceName;
import io.vertx.grpc.server.GrpcServer;
import io.vertx.grpc.server.GrpcServerRequest;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A node of which only discovery and the identity exchange exist, with a Vert.x of its own. Its
 * port is open from the start; {@link #discover} brings it to life.
 */
final class TestNode implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  final Vertx vertx;
  final MicrometerMetrics metrics = new MicrometerMetrics();
  private final List<Membership> heard = new ArrayList<>();
  private final HttpServer server;
  private @Nullable String deployment;

  private volatile CountDownLatch missed = new CountDownLatch(0);

  // what the configuration says
  String cluster = "homespan";
  List<String> modes = List.of("static");
  List<Endpoint> endpoints = List.of();
  List<String> domains = List.of();
  List<String> services = List.of();
  List<Endpoint> dnsServers = List.of();
  @Nullable Endpoint advertise;
  Config.@Nullable Udp udp;
  Config.@Nullable ZooKeeper zookeeper;
  Config.@Nullable Kubernetes kubernetes;
  int clientPort;
  List<InetAddress> interfaces = List.of();
  String file = "";
  int removalMisses = 1;
  Map<String, JsonObject> ownSettings = Map.of();
  Map<String, PeerProviderFactory> own = Map.of();
  Duration interval = Duration.ofMillis(300);
  Duration timeout = Duration.ofSeconds(1);
  Duration lookUpTimeout = Duration.ofMillis(300);
  Duration queryTimeout = Duration.ofMillis(500);

  TestNode() {
    this(FreePort.any()); // so that it stays free while the node has fallen
  }

  TestNode(int port, String... hosts) {
    String file = "127.0.0.1 localhost\n" + String.join("\n", hosts) + "\n";
    vertx =
        Vertx.vertx(
            new VertxOptions()
                .setAddressResolverOptions(
                    new AddressResolverOptions().setHostsValue(Buffer.buffer(file))));
    Topic.register(vertx);
    GrpcServer grpc = GrpcServer.server(vertx);
    grpc.callHandler(
        ServiceMethod.server(
            ServiceName.create("homespan.v1", "Identity"),
            "Exchange",
            GrpcMessageEncoder.IDENTITY,
            GrpcMessageDecoder.IDENTITY),
        this::exchange);
    server = await(vertx.createHttpServer().requestHandler(grpc).listen(port, "127.0.0.1"));
    Topics.PEERS_CURRENT.hear(vertx, this::hear);
    clientPort = port();
  }

  int port() {
    return server.actualPort();
  }

  /** Where this node listens. */
  Endpoint endpoint() {
    return new Endpoint("127.0.0.1", port());
  }

  String text() {
    return endpoint().toString();
  }

  TestNode listing(Endpoint... endpoints) {
    this.endpoints = List.of(endpoints);
    return this;
  }

  TestNode advertising(String host, int port) {
    advertise = new Endpoint(host, port);
    return this;
  }

  /** Starts discovery. */
  TestNode discover() {
    DiscoveryVerticle verticle =
        new DiscoveryVerticle(
            config(), "1.2.3", metrics, new Random(), port(), OwnerTable.EMPTY, interfaces, own);
    deployment = await(vertx.deployVerticle(verticle));
    return this;
  }

  Config config() {
    Config.Admission admission = new Config.Admission(100, 1 << 20, 1000);
    Duration second = Duration.ofSeconds(1);
    return new Config(
        cluster,
        "",
        Config.Role.NODE,
        Config.Routing.TRACE_ID,
        second,
        second,
        new Config.Ingest("127.0.0.1", 0, second, Duration.ZERO, 1 << 20, admission),
        new Config.PeerForwarder(
            modes,
            endpoints,
            domains,
            advertise,
            second,
            second,
            48,
            Duration.ofMillis(10),
            4,
            1 << 20,
            new Config.Server("0.0.0.0", 0, admission),
            clientPort,
            1),
        new Config.Discovery(
            interval,
            timeout,
            200,
            removalMisses,
            Duration.ofMillis(700),
            lookUpTimeout,
            file,
            new Config.Dns(dnsServers, Duration.ofMillis(50), second, queryTimeout),
            services,
            udp,
            zookeeper,
            kubernetes,
            ownSettings),
        List.of(new Config.LogSink()),
        Config.Journal.UNUSED,
        new Config.Repeats(second, 1),
        Config.Heartbeat.OFF,
        new Config.Admin("127.0.0.1", 0));
  }

  private void exchange(GrpcServerRequest<Buffer, Buffer> request) {
    request.handler(
        message ->
            asked(message)
                .onSuccess(reply -> answer(request, reply.toBuffer()))
                .onFailure(cause -> answer(request, null)));
  }

  private Future<JsonObject> asked(Buffer message) {
    JsonObject hello = new JsonObject(message);
    CountDownLatch toMiss = missed;
    if (hello.getBoolean("leaving", false) && toMiss.getCount() > 0) {
      toMiss.countDown();
      return Future.failedFuture("it was not heard");
    }
    return Topics.IDENTITY_EXCHANGE.ask(vertx, hello, 1000);
  }

  private static void answer(GrpcServerRequest<Buffer, Buffer> request, @Nullable Buffer reply) {
    try {
      if (reply != null) request.response().end(reply);
      else request.response().status(GrpcStatus.UNAVAILABLE).end();
    } catch (IllegalStateException e) {
      return; // the caller has gone
    }
  }

  private synchronized void hear(Membership membership) {
    heard.add(membership);
    notifyAll();
  }

  /** Every membership so far. */
  synchronized List<Membership> heard() {
    return List.copyOf(heard);
  }

  /** The last membership, as soon as it is as expected. */
  synchronized Membership await(String what, Predicate<Membership> expected)
      throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (heard.isEmpty() || !expected.test(heard.get(heard.size() - 1))) {
      long left = end - System.nanoTime();
      if (left <= 0) {
        throw new AssertionError(
            "never: "
                + what
                + "; last: "
                + (heard.isEmpty() ? "" : show(heard.get(heard.size() - 1))));
      }
      TimeUnit.NANOSECONDS.timedWait(this, left);
    }
    return heard.get(heard.size() - 1);
  }

  /** Waits until the node is ready with exactly these peers. */
  Membership awaitPeers(String... ids) throws InterruptedException {
    List<String> sorted = List.of(ids).stream().sorted().toList();
    return await("peers " + sorted, m -> m.ready() && m.peers().ids().equals(sorted));
  }

  private static String show(Membership m) {
    return m.selfId() + " ready=" + m.ready() + " " + m.peers() + m.members() + m.problems();
  }

  void leave() {
    Topics.NODE_PHASE.publish(vertx, Phase.LEAVING);
  }

  /** Ends discovery, in good order; the port stays open. */
  void undeploy() {
    if (deployment != null) await(vertx.undeploy(deployment));
    deployment = null;
  }

  /** Does not hear it, so many times, when somebody says that it is leaving; counted down. */
  CountDownLatch missFarewells(int times) {
    CountDownLatch toMiss = new CountDownLatch(times);
    missed = toMiss;
    return toMiss;
  }

  /** Is reached no more; nobody is told. */
  TestNode fall() {
    await(server.close());
    return this;
  }

  @Override
  public void close() {
    await(vertx.close());
  }

  static <T> T await(Future<T> future) {
    try {
      return future.await(60, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError(e);
    }
  }
}
