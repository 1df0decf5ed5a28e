package io.homespan;

import static org.assertj.core.api.Assertions.assertThat;

import io.homespan.discovery.Dnsmasq;
import io.homespan.discovery.TestDns;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code homespan peers} prints, in a process of its own, while no node runs. */
class PeersCommandTest {
  @TempDir Path dir = Path.of("");

  private Child peers(String conf) throws Exception {
    Path file = Files.writeString(dir.resolve("homespan.yaml"), conf);
    return Child.start(dir, "peers", "-conf", file.toString());
  }

  @Test
  void aList_isShown_withThisNodeInIt() throws Exception {
    int port = FreePort.any();
    String conf =
        """
        peer_forwarder:
          server: { host: 127.0.0.1, port: %d }
          static_endpoints: ["127.0.0.1:%d", "127.0.0.2:%d"]
        """
            .formatted(port, port, port);
    try (Child child = peers(conf)) {
      assertThat(child.exit()).as(child.said()).isZero();
      assertThat(child.said())
          .containsPattern("PROVIDER +FOUND +TTL +TOOK")
          .containsPattern("static +2 +- +[0-9]+ ms")
          .containsPattern("127.0.0.1:" + port + " .* static +unanswered .* this node\n")
          .containsPattern("127.0.0.2:" + port + " .* static +unanswered .*[^e]\n")
          .contains("2 of 2 did not answer: do they run");
    }
  }

  @Test
  void aNameThatDoesNotExist_isSaid_withWhatWouldMendIt() throws Exception {
    try (TestDns dns = new TestDns()) {
      String conf =
          """
          peer_forwarder: { discovery_mode: [dns, self], domain_name: tier.example }
          discovery: { dns: { servers: ["127.0.0.1:%d"] } }
          """
              .formatted(dns.port());
      try (Child child = peers(conf)) {
        assertThat(child.exit()).as(child.said()).isEqualTo(1);
        assertThat(child.said())
            .containsPattern("dns tier.example +0 +- +[0-9]+ ms +nxdomain: NXDOMAIN for tier.exam")
            .contains("Is the name spelled right", "headless service")
            .containsPattern("self +1 ");
      }
    }
  }

  @Test
  void theTierOfConfDns_isShown_withPrioritiesAndWeights() throws Exception {
    try (Dnsmasq dnsmasq = new Dnsmasq(dir).start();
        Child child = peers(dnsmasq.read("homespan.yaml").replace("5300", "" + dnsmasq.port()))) {
      assertThat(child.exit()).as(child.said()).isZero();
      assertThat(child.said())
          .containsPattern("dns_srv _homespan._tcp.tier.local +3 +2.0 s +[0-9]+ ms\n")
          .containsPattern(
              "node-c.tier.local:21891 +127.0.0.3:21891 +dns_srv _homespan._tcp.tier.local"
                  + " \\(priority 0, weight 0\\) ");
    }
  }

  @Test
  void aServiceThatDoesNotExist_isSaid_withWhatWouldMendIt() throws Exception {
    try (TestDns dns = new TestDns()) {
      String conf =
          """
          peer_forwarder: { discovery_mode: dns_srv }
          discovery: { dns: { servers: ["127.0.0.1:%d"] }, dns_srv: { names: tier.example } }
          """
              .formatted(dns.port());
      try (Child child = peers(conf)) {
        assertThat(child.exit()).as(child.said()).isEqualTo(1);
        assertThat(child.said())
            .containsPattern("dns_srv tier.example +0 +- +[0-9]+ ms +nxdomain: NXDOMAIN for tier")
            .contains("with its underscores", "PORT being the name of the port");
      }
    }
  }

  @Test
  void whereNobodyAnnouncesItself_thatIsSaid_withWhatWouldMendIt() throws Exception {
    String conf =
        """
        peer_forwarder: { discovery_mode: [self, udp, zookeeper] }
        discovery:
          udp: { secret: of sixteen letters, interface: lo, port: %d }
          zookeeper: { servers: "127.0.0.1:%d", connect_timeout: 1 }
        """
            .formatted(FreePort.any(), FreePort.any());
    try (Child child = peers(conf)) {
      assertThat(child.exit()).as(child.said()).isEqualTo(1);
      assertThat(child.said())
          .containsPattern(
              "udp +0 +- +[0-9]+ ms +unheard: nobody announces itself at 239.255.21.89")
          .contains("the same discovery.udp.group and port", "carry no multicast")
          .containsPattern("zookeeper +0 +- +[0-9]+ ms +unreachable: no connection to ZooKeeper at")
          .contains("is discovery.zookeeper.servers right");
    }
  }

  @Test
  void whoIsNotInTheList_isToldThatItIsAGateway() throws Exception {
    String conf =
        """
        peer_forwarder:
          advertise: "me.example:7"
          static_endpoints: ["127.0.0.1:1"]
        """;
    try (Child child = peers(conf)) {
      assertThat(child.exit()).as(child.said()).isZero();
      assertThat(child.said())
          .contains("me.example:7, this node, is not among them: it would own nothing");
    }
    try (Child child = peers(conf.replace("127.0.0.1:1", "nobody.invalid:1"))) {
      assertThat(child.exit()).as(child.said()).isZero();
      assertThat(child.said())
          .contains("is not among them, unless a name leads to it: else it would own nothing");
    }
  }
}
