package io.homespan.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.homespan.config.Config.Endpoint;
import io.homespan.discovery.PeerSearch.Answer;
import io.homespan.discovery.PeerSearch.Place;
import io.homespan.discovery.PeerSearch.Report;
import io.vertx.core.net.NetServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What somebody sees who only looks. */
class PeerSearchTest {
  private final List<TestNode> open = new ArrayList<>();

  @AfterEach
  void closeAll() {
    open.forEach(TestNode::close);
  }

  private TestNode node() {
    TestNode node = new TestNode();
    open.add(node);
    return node;
  }

  /** As a command beside that node does. */
  private static Report search(TestNode beside) {
    beside.timeout = Duration.ofSeconds(30);
    beside.queryTimeout = Duration.ofSeconds(30);
    return TestNode.await(
        PeerSearch.search(beside.vertx, beside.config(), beside.metrics, Duration.ofSeconds(50)));
  }

  private static Place only(Report report) {
    assertThat(report.places()).hasSize(1);
    return report.places().get(0);
  }

  @Test
  void whoIsThere_isShownByItsId_andKnowsNothingOfIt() throws Exception {
    TestNode running = node().advertising("one.example", 1);
    running.timeout = Duration.ofSeconds(30);
    running.listing(running.endpoint()).discover();
    running.await(
        "its last news: it hears its own table",
        m -> m.members().stream().anyMatch(each -> !each.tableHash().isEmpty()));
    int before = running.heard().size();
    TestNode looking = node().listing(running.endpoint());
    Place there = only(search(looking));
    assertThat(there.id()).isEqualTo("one.example:1");
    assertThat(there.state()).isEqualTo("answered");
    assertThat(there.detail()).isEqualTo("1.2.3");
    assertThat(there.foundBy()).containsExactly("static");
    assertThat(there.self()).isFalse();
    assertThat(there.virtual()).isFalse();
    assertThat(running.heard()).hasSize(before);
  }

  @Test
  void nodesThatAnswerInTurn_areAVirtualAddress() throws Exception {
    TestNode one = node();
    TestNode two = node();
    for (TestNode each : List.of(one, two)) {
      each.listing(each.endpoint()).discover();
      each.awaitPeers(each.text());
    }
    AtomicInteger turn = new AtomicInteger();
    NetServer balancer =
        TestNode.await(
            one.vertx
                .createNetServer()
                .connectHandler(
                    socket -> {
                      socket.pause();
                      int port = turn.getAndIncrement() % 2 == 0 ? one.port() : two.port();
                      one.vertx
                          .createNetClient()
                          .connect(port, "127.0.0.1")
                          .onSuccess(
                              there -> {
                                socket.handler(there::write);
                                there.handler(socket::write);
                                socket.closeHandler(end -> there.close());
                                socket.resume();
                              });
                    })
                .listen(0, "127.0.0.1"));
    TestNode looking = node().listing(new Endpoint("127.0.0.1", balancer.actualPort()));
    Place there = only(search(looking));
    assertThat(there.virtual()).isTrue();
    assertThat(there.id()).isEqualTo(there.address());
  }

  @Test
  void aProviderThatFails_isShownBesideOneThatDoesNot() throws Exception {
    try (TestDns dns = new TestDns()) {
      TestNode looking = node();
      looking.modes = List.of("dns", "static");
      looking.domains = List.of("tier.example");
      looking.dnsServers = List.of(new Endpoint("127.0.0.1", dns.port()));
      looking.listing(looking.endpoint());
      Report report = search(looking);
      assertThat(report.answers()).extracting(Answer::failure).containsExactly("nxdomain", null);
      assertThat(only(report).state()).isEqualTo("unanswered");
      dns.answer("tier.example", 7, "127.0.0.1");
      report = search(looking);
      assertThat(report.answers().get(0).ttl()).isEqualTo(Duration.ofSeconds(7));
      assertThat(only(report).foundBy()).containsExactly("dns tier.example", "static");
    }
  }

  @Test
  void whatIsWrongBesideWhatIsFound_isShownToo() throws Exception {
    try (TestDns dns = new TestDns()) {
      TestNode looking = node();
      looking.dnsServers = List.of(new Endpoint("127.0.0.1", dns.port()));
      looking.listing(looking.endpoint(), new Endpoint("nobody.example", 1));
      Answer answer = search(looking).answers().get(0);
      assertThat(answer.addresses()).hasSize(2);
      assertThat(answer.failure()).isEqualTo("nxdomain");
      assertThat(answer.detail()).startsWith("nobody.example: NXDOMAIN");
    }
  }
}
