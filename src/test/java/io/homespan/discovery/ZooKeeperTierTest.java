package io.homespan.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.homespan.FreePort;
import io.homespan.bus.Membership;
import io.homespan.config.Config;
import io.homespan.config.Config.Endpoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.curator.test.TestingServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Nodes that know nothing of one another but a ZooKeeper. */
class ZooKeeperTierTest {
  private final List<TestNode> nodes = new ArrayList<>();

  @AfterEach
  void close() {
    nodes.forEach(TestNode::close);
  }

  private TestNode node(int port, String... modes) {
    TestNode node = new TestNode();
    node.modes = List.of(modes);
    node.zookeeper =
        new Config.ZooKeeper(
            List.of(new Endpoint("127.0.0.1", port)),
            "/homespan/peers",
            Duration.ofSeconds(4),
            Duration.ofMillis(500),
            false);
    node.advertising("127.0.0.1", node.port());
    nodes.add(node);
    return node;
  }

  @Test
  void nodesBecomeOneTier_andWhoLeavesIsOut() throws Exception {
    try (TestingServer server = new TestingServer()) {
      TestNode one = node(server.getPort(), "zookeeper").discover();
      TestNode two = node(server.getPort(), "zookeeper").discover();
      TestNode three = node(server.getPort(), "zookeeper").discover();
      for (TestNode each : nodes) {
        assertThat(each.awaitPeers(one.text(), two.text(), three.text()).containsSelf()).isTrue();
      }
      three.undeploy();
      one.awaitPeers(one.text(), two.text());
      two.awaitPeers(one.text(), two.text());
    }
  }

  @Test
  void aZooKeeperThatIsNotThere_changesNothing_whereAnotherProviderFinds() throws Exception {
    int nobody = FreePort.any();
    TestNode one = node(nobody, "static", "zookeeper");
    TestNode two = node(nobody, "static", "zookeeper");
    one.listing(one.endpoint(), two.endpoint()).discover();
    two.listing(one.endpoint(), two.endpoint()).discover();
    for (TestNode each : nodes) {
      each.awaitPeers(one.text(), two.text());
      String told = "zookeeper: unreachable, no connection to ZooKeeper at 127.";
      Membership found =
          each.await(
              told, m -> m.problems().stream().anyMatch(problem -> problem.startsWith(told)));
      assertThat(found.peers().size()).isEqualTo(2);
    }
  }
}
