package io.homespan;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.homespan.config.Config;
import io.homespan.config.ConfigLoader;
import io.homespan.mesh.OwnerTable;
import io.homespan.mesh.Peer;
import io.homespan.mesh.PeerSet;
import io.homespan.metrics.Books;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A place in a tier: a peer port that stays, and the node that is there, with a Vert.x of its own,
 * until it is stopped or killed.
 */
final class Member {
  /** For an answer, or a connection. */
  static final Duration ANSWER = Duration.ofSeconds(60);

  final Config.Endpoint address;

  /** Variables of the environment without their prefix. */
  final Map<String, String> settings = new TreeMap<>();

  /** What Vert.x's blocked-thread checker has said. */
  final List<String> blocked = new CopyOnWriteArrayList<>();

  /** What nobody caught on this node's event loops. */
  final List<Throwable> faults = new CopyOnWriteArrayList<>();

  private final Path dir;
  private final HttpClient http;
  private final int instances;
  private final List<Path> files = new ArrayList<>(); // a killed one's lock stays in this JVM
  private @Nullable Vertx vertx;
  private @Nullable Node node;
  private int writtenBefore;
  private long started;

  Member(Config.Endpoint address, Path dir, int instances, HttpClient http) {
    this.address = address;
    this.dir = dir;
    this.instances = instances;
    this.http = http;
    newFile();
  }

  private void newFile() {
    String name = address.host() + "-" + address.port() + "-" + files.size() + ".jsonl";
    files.add(dir.resolve(name));
    settings.put("SINK_FILE_PATH", dir.resolve(name).toString());
  }

  /** The peer's id, as long as nothing is advertised. */
  String id() {
    return address.toString();
  }

  Config config() {
    Map<String, String> env = new TreeMap<>();
    settings.forEach((key, value) -> env.put("HOMESPAN_" + key, value));
    return ConfigLoader.defaults(env, 8L << 30).config();
  }

  /** Starts a node here; completes when its ports are open. */
  Future<Void> start() throws IOException {
    writtenBefore = written().size();
    started = Pulse.now();
    VertxOptions options =
        new VertxOptions()
            .setPreferNativeTransport(true)
            .setEventLoopPoolSize(instances + 1)
            .setBlockedThreadCheckInterval(200);
    VertxInternal made = (VertxInternal) Vertx.vertx(options);
    made.blockedThreadChecker()
        .setThreadBlockedHandler(
            event -> {
              // its thread, not the whole machine
              long began = Math.max(started, Pulse.now() - event.duration());
              if (Pulse.since(began).toNanos() > event.maxExecTime()) {
                blocked.add(event.thread().getName() + " for " + event.duration() / 1_000_000);
              }
            });
    made.exceptionHandler(faults::add);
    Node starting = new Node(made, config(), instances);
    vertx = made;
    node = starting;
    return starting.start();
  }

  /** Begins to stop in good order; {@link #close} is to follow. */
  Future<Void> stop() {
    return node().stop();
  }

  /** Ends what is left of a node that has stopped. */
  void close() {
    node = null;
    Patience.await(requireNonNull(vertx).close());
  }

  /** As kill -9 does: nobody is told, connections break, what is under way is lost. */
  void kill() throws InterruptedException {
    VertxInternal killed = (VertxInternal) requireNonNull(vertx);
    assertThat(faults).as("faults").isEmpty();
    Patience.await(node().stopHeartbeat());
    node = null;
    killed.acceptorEventLoopGroup().shutdownGracefully(0, 0, TimeUnit.SECONDS).await(10_000);
    killed.nettyEventLoopGroup().shutdownGracefully(0, 0, TimeUnit.SECONDS).await(10_000);
    killed.blockedThreadChecker().close();
    faults.clear(); // event loops reject tasks when they end; a killed process does not live to see
    // it
    newFile();
  }

  boolean isUp() {
    return node != null;
  }

  Node node() {
    return requireNonNull(node, "is down");
  }

  Books books() {
    return node().books();
  }

  /** Spans that this node, since it was started, has written. */
  int writtenSinceStart() throws IOException {
    return written().size() - writtenBefore;
  }

  List<Spans.Ref> written() throws IOException {
    List<Spans.Ref> written = new ArrayList<>();
    for (Path file : files) written.addAll(Spans.inFile(file));
    return written;
  }

  String ingest() {
    return scheme("INGEST_SSL") + address.host() + ":" + node().ingestPort();
  }

  private String scheme(String key) {
    return "true".equals(settings.get(key)) ? "https://" : "http://";
  }

  /** Asks the admin port. */
  HttpResponse<String> admin(String path) throws IOException, InterruptedException {
    URI uri = URI.create(scheme("ADMIN_SSL") + "127.0.0.1:" + node().adminPort() + path);
    return http.send(HttpRequest.newBuilder(uri).timeout(ANSWER).build(), BodyHandlers.ofString());
  }

  boolean ready() throws IOException, InterruptedException {
    return admin("/ready").statusCode() == 200;
  }

  JsonObject peers() throws IOException, InterruptedException {
    return new JsonObject(admin("/api/peers").body());
  }

  /** Its owner table, built here anew: asking it for each of many traces takes minutes. */
  OwnerTable table() throws IOException, InterruptedException {
    JsonObject told = peers();
    List<Peer> peers = new ArrayList<>();
    for (Object one : told.getJsonArray("peers")) {
      JsonObject peer = (JsonObject) one;
      if (!peer.getBoolean("in_table")) continue;
      peers.add(new Peer(peer.getString("id"), "nowhere", 1, peer.getInteger("weight")));
    }
    OwnerTable table = OwnerTable.of(PeerSet.of(peers));
    assertThat(table.hash()).isEqualTo(told.getString("table_hash"));
    return table;
  }

  /** The order of peers for a trace, owner first. */
  List<String> order(String trace) throws IOException, InterruptedException {
    JsonObject told = new JsonObject(admin("/api/owner/" + trace).body());
    return told.getJsonArray("order").stream().map(String::valueOf).toList();
  }

  /** The sum of a metric's series that contain this text. */
  double metric(String name, String with) throws IOException, InterruptedException {
    return admin("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith(name) && line.contains(with))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  /** Posts a request as OTLP/HTTP and gives the answer. */
  HttpResponse<byte[]> post(ExportTraceServiceRequest request)
      throws IOException, InterruptedException {
    return http.send(
        HttpRequest.newBuilder(URI.create(ingest() + "/v1/traces"))
            .timeout(ANSWER)
            .header("content-type", "application/x-protobuf")
            .POST(HttpRequest.BodyPublishers.ofByteArray(request.toByteArray()))
            .build(),
        BodyHandlers.ofByteArray());
  }

  @Override
  public String toString() {
    return id();
  }
}
