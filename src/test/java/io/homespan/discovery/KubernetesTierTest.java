package io.homespan.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.homespan.bus.Membership;
import io.homespan.config.Config;
import io.homespan.config.Config.Endpoint;
import io.homespan.discovery.PeerSearch.Answer;
import io.homespan.discovery.PeerSearch.Report;
import io.homespan.discovery.kubernetes.FakeApi;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Nodes that know nothing of one another but what a cluster's API tells. */
class KubernetesTierTest {
  private final Vertx vertx = Vertx.vertx();
  private final FakeApi api = new FakeApi(vertx);
  private final List<TestNode> nodes = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    nodes.forEach(TestNode::close);
    api.close();
    TestNode.await(vertx.close());
  }

  private TestNode node() {
    TestNode node = new TestNode();
    node.modes = List.of("kubernetes");
    node.kubernetes =
        new Config.Kubernetes(
            "peers",
            "tracing",
            "peer",
            new Endpoint("127.0.0.1", api.port()),
            false,
            "",
            "",
            true,
            Duration.ofSeconds(30),
            Duration.ofSeconds(60));
    nodes.add(node);
    return node;
  }

  /** Each on a port of its own, as they share a host. */
  private void run(TestNode node) {
    String name = "peers-" + node.port();
    api.put(FakeApi.slice(name, "peer", node.port(), FakeApi.endpoint("127.0.0.1")));
  }

  @Test
  void podsBecomeOneTier_andWhoIsAddedIsIn_andAnApiThatIsAwayChangesNothing() throws Exception {
    TestNode one = node();
    TestNode two = node();
    run(one);
    run(two);
    one.discover();
    two.discover();
    assertThat(one.awaitPeers(one.text(), two.text()).containsSelf()).isTrue();
    TestNode three = node();
    run(three);
    three.discover();
    for (TestNode each : nodes) each.awaitPeers(one.text(), two.text(), three.text());
    api.close();
    one.await(
        "its failure",
        membership ->
            membership.problems().stream().anyMatch(each -> each.startsWith("kubernetes: ")));
    Membership last = one.awaitPeers(one.text(), two.text(), three.text());
    assertThat(last.problems())
        .anyMatch(each -> each.endsWith("; what it found before still holds"));
  }

  @Test
  void whoOnlyLooks_seesThem_orWhyNot() throws Exception {
    TestNode looking = node();
    Report report = search(looking);
    assertThat(report.answers()).extracting(Answer::failure).containsExactly("empty");
    assertThat(report.answers().get(0).detail())
        .startsWith("service tracing/peers has no endpoint");
    run(looking);
    looking.discover();
    looking.awaitPeers(looking.text());
    report = search(looking);
    assertThat(report.answers().get(0).addresses()).containsExactly(looking.text());
    assertThat(report.places().get(0).state()).isEqualTo("answered");
  }

  private static Report search(TestNode beside) {
    return TestNode.await(
        PeerSearch.search(beside.vertx, beside.config(), beside.metrics, Duration.ofSeconds(50)));
  }
}
