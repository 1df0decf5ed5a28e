package io.homespan.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.homespan.bus.Membership;
import io.homespan.config.Config.Endpoint;
import io.homespan.discovery.PeerSearch.Answer;
import io.netty.handler.codec.dns.DnsResponseCode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same against a name server that is not ours. */
class DnsmasqTest {
  private static final String NODES = "nodes.tier.local";
  private static final String SERVICE = "_homespan._tcp.tier.local";

  @TempDir Path dir = Path.of("");
  private final List<TestNode> open = new ArrayList<>();

  @AfterEach
  void close() {
    open.forEach(TestNode::close);
  }

  private TestNode node(Dnsmasq dnsmasq) {
    TestNode node = new TestNode();
    open.add(node);
    node.modes = List.of("dns");
    node.domains = List.of(NODES);
    node.services = List.of(SERVICE);
    node.dnsServers = List.of(new Endpoint("127.0.0.1", dnsmasq.port()));
    return node;
  }

  /** As {@code homespan peers} does. */
  private static Answer ask(TestNode looking) {
    looking.queryTimeout = Duration.ofSeconds(3); // one of them is to be waited for
    return TestNode.await(
            PeerSearch.search(
                looking.vertx, looking.config(), looking.metrics, Duration.ofSeconds(50)))
        .answers()
        .get(0);
  }

  private static Answer ask(TestNode looking, String domain) {
    looking.domains = List.of(domain);
    return ask(looking);
  }

  @Test
  void aNodeFindsItself_behindAnAlias() throws Exception {
    try (Dnsmasq dnsmasq = new Dnsmasq(dir, "--cname=short.tier.local,node-a.tier.local").start()) {
      TestNode node = node(dnsmasq);
      node.domains = List.of("short.tier.local");
      node.discover();
      assertThat(node.awaitPeers(node.text()).containsSelf()).isTrue();
    }
  }

  @Test
  void theFiveFailures_haveFiveNames() throws Exception {
    try (TestDns beyond = new TestDns().refuse("x.broken.local", DnsResponseCode.SERVFAIL);
        Dnsmasq dnsmasq =
            new Dnsmasq(
                    dir,
                    "--txt-record=text.tier.local,no address",
                    "--server=/broken.local/127.0.0.1#" + beyond.port())
                .start()) {
      TestNode looking = node(dnsmasq);
      assertThat(ask(looking, "node-z.tier.local").failure()).isEqualTo("nxdomain");
      assertThat(ask(looking, "text.tier.local").failure()).isEqualTo("empty");
      assertThat(ask(looking, "other.example").failure()).isEqualTo("refused");
      assertThat(ask(looking, "x.broken.local").failure()).isEqualTo("servfail");
      dnsmasq.stop();
      assertThat(ask(looking, NODES).failure()).isEqualTo("timeout");
    }
  }

  @Test
  void manyAddresses_areCutOffOnUdp_andWholeAllTheSame() throws Exception {
    String hosts =
        IntStream.rangeClosed(1, 150)
            .mapToObj(i -> "127.0.1." + i + " " + NODES + "\n::2:" + i + " " + NODES + "\n")
            .collect(Collectors.joining());
    try (Dnsmasq dnsmasq = new Dnsmasq(dir).write("nodes.hosts", hosts).start()) {
      Answer answer = ask(node(dnsmasq));
      assertThat(answer.addresses()).hasSize(300);
      assertThat(answer.ttl()).isEqualTo(Duration.ofSeconds(2)); // as dnsmasq.conf says
    }
  }

  @Test
  void addressesThatComeAndGo_comeAndGo() throws Exception {
    try (Dnsmasq dnsmasq = new Dnsmasq(dir).write("nodes.hosts", hosts("127.0.0.1")).start()) {
      TestNode node = node(dnsmasq);
      node.discover().awaitPeers(node.text());
      String other = new Endpoint("127.0.0.9", node.port()).toString();
      String v6 = new Endpoint("::2:1", node.port()).toString();
      dnsmasq.write("nodes.hosts", hosts("127.0.0.1", "127.0.0.9", "::2:1")).reread();
      node.awaitPeers(node.text(), other, v6);
      dnsmasq.write("nodes.hosts", hosts("127.0.0.1", "::2:1")).reread();
      node.awaitPeers(node.text(), v6);
    }
  }

  private static String hosts(String... addresses) {
    return List.of(addresses).stream()
        .map(address -> address + " " + NODES + " node-a.tier.local\n")
        .collect(Collectors.joining());
  }

  @Test
  void servicesThatComeAndGo_comeAndGo_andKeepTheirIdsWhenTheyMove() throws Exception {
    try (Dnsmasq dnsmasq = new Dnsmasq(dir)) {
      TestNode node = node(dnsmasq);
      node.modes = List.of("dns_srv");
      String a = "node-a.tier.local:" + node.port();
      String b = "node-b.tier.local:" + node.port();
      dnsmasq.write("nodes.conf", services(node, "a")).start();
      assertThat(node.discover().awaitPeers(a).containsSelf()).isTrue();

      dnsmasq.stop(); // it reads these at its start only
      dnsmasq.write("nodes.conf", services(node, "a", "b")).start();
      node.awaitPeers(a, b);

      String moved = dnsmasq.read("nodes.hosts").replace("127.0.0.2", "127.0.0.22");
      dnsmasq.write("nodes.hosts", moved).reread();
      Membership there =
          node.await("b is dialled elsewhere", now -> host(now, b).equals("127.0.0.22"));
      assertThat(there.peers().ids()).containsExactly(a, b);

      dnsmasq.stop();
      dnsmasq.write("nodes.conf", services(node, "a")).start();
      node.awaitPeers(a);
    }
  }

  private static String host(Membership now, String id) {
    int place = now.peers().indexOf(id);
    return place < 0 ? "" : now.peers().peers().get(place).host();
  }

  private static String services(TestNode node, String... letters) {
    return List.of(letters).stream()
        .map(one -> "srv-host=%s,node-%s.tier.local,%d,10,5%n".formatted(SERVICE, one, node.port()))
        .collect(Collectors.joining());
  }

  @Test
  void aServerThatIsGone_changesNothing_andIsToldByTheFailuresName_untilItIsBack()
      throws Exception {
    try (Dnsmasq dnsmasq = new Dnsmasq(dir).write("nodes.hosts", hosts("127.0.0.1")).start()) {
      TestNode node = node(dnsmasq);
      node.discover().awaitPeers(node.text());
      dnsmasq.stop();
      String told =
          "dns %s: timeout, no answer in time from 127.0.0.1:%d; what it found before still holds"
              .formatted(NODES, dnsmasq.port());
      Membership without = node.await("it is told", now -> now.problems().contains(told));
      assertThat(without.peers().ids()).containsExactly(node.text());
      assertThat(without.ready()).isTrue();

      dnsmasq.write("nodes.hosts", hosts("127.0.0.1", "127.0.0.9")).start();
      Membership back =
          node.awaitPeers(node.text(), new Endpoint("127.0.0.9", node.port()).toString());
      assertThat(back.problems()).doesNotContain(told);
    }
  }
}
