package io.homespan;

import io.homespan.config.Config;
import io.homespan.config.ConfigException;
import io.homespan.config.ConfigLoader;
import io.homespan.demo.DemoNode;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Nodes in this process, on free ports of the loopback interface, each with a file as its sink. */
final class DemoTier {
  private static final String HOST = "127.0.0.1";
  private static final int ATTEMPTS = 3;
  private static final long STOPPED_WITHIN_SECONDS = 10;

  private final List<Vertx> own = new ArrayList<>(); // one for each node
  private final List<Node> nodes = new ArrayList<>();
  private final List<DemoNode> shown = new ArrayList<>();

  private DemoTier() {}

  /**
   * Starts so many nodes and returns when their ports are open.
   *
   * @param directory for the files, one a node
   * @throws IOException if no ports are free
   * @throws RuntimeException if a node cannot start; the others are stopped
   */
  static DemoTier start(int count, Path directory) throws IOException {
    for (int attempt = 1; ; attempt++) {
      DemoTier tier = new DemoTier();
      try {
        tier.open(count, directory);
        return tier;
      } catch (RuntimeException e) { // somebody else may have been faster at one of the ports
        tier.stop();
        if (attempt == ATTEMPTS) throw e;
      }
    }
  }

  private void open(int count, Path directory) throws IOException {
    List<Integer> free = freePorts(3 * count);
    List<Integer> peers = free.subList(0, count);
    for (int i = 0; i < count; i++) {
      Path file = directory.resolve("node-" + (i + 1) + ".jsonl");
      Vertx vertx =
          Vertx.vertx(new VertxOptions().setPreferNativeTransport(true).setEventLoopPoolSize(2));
      own.add(vertx);
      int ingest = free.get(count + i);
      int admin = free.get(2 * count + i);
      Node node = new Node(vertx, config(peers, peers.get(i), ingest, admin, file), 1);
      nodes.add(node);
      shown.add(new DemoNode("node " + (i + 1), url(ingest), url(admin), file, node::books));
    }
    Future.join(nodes.stream().map(Node::start).toList()).await();
  }

  /** The nodes, as those outside see them. */
  List<DemoNode> nodes() {
    return List.copyOf(shown);
  }

  /** Stops one node after the other, as in a rolling restart; a second call changes nothing. */
  synchronized void stop() {
    try {
      Future<Void> stopped = Future.succeededFuture();
      for (Node node : nodes) stopped = stopped.compose(go -> node.stop());
      stopped.await(STOPPED_WITHIN_SECONDS, TimeUnit.SECONDS);
      Future.join(own.stream().map(Vertx::close).toList())
          .await(STOPPED_WITHIN_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      System.err.println("the nodes did not stop within " + STOPPED_WITHIN_SECONDS + " s");
    }
    nodes.clear();
    own.clear();
  }

  /** As a user would configure it by environment variables. */
  private static Config config(List<Integer> all, int peer, int ingest, int admin, Path file) {
    String peers = String.join(",", all.stream().map(each -> HOST + ":" + each).toList());
    Map<String, String> set =
        Map.of(
            "HOMESPAN_CLUSTER",
            "demo",
            "HOMESPAN_DRAIN_DELAY",
            "0",
            "HOMESPAN_INGEST_HOST",
            HOST,
            "HOMESPAN_INGEST_PORT",
            Integer.toString(ingest),
            "HOMESPAN_PEER_FORWARDER_STATIC_ENDPOINTS",
            peers,
            "HOMESPAN_PEER_FORWARDER_SERVER_HOST",
            HOST,
            "HOMESPAN_PEER_FORWARDER_SERVER_PORT",
            Integer.toString(peer),
            "HOMESPAN_SINK_TYPE",
            "file",
            "HOMESPAN_SINK_FILE_PATH",
            file.toString(),
            "HOMESPAN_ADMIN_PORT",
            Integer.toString(admin));
    try {
      return ConfigLoader.defaults(set, Runtime.getRuntime().maxMemory()).config();
    } catch (ConfigException e) {
      throw new IllegalStateException("the demo's configuration is wrong: " + e.problems(), e);
    }
  }

  private static URI url(int port) {
    return URI.create("http://" + HOST + ":" + port);
  }

  /**
   * Peers must know one another's ports before the first starts. Held together, so that they
   * differ; the other ports as well, or the system could give one of these for them.
   */
  private static List<Integer> freePorts(int count) throws IOException {
    List<ServerSocket> held = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) {
        held.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
      }
      return held.stream().map(ServerSocket::getLocalPort).toList();
    } finally {
      for (ServerSocket socket : held) socket.close();
    }
  }
}
