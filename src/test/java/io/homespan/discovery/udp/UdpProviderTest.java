package io.homespan.discovery.udp;

import static org.assertj.core.api.Assertions.assertThat;

import io.homespan.FreePort;
import io.homespan.config.Config;
import io.homespan.discovery.Address;
import io.homespan.discovery.LookupException;
import io.homespan.discovery.PeerProvider;
import io.homespan.metrics.MicrometerMetrics;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.MulticastSocket;
import java.net.NetworkInterface;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Several nodes of one host, with real sockets on the loopback interface. */
class UdpProviderTest {
  private static final String SECRET = "as long as a secret should be";
  private static final Duration INTERVAL = Duration.ofMillis(200);
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(50); // for what is not told

  private final Vertx vertx = Vertx.vertx();
  private final List<Node> nodes = new ArrayList<>();
  private final int port = FreePort.on("0.0.0.0");

  @AfterEach
  void close() throws Exception {
    for (Node node : nodes) node.close();
    vertx.close().await(60, TimeUnit.SECONDS);
  }

  private Config.Udp settings(String group, String secret) {
    return new Config.Udp(
        group,
        port,
        0,
        "lo",
        INTERVAL,
        INTERVAL.multipliedBy(5),
        Duration.ofMinutes(5),
        new Config.Secret(secret));
  }

  private Node node(int peerPort) throws Exception {
    return node(peerPort, settings("239.255.21.89", SECRET), "homespan");
  }

  private Node node(int peerPort, Config.Udp settings, String cluster) throws Exception {
    return node(peerPort, settings, cluster, true);
  }

  private Node node(int peerPort, Config.Udp settings, String cluster, boolean announces)
      throws Exception {
    Node node = new Node(peerPort, settings, cluster, announces);
    nodes.add(node);
    return node;
  }

  /** A provider, and what it tells. */
  private final class Node implements PeerProvider.Listener {
    final MicrometerMetrics metrics = new MicrometerMetrics();
    private final UdpProvider provider;
    private List<String> peers = List.of();
    private int fewest; // since somebody asked to watch it
    private String failure = "";
    private String message = "";

    Node(int peerPort, Config.Udp settings, String cluster, boolean announces) throws Exception {
      Future<UdpProvider> made =
          Future.future(
              promise ->
                  vertx.runOnContext(
                      go -> {
                        UdpProvider one =
                            new UdpProvider(
                                vertx,
                                settings,
                                cluster,
                                100,
                                Address.of("127.0.0.1", peerPort),
                                "instance-" + peerPort,
                                metrics,
                                InstantSource.system(),
                                new Random(peerPort),
                                announces);
                        one.start(this);
                        promise.complete(one);
                      }));
      provider = made.await(60, TimeUnit.SECONDS);
    }

    @Override
    public synchronized void found(PeerProvider.Found found) {
      peers = found.addresses().stream().map(Address::listed).sorted().toList();
      fewest = Math.min(fewest, peers.size());
      failure = "";
      notifyAll();
    }

    @Override
    public synchronized void missed(LookupException why) {
      failure = why.failure();
      message = String.valueOf(why.getMessage());
      notifyAll();
    }

    synchronized void await(String what, Predicate<Node> so) throws InterruptedException {
      long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
      while (!so.test(this)) {
        long left = end - System.nanoTime();
        if (left <= 0)
          throw new AssertionError("never: " + what + "; " + peers + failure + message);
        TimeUnit.NANOSECONDS.timedWait(this, Math.min(left, LOOK_NANOS));
      }
    }

    void awaitPeers(Integer... ports) throws InterruptedException {
      List<String> expected = List.of(ports).stream().map(p -> "127.0.0.1:" + p).toList();
      await("peers " + expected, node -> node.peers.equals(expected));
    }

    /** How few were ever told from here on. */
    synchronized void watchFewest() {
      fewest = peers.size();
    }

    synchronized int fewest() {
      return fewest;
    }

    long count(String result) {
      String start = "homespan_discovery_beacons_total{result=\"" + result + "\"}";
      return metrics
          .scrape()
          .lines()
          .filter(line -> line.startsWith(start))
          .mapToLong(line -> (long) Double.parseDouble(line.substring(start.length())))
          .sum();
    }

    void leave() throws Exception {
      provider.leave().await(60, TimeUnit.SECONDS);
    }

    void close() throws Exception {
      provider.close().await(60, TimeUnit.SECONDS);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"239.255.21.89", "127.255.255.255"})
  void nodesOfOneHost_findThemselvesAndOneAnother(String group) throws Exception {
    Node one = node(1001, settings(group, SECRET), "homespan");
    Node two = node(1002, settings(group, SECRET), "homespan");
    one.awaitPeers(1001, 1002);
    two.awaitPeers(1001, 1002);
    Node three = node(1003, settings(group, SECRET), "homespan");
    for (Node each : List.of(one, two, three)) each.awaitPeers(1001, 1002, 1003);
  }

  @Test
  void theFirstThatIsTold_isEverybodyWhoIsThere() throws Exception {
    node(1001).awaitPeers(1001);
    node(1002).awaitPeers(1001, 1002);
    Node late = node(1003);
    late.await("any", node -> !node.peers.isEmpty());
    late.awaitPeers(1001, 1002, 1003);
  }

  @Test
  void whoSaysGoodBye_isGoneAtOnce_andWhoDiesIsGoneWhenItsTimeIsOver() throws Exception {
    Node one = node(1001);
    Node two = node(1002);
    Node three = node(1003);
    one.awaitPeers(1001, 1002, 1003);
    two.leave();
    one.awaitPeers(1001, 1003);
    one.await("good-bye", node -> node.count("good_bye") > 0);
    three.close();
    one.awaitPeers(1001);
  }

  @Test
  void anotherSecretAndAnotherCluster_areNotBelieved_andBothSidesSaySo() throws Exception {
    Node one = node(1001);
    Node stranger = node(1002, settings("239.255.21.89", "as long, but another one"), "homespan");
    one.await("forged", node -> node.failure.equals("forged"));
    stranger.await("forged", node -> node.failure.equals("forged"));
    assertThat(one.message).contains("discovery.udp.secret must be equal on all nodes");
    stranger.close();
    Node other = node(1003, settings("239.255.21.89", SECRET), "warp");
    one.await("other cluster", node -> node.message.contains("cluster \"warp\""));
    other.await("other cluster", node -> node.message.contains("cluster \"homespan\""));
    one.awaitPeers(1001);
    other.awaitPeers(1003);
    assertThat(one.count("other_cluster")).isPositive();
    other.close();
    one.await("no more trouble", node -> node.failure.isEmpty());
  }

  @Test
  void whoOnlyLooks_isSeenByNobody() throws Exception {
    Node one = node(1001);
    one.awaitPeers(1001);
    Config.Udp settings = settings("239.255.21.89", SECRET);
    Node looks = node(1002, settings, "homespan", false);
    looks.awaitPeers(1001);
    assertThat(looks.failure).isEmpty();
    looks.leave();
    looks.close();
    assertThat(one.count("good_bye")).isZero();
    one.close();
    Node alone = node(1003, settings, "homespan", false);
    alone.await("unheard", node -> node.failure.equals("unheard"));
    assertThat(alone.message).startsWith("nobody announces itself at 239.255.21.89:" + port);
    one.awaitPeers(1001);
  }

  @Test
  void aFloodOfMadeUpBeacons_isCounted_andTakesNobodyOut() throws Exception {
    Node one = node(1001);
    Node two = node(1002);
    for (Node each : List.of(one, two)) {
      each.awaitPeers(1001, 1002);
      each.watchFewest();
    }
    BeaconFormat guessed = new BeaconFormat("homespan", "guessed");
    try (MulticastSocket socket = new MulticastSocket()) {
      socket.setNetworkInterface(NetworkInterface.getByName("lo"));
      InetSocketAddress group = new InetSocketAddress(InetAddress.getByName("239.255.21.89"), port);
      socket.send(new DatagramPacket(new byte[2000], 2000, group));
      for (int i = 0; i < 20_000; i++) {
        byte[] bytes =
            guessed.write(
                new Beacon(
                    "p" + i, Address.of("10.0.0.1", 1), System.currentTimeMillis(), 1, false));
        socket.send(new DatagramPacket(bytes, bytes.length, group));
        // thousands a second, but no more than this machine hears
        if (i % 100 == 0) awaitQuiet(one, two);
      }
    }
    for (Node each : List.of(one, two)) {
      each.await("forged", node -> node.failure.equals("forged"));
      each.awaitPeers(1001, 1002);
      assertThat(each.fewest()).as("nobody was out for a moment").isEqualTo(2);
    }
    assertThat(one.count("oversized")).isEqualTo(1);
    assertThat(one.count("forged")).isGreaterThan(10_000);
  }

  /** Until neither hears anything more of what was made up. */
  private static void awaitQuiet(Node one, Node two) throws InterruptedException {
    long before;
    do {
      before = one.count("forged") + two.count("forged");
      TimeUnit.MILLISECONDS.sleep(5);
    } while (one.count("forged") + two.count("forged") != before);
  }

  @Test
  void aPortThatCannotBeOpened_isTold_andTriedAgain() throws Exception {
    Node one;
    try (DatagramSocket holder = new DatagramSocket(null)) {
      holder.setReuseAddress(false);
      holder.bind(new InetSocketAddress(port));
      one = node(1001);
      one.await("unavailable", node -> node.failure.equals("unavailable"));
    }
    one.awaitPeers(1001);
    assertThat(one.failure).isEmpty();
  }

  @Test
  void aNodeMayCloseBeforeItHasBegun_andLeaveWithoutANetwork() throws Exception {
    Node one = node(1001, settings("10.255.255.1", SECRET), "homespan");
    one.await("unheard", node -> node.failure.equals("unheard"));
    one.leave();
    one.close();
  }
}
