package io.homespan.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.homespan.FreePort;
import io.homespan.config.Config;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Nodes that know nothing of one another but a group and a secret. */
class BeaconTierTest {
  private final List<TestNode> nodes = new ArrayList<>();
  private final Config.Udp udp =
      new Config.Udp(
          "239.255.21.89",
          FreePort.on("0.0.0.0"),
          0,
          "lo",
          Duration.ofMillis(200),
          Duration.ofSeconds(1),
          Duration.ofMinutes(5),
          new Config.Secret("as long as a secret should be"));

  @AfterEach
  void close() {
    nodes.forEach(TestNode::close);
  }

  private TestNode node() {
    TestNode node = new TestNode();
    node.modes = List.of("udp");
    node.udp = udp;
    nodes.add(node);
    return node;
  }

  @Test
  void nodesBecomeOneTier_andWhoLeavesIsOut() throws Exception {
    TestNode one = node().discover();
    TestNode two = node().discover();
    TestNode three = node().discover();
    for (TestNode each : nodes) {
      assertThat(each.awaitPeers(one.text(), two.text(), three.text()).containsSelf()).isTrue();
    }
    three.undeploy();
    one.awaitPeers(one.text(), two.text());
    two.awaitPeers(one.text(), two.text());
  }
}
