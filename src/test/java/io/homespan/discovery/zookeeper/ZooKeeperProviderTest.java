package io.homespan.discovery.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.homespan.FreePort;
import io.homespan.config.Config;
import io.homespan.config.Config.Endpoint;
import io.homespan.discovery.Address;
import io.homespan.discovery.LookupException;
import io.homespan.discovery.PeerProvider;
import io.homespan.metrics.MicrometerMetrics;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.apache.curator.test.TestingServer;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.data.ACL;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes and a ZooKeeper server: one in this process, and Debian's in its own. */
class ZooKeeperProviderTest {
  private static final String PATH = "/tier/peers";
  private static final String AGENTS = "/distributed_trace/heart_beat_nodes";
  private static final String FIRST_AGENT =
      "{\"My_address\":\"heartbeat_1\",\"My_port\":4000,\"Poll_timeout\":5000,\"Poll_interval\":10000}";
  private static final Path DEBIANS = Path.of("/usr/share/java/zookeeper.jar");

  private final Vertx vertx = Vertx.vertx();
  private final List<Node> nodes = new ArrayList<>();
  private @Nullable TestingServer server;
  private @Nullable CuratorFramework other;
  private int port;

  private void startServer() throws Exception {
    TestingServer started = new TestingServer(port == 0 ? FreePort.any() : port, true);
    server = started;
    port = started.getPort();
  }

  /** Somebody else who writes there. */
  private CuratorFramework other() throws Exception {
    CuratorFramework client =
        CuratorFrameworkFactory.newClient("127.0.0.1:" + port, new RetryOneTime(100));
    other = client;
    client.start();
    assertThat(client.blockUntilConnected(60, TimeUnit.SECONDS)).isTrue();
    return client;
  }

  @AfterEach
  void close() throws Exception {
    for (Node node : nodes) node.close();
    if (other != null) other.close();
    if (server != null) server.close();
    vertx.close().await(60, TimeUnit.SECONDS);
  }

  private Node node(int peerPort) throws Exception {
    return node(peerPort, PATH, "homespan", false);
  }

  private Node node(int peerPort, String path, String cluster, boolean heartbeat) throws Exception {
    return node(peerPort, settings(path, heartbeat), cluster, true);
  }

  private Config.ZooKeeper settings(String path, boolean heartbeat) {
    return new Config.ZooKeeper(
        List.of(new Endpoint("127.0.0.1", port)),
        path,
        Duration.ofSeconds(4),
        Duration.ofSeconds(1),
        heartbeat);
  }

  private Node node(int peerPort, Config.ZooKeeper settings, String cluster, boolean announces)
      throws Exception {
    return node(peerPort, settings, cluster, announces, false);
  }

  private Node agent(int peerPort, String path) throws Exception {
    return node(peerPort, settings(path, true), "homespan", true, true);
  }

  private Node node(
      int peerPort, Config.ZooKeeper settings, String cluster, boolean announces, boolean agent)
      throws Exception {
    Node node = new Node(peerPort, settings, cluster, announces, agent);
    nodes.add(node);
    return node;
  }

  /** A provider, and what it tells. */
  private final class Node implements PeerProvider.Listener {
    final MicrometerMetrics metrics = new MicrometerMetrics();
    private final ZooKeeperProvider provider;
    private final List<List<String>> told = new ArrayList<>();
    private List<String> agents = List.of();
    private String failure = "";
    private String message = "";

    Node(int peerPort, Config.ZooKeeper settings, String cluster, boolean announces, boolean agent)
        throws Exception {
      Future<ZooKeeperProvider> made =
          Future.future(
              promise ->
                  vertx.runOnContext(
                      go -> {
                        ZooKeeperProvider one =
                            new ZooKeeperProvider(
                                vertx,
                                settings,
                                cluster,
                                Address.of("127.0.0.1", peerPort),
                                "instance-" + peerPort,
                                "1.2.3",
                                metrics,
                                announces,
                                agent);
                        one.start(this);
                        promise.complete(one);
                      }));
      provider = made.await(60, TimeUnit.SECONDS);
    }

    @Override
    public synchronized void found(PeerProvider.Found found) {
      told.add(found.addresses().stream().map(Address::listed).sorted().toList());
      failure = "";
      message = "";
      notifyAll();
    }

    @Override
    public synchronized void missed(LookupException why) {
      failure = why.failure();
      message = String.valueOf(why.getMessage());
      notifyAll();
    }

    @Override
    public synchronized void agents(List<PeerProvider.Agent> found) {
      agents =
          found.stream()
              .map(one -> one.address().listed() + (one.homespan() ? " homespan" : ""))
              .sorted()
              .toList();
      notifyAll();
    }

    void awaitAgents(String... expected) throws InterruptedException {
      await("agents " + List.of(expected), node -> node.agents.equals(List.of(expected)));
    }

    synchronized void await(String what, Predicate<Node> so) throws InterruptedException {
      long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
      while (!so.test(this)) {
        long left = end - System.nanoTime();
        if (left <= 0) throw new AssertionError("never: " + what + "; " + told + failure + message);
        TimeUnit.NANOSECONDS.timedWait(this, left);
      }
    }

    List<String> last() {
      return told.isEmpty() ? List.of() : told.get(told.size() - 1);
    }

    void awaitPeers(Integer... ports) throws InterruptedException {
      List<String> expected = List.of(ports).stream().map(p -> "127.0.0.1:" + p).toList();
      await("peers " + expected, node -> node.last().equals(expected));
    }

    void awaitFailure(String expected) throws InterruptedException {
      await("failure " + expected, node -> node.failure.equals(expected));
    }

    /** As when its process was stopped for too long. */
    void endSession() throws Exception {
      CuratorFramework client = Objects.requireNonNull(provider.client());
      client.getZookeeperClient().getZooKeeper().getTestable().injectSessionExpiration();
    }

    void leave() throws Exception {
      provider.leave().await(60, TimeUnit.SECONDS);
    }

    void close() throws Exception {
      provider.close().await(60, TimeUnit.SECONDS);
    }
  }

  @Test
  void nodesJoinAndLeave() throws Exception {
    startServer();
    Node one = node(1001);
    one.awaitPeers(1001);
    Node two = node(1002);
    two.awaitPeers(1001, 1002);
    assertThat(two.told).hasSize(1); // the first that it tells is everybody, itself included
    one.awaitPeers(1001, 1002);
    two.leave();
    one.awaitPeers(1001);
  }

  @Test
  void aNodeWhoseSessionHasEnded_comesBack() throws Exception {
    startServer();
    Node one = node(1001);
    Node two = node(1002);
    one.awaitPeers(1001, 1002);
    two.awaitPeers(1001, 1002);
    CuratorFramework watcher = other();
    long before = created(watcher, "instance-1001");
    one.endSession();
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (created(watcher, "instance-1001") <= before) {
      assertThat(System.nanoTime()).as("it never came back").isLessThan(end);
      TimeUnit.MILLISECONDS.sleep(10);
    }
    one.awaitPeers(1001, 1002);
    two.awaitPeers(1001, 1002);
    assertThat(one.told).allMatch(peers -> peers.contains("127.0.0.1:1001"));
  }

  /** When the entry came into being; 0: there is none. */
  private static long created(CuratorFramework client, String instance) throws Exception {
    var stat = client.checkExists().forPath(PATH + "/" + instance);
    return stat == null ? 0 : stat.getCzxid();
  }

  @Test
  void aServerThatGoesAndComesBack_changesNothing() throws Exception {
    startServer();
    Node one = node(1001);
    Node two = node(1002);
    one.awaitPeers(1001, 1002);
    two.awaitPeers(1001, 1002);
    TestingServer restarted = Objects.requireNonNull(server);
    restarted.stop();
    one.awaitFailure("unreachable");
    assertThat(one.message).contains("127.0.0.1:" + port);
    one.awaitPeers(1001, 1002);
    restarted.restart();
    one.await("no failure", node -> node.failure.isEmpty());
    two.await("no failure", node -> node.failure.isEmpty());
    Node three = node(1003);
    for (Node each : List.of(one, two, three)) each.awaitPeers(1001, 1002, 1003);
  }

  @Test
  void aServerThatIsAwayAtTheStart_isWaitedFor() throws Exception {
    port = FreePort.any();
    Node one = node(1001);
    one.awaitFailure("unreachable");
    assertThat(one.told).isEmpty();
    startServer();
    one.awaitPeers(1001);
    assertThat(one.failure).isEmpty();
  }

  @Test
  void aDirectoryThatIsThere_needsNoRightToMakeIt() throws Exception {
    startServer();
    CuratorFramework client = other();
    client.create().creatingParentsIfNeeded().forPath(PATH);
    allow(client, "/tier", ZooDefs.Perms.READ);
    Node one = node(1001);
    one.awaitPeers(1001);
    assertThat(one.failure).isEmpty();
  }

  /** Everybody this, and to change it. */
  private static void allow(CuratorFramework client, String path, int perms) throws Exception {
    ACL everybody = new ACL(perms | ZooDefs.Perms.ADMIN, ZooDefs.Ids.ANYONE_ID_UNSAFE);
    // ZooKeeper's client asks whether there is a null among them, which List.of refuses
    client.setACL().withACL(new ArrayList<>(List.of(everybody))).forPath(path);
  }

  @Test
  void aDirectoryThatMayNotBeMade_isTold_untilItIsThere() throws Exception {
    startServer();
    CuratorFramework client = other();
    client.create().forPath("/tier");
    allow(client, "/tier", ZooDefs.Perms.READ);
    Node one = node(1001);
    one.awaitFailure("forbidden");
    assertThat(one.message).startsWith("ZooKeeper does not let this node make or read " + PATH);
    allow(client, "/tier", ZooDefs.Perms.ALL);
    one.awaitPeers(1001);
    assertThat(one.failure).isEmpty();
  }

  @Test
  void aDirectoryThatMayNotBeRead_isNotTakenForAnEmptyOne() throws Exception {
    startServer();
    CuratorFramework client = other();
    client.create().creatingParentsIfNeeded().forPath(PATH);
    node(1001).awaitPeers(1001);
    allow(client, PATH, ZooDefs.Perms.CREATE | ZooDefs.Perms.DELETE);
    Node two = node(1002);
    two.awaitFailure("forbidden");
    Node looks = node(1003, settings(PATH, false), "homespan", false);
    looks.awaitFailure("forbidden");
    allow(client, PATH, ZooDefs.Perms.ALL);
    two.awaitPeers(1001, 1002);
    assertThat(two.told).hasSize(1);
  }

  @Test
  void aNodeLeavesAndCloses_withoutAServer() throws Exception {
    port = FreePort.any();
    Node one = node(1001);
    one.leave();
    one.close();
  }

  @Test
  void whoOnlyLooks_writesNothing() throws Exception {
    startServer();
    Node alone = node(1002, settings(PATH, false), "homespan", false);
    alone.awaitFailure("empty");
    CuratorFramework client = other();
    assertThat(client.checkExists().forPath(PATH)).isNull();
    node(1001).awaitPeers(1001);
    alone.awaitPeers(1001);
    assertThat(client.getChildren().forPath(PATH)).containsExactly("instance-1001");
  }

  @Test
  void garbageIsLeftOut_counted_andTold_untilItGoes() throws Exception {
    startServer();
    CuratorFramework client = other();
    client
        .create()
        .creatingParentsIfNeeded()
        .forPath(PATH + "/odd", "hello".getBytes(StandardCharsets.UTF_8));
    client.create().forPath(PATH + "/huge", new byte[Entry.MAX_BYTES + 1]);
    client.create().forPath(PATH + "/odd/below", new byte[0]);
    Node one = node(1001);
    one.awaitFailure("garbage");
    assertThat(one.message)
        .isEqualTo(
            "2 of the entries cannot be read and are left out, the first is " + PATH + "/huge");
    one.awaitPeers(1001);
    assertThat(one.metrics.scrape())
        .contains("homespan_discovery_zookeeper_entries_total{result=\"garbage\"} 1")
        .contains("homespan_discovery_zookeeper_entries_total{result=\"oversized\"} 1");
    client.delete().forPath(PATH + "/huge");
    client.delete().deletingChildrenIfNeeded().forPath(PATH + "/odd");
    one.await("no failure", node -> node.failure.isEmpty());
  }

  @Test
  void twoClustersInOneDirectory_refuseOneAnother() throws Exception {
    startServer();
    Node one = node(1001);
    Node two = node(1002, PATH, "warp", false);
    one.awaitFailure("other_cluster");
    two.awaitFailure("other_cluster");
    assertThat(one.message).contains("\"warp\"", "\"homespan\"", "discovery.zookeeper.path");
    one.awaitPeers(1001);
    two.awaitPeers(1002);
  }

  @Test
  void aHundredThatComeAtOnce_areFewChanges() throws Exception {
    startServer();
    Node one = node(1001);
    one.awaitPeers(1001);
    CuratorFramework client = other();
    long began = System.nanoTime();
    for (int i = 0; i < 100; i++) {
      Entry entry = new Entry(Address.of("10.0.0.1", 1 + i), "p" + i, "homespan", "");
      client
          .create()
          .withMode(CreateMode.EPHEMERAL)
          .inBackground()
          .forPath(PATH + "/p" + i, entry.write(Entry.Layout.HOMESPAN));
    }
    one.await("101", node -> node.last().size() == 101);
    long whiles = (System.nanoTime() - began) / ZooKeeperProvider.GATHER.toNanos();
    // one for each while, on a machine where they come one by one
    assertThat((long) one.told.size()).isLessThan(Math.max(50, 3 + whiles));
    client.close();
    one.awaitPeers(1001);
    List<String> all = IntStream.rangeClosed(1, 100).mapToObj(i -> "10.0.0.1:" + i).toList();
    assertThat(one.told).anyMatch(peers -> peers.containsAll(all));
  }

  @Test
  void inTheAgentsLayout_aNodeStandsBesideThem_andTakesThemForNoPeers() throws Exception {
    startServer();
    CuratorFramework client = other();
    put(client, "/heartbeat_1:4000", FIRST_AGENT);
    Node one = node(1001, AGENTS, "homespan", true);
    Node two = node(1002, AGENTS, "homespan", true);
    one.awaitPeers(1001, 1002);
    two.awaitPeers(1001, 1002);
    assertThat(one.failure).isEmpty();
    assertThat(client.getChildren().forPath(AGENTS))
        .hasSize(3)
        .anyMatch(name -> name.matches("_c_[0-9a-f-]{36}-127\\.0\\.0\\.1:1001[0-9]{10}"));
    one.awaitAgents("heartbeat_1:4000");
    two.leave();
    one.awaitPeers(1001);
  }

  @Test
  void anAgentOfOurs_hasEverybodyForAgents_andIsOneToNodes() throws Exception {
    startServer();
    CuratorFramework client = other();
    put(client, "/heartbeat_1:4000", FIRST_AGENT);
    Node agent = agent(1001, AGENTS);
    Node node = node(1002, AGENTS, "homespan", true);
    Node stranger = node(1003, AGENTS, "warp", true);

    agent.awaitPeers(1001);
    agent.awaitAgents("127.0.0.1:1002 homespan", "127.0.0.1:1003 homespan", "heartbeat_1:4000");
    assertThat(agent.failure).isEmpty();
    node.awaitPeers(1002);
    node.awaitAgents("127.0.0.1:1001 homespan", "heartbeat_1:4000");
    stranger.awaitAgents("127.0.0.1:1001 homespan", "heartbeat_1:4000");
    agent.leave();
    node.awaitAgents("heartbeat_1:4000");
  }

  @Test
  void anAgentsEntry_beginsWithTheAgentsFields_andNamesNoCluster() throws Exception {
    startServer();
    CuratorFramework client = other();
    agent(1001, AGENTS).awaitPeers(1001);
    String name = client.getChildren().forPath(AGENTS).get(0);
    assertThat(name).matches("_c_[0-9a-f-]{36}-127\\.0\\.0\\.1:1001[0-9]{10}");
    assertThat(new String(client.getData().forPath(AGENTS + "/" + name), StandardCharsets.UTF_8))
        .startsWith(
            "{\"My_address\":\"127.0.0.1\",\"My_port\":1001,\"Poll_timeout\":5000,\"Poll_interval\":10000,")
        .doesNotContain("cluster");
    assertThat(client.checkExists().forPath(AGENTS + "/" + name).getEphemeralOwner()).isNotZero();
    assertThat(client.getData().forPath(AGENTS)).isEmpty();
  }

  @Test
  void anAgentWhoseSessionHasEnded_registersAgain_once() throws Exception {
    startServer();
    CuratorFramework client = other();
    Node agent = agent(1001, AGENTS);
    Node node = node(1002, AGENTS, "homespan", true);
    node.awaitAgents("127.0.0.1:1001 homespan");
    long before = createdOf(client, 1001);
    agent.endSession();
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (createdOf(client, 1001) <= before) {
      assertThat(System.nanoTime()).as("it never came back").isLessThan(end);
      TimeUnit.MILLISECONDS.sleep(10);
    }
    node.awaitAgents("127.0.0.1:1001 homespan");
    agent.awaitPeers(1001);
  }

  /** When the only entry of this address came into being; 0: there is none, or more than one. */
  private static long createdOf(CuratorFramework client, int peerPort) throws Exception {
    String name = entryOf(client, peerPort);
    if (name.isEmpty()) return 0;
    var stat = client.checkExists().forPath(AGENTS + "/" + name);
    return stat == null ? 0 : stat.getCzxid();
  }

  /** The only entry of this address; "": there is none, or more than one. */
  private static String entryOf(CuratorFramework client, int peerPort) throws Exception {
    List<String> all =
        client.getChildren().forPath(AGENTS).stream()
            .filter(name -> name.contains("127.0.0.1:" + peerPort))
            .toList();
    return all.size() == 1 ? all.get(0) : "";
  }

  @Test
  void whatAProcessBeforeHasLeft_atTheSameAddress_isReplaced() throws Exception {
    startServer();
    CuratorFramework client = other();
    put(client, "/heartbeat_1:4000", FIRST_AGENT);
    String left = FIRST_AGENT.replace("heartbeat_1", "127.0.0.1").replace("4000", "1001");
    put(client, "/127.0.0.1:1001", left); // its session goes on
    put(client, "/127.0.0.1:1001", left);
    Node agent = agent(1001, AGENTS);
    agent.awaitPeers(1001);
    agent.awaitAgents("heartbeat_1:4000");
    assertThat(entryOf(client, 1001)).isNotEmpty();
    assertThat(client.getChildren().forPath(AGENTS)).hasSize(2);
  }

  @Test
  void anAgentInADirectoryOfNodes_writesNothing() throws Exception {
    startServer();
    CuratorFramework client = other();
    node(1001).awaitPeers(1001);
    Node agent = node(1002, settings(PATH, false), "homespan", true, true);
    agent.awaitPeers(1001);
    assertThat(client.getChildren().forPath(PATH)).containsExactly("instance-1001");
  }

  private static void put(CuratorFramework client, String name, String data) throws Exception {
    client
        .create()
        .creatingParentsIfNeeded()
        .withProtection()
        .withMode(CreateMode.EPHEMERAL_SEQUENTIAL)
        .forPath(AGENTS + name, data.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void debiansServer_doesAsWell_throughARestartAndTheEndOfASession(@TempDir Path dir)
      throws Exception {
    if (!Files.exists(DEBIANS)) {
      // where the tests count, what they need is there
      assumeTrue("true".equals(System.getenv("CI")), "zookeeper (Debian's) is not installed");
      throw new AssertionError("zookeeper (Debian's) is not installed");
    }
    port = FreePort.any();
    Process debians = startDebians(dir);
    try {
      Node one = node(1001);
      Node two = node(1002);
      one.awaitPeers(1001, 1002);
      two.awaitPeers(1001, 1002);
      debians.destroyForcibly().waitFor(60, TimeUnit.SECONDS);
      one.awaitFailure("unreachable");
      debians = startDebians(dir);
      for (Node each : nodes) each.await("no failure", node -> node.failure.isEmpty());
      two.endSession();
      one.awaitPeers(1001, 1002);
      two.awaitPeers(1001, 1002);
      two.leave();
      one.awaitPeers(1001);
      one.close();
    } finally {
      debians.destroyForcibly().waitFor(60, TimeUnit.SECONDS);
    }
  }

  private Process startDebians(Path dir) throws Exception {
    Path settings = dir.resolve("zoo.cfg");
    Files.writeString(
        settings,
        String.join(
            "\n",
            "tickTime=500",
            "dataDir=" + dir.resolve("data"),
            "clientPort=" + port,
            "clientPortAddress=127.0.0.1",
            "admin.enableServer=false",
            ""));
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx128m",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            DEBIANS.toString(),
            "org.apache.zookeeper.server.quorum.QuorumPeerMain",
            settings.toString())
        .redirectErrorStream(true)
        .redirectOutput(dir.resolve("out").toFile())
        .start();
  }
}
