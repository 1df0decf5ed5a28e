package io.homespan.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.homespan.Patience;
import io.homespan.bus.Membership;
import io.homespan.config.Config.Endpoint;
import io.homespan.mesh.Peer;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.net.NetServer;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.server.GrpcServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Nodes that meet over real sockets, each with a Vert.x of its own. */
class DiscoveryTest {
  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void closeAll() throws Exception {
    for (AutoCloseable each : open) each.close();
  }

  private TestNode node(String... hosts) {
    return node(0, hosts);
  }

  private TestNode node(int port, String... hosts) {
    TestNode node = new TestNode(port, hosts);
    open.add(node);
    return node;
  }

  @Test
  void threeNodesOnOneHost_holdEqualTables() throws Exception {
    List<TestNode> nodes = List.of(node(), node(), node());
    Endpoint[] all = nodes.stream().map(TestNode::endpoint).toArray(Endpoint[]::new);
    for (TestNode each : nodes) each.listing(all).discover();
    String[] ids = nodes.stream().map(TestNode::text).toArray(String[]::new);
    List<String> hashes = new ArrayList<>();
    for (TestNode each : nodes) {
      Membership membership = each.awaitPeers(ids);
      assertThat(membership.selfId()).isEqualTo(each.text());
      hashes.add(membership.table().hash());
    }
    assertThat(hashes).containsOnly(hashes.get(0));
    Membership seen =
        nodes.get(0).await("all answer, and agree", m -> allAnswer(m) && m.problems().isEmpty());
    assertThat(seen.peers().peers())
        .contains(new Peer(nodes.get(1).text(), "127.0.0.1", nodes.get(1).port()));
  }

  @Test
  void aNodeAlone_findsItself() throws Exception {
    TestNode node = node();
    node.modes = List.of("self");
    node.discover();
    Membership membership = node.awaitPeers(node.text());
    assertThat(membership.containsSelf()).isTrue();
    assertThat(membership.members().get(0).foundBy()).containsExactly("self");
  }

  @Test
  void aNodeBehindAName_isOnePeer_underItsLeastText() throws Exception {
    TestNode one = node();
    TestNode two = node();
    Endpoint name = new Endpoint("localhost", one.port());
    one.listing(name, one.endpoint(), two.endpoint()).discover();
    two.listing(name, two.endpoint()).discover();
    Membership seen = one.awaitPeers(one.text(), two.text());
    assertThat(hash(two.awaitPeers(one.text(), two.text()))).isEqualTo(hash(seen));
  }

  @Test
  void aBrokenHairpin_givesTheAddressOfTheCaller() throws Exception {
    TestNode one = node("127.0.0.2 outside.example"); // where nobody listens
    TestNode two = node("127.0.0.1 outside.example");
    Endpoint listed = new Endpoint("outside.example", one.port());
    one.listing(listed, two.endpoint()).discover();
    two.listing(listed, two.endpoint()).discover();
    Membership seen = one.await("its id", m -> m.selfId().equals(listed.toString()));
    assertThat(seen.containsSelf()).isTrue();
    seen = one.awaitPeers(listed.toString(), two.text());
    assertThat(hash(two.awaitPeers(listed.toString(), two.text()))).isEqualTo(hash(seen));
  }

  @Test
  void advertise_isTheIdEverywhere() throws Exception {
    TestNode one = node().advertising("one.example", 1);
    TestNode two = node().advertising("two.example", 2);
    one.listing(one.endpoint(), two.endpoint()).discover();
    two.listing(new Endpoint("localhost", one.port()), two.endpoint()).discover();
    Membership seen = one.awaitPeers("one.example:1", "two.example:2");
    assertThat(hash(two.awaitPeers("one.example:1", "two.example:2"))).isEqualTo(hash(seen));
    assertThat(seen.peers().peers()).contains(new Peer("two.example:2", "127.0.0.1", two.port()));
  }

  @Test
  void whoStartsWhileAPeerIsDown_buildsItsNeighboursTable() throws Exception {
    TestNode one = node();
    TestNode gone = node().advertising("gone.example", 1);
    Endpoint[] all = {one.endpoint(), gone.endpoint()};
    one.listing(all).discover();
    gone.listing(all).discover();
    one.awaitPeers(one.text(), "gone.example:1");
    gone.fall();
    TestNode late = node();
    one.await("that it has fallen", m -> state(m, "gone.example:1").equals("unanswered"));
    late.listing(one.endpoint(), gone.endpoint(), late.endpoint()).discover();
    late.awaitPeers(one.text(), "gone.example:1", late.text());
    assertThat(one.heard().get(one.heard().size() - 1).peers().ids())
        .containsExactlyInAnyOrder(one.text(), "gone.example:1");
    assertThat(late.heard())
        .as("no table was ever built with the address in its place")
        .noneMatch(m -> m.peers().indexOf(gone.text()) >= 0);
  }

  @Test
  void whoComesLater_isKnownByItsId_longBeforeTheNextRound() throws Exception {
    TestNode one = node();
    TestNode two = node();
    one.interval = Duration.ofSeconds(60);
    one.timeout = Duration.ofSeconds(30);
    Endpoint listed = new Endpoint("localhost", two.port());
    two.fall();
    one.listing(one.endpoint(), listed).discover();
    one.awaitPeers(one.text(), listed.toString());
    TestNode back = node(two.port()); // it finds a lesser address for itself
    back.listing(one.endpoint(), listed, back.endpoint()).discover();
    Membership seen = back.awaitPeers(one.text(), back.text());
    assertThat(hash(one.awaitPeers(one.text(), back.text()))).isEqualTo(hash(seen));
  }

  @Test
  void twoNodesThatAdvertiseTheSame_bothSaySo() throws Exception {
    TestNode one = node().advertising("same.example", 1);
    TestNode two = node().advertising("same.example", 1);
    one.listing(one.endpoint(), two.endpoint()).discover();
    two.listing(two.endpoint()).discover(); // hears it only when it is called
    for (TestNode each : List.of(one, two)) {
      each.await("trouble", m -> hasProblem(m, "same.example:1", "peer_forwarder.advertise"));
      each.awaitPeers("same.example:1");
    }
  }

  @Test
  void twoClusters_refuseEachOther() throws Exception {
    TestNode one = node();
    TestNode two = node();
    two.cluster = "other";
    one.listing(one.endpoint(), two.endpoint()).discover();
    two.listing(two.endpoint()).discover();
    one.await("trouble", m -> m.ready() && hasProblem(m, "\"other\"", "\"homespan\""));
    one.awaitPeers(one.text());
    two.await("trouble", m -> m.ready() && hasProblem(m, "\"other\"", "\"homespan\""));
    two.awaitPeers(two.text());
  }

  @Test
  void whatIsNoNode_standsUnderItsAddress() throws Exception {
    TestNode one = node();
    HttpServer receiver = receiver(one.vertx);
    HttpServer web =
        listen(one.vertx.createHttpServer().requestHandler(r -> r.response().end("<p>")));
    NetServer dumb =
        TestNode.await(one.vertx.createNetServer().connectHandler(s -> {}).listen(0, "127.0.0.1"));
    NetServer garbage =
        TestNode.await(
            one.vertx
                .createNetServer()
                .connectHandler(s -> s.end(Buffer.buffer("HTTP/1.1 400 no\r\n\r\n")))
                .listen(0, "127.0.0.1"));
    List<Endpoint> all =
        Stream.of(receiver.actualPort(), web.actualPort(), dumb.actualPort(), garbage.actualPort())
            .map(port -> new Endpoint("127.0.0.1", port))
            .toList();
    one.endpoints = all;
    one.discover();
    one.awaitPeers(all.stream().map(Endpoint::toString).toArray(String[]::new));
    List<String> expected = List.of("foreign", "foreign", "unanswered", "unanswered");
    Membership seen =
        one.await(
            "states " + expected,
            m -> all.stream().map(e -> state(m, e.toString())).toList().equals(expected));
    assertThat(seen.containsSelf()).isFalse();
  }

  @Test
  void whoLeaves_isOutEverywhereAtOnce_andStaysOut_untilItIsBack() throws Exception {
    TestNode one = node();
    TestNode two = node();
    TestNode three = node();
    Endpoint[] all = {one.endpoint(), two.endpoint(), three.endpoint()};
    for (TestNode each : List.of(one, two, three)) {
      each.interval = Duration.ofSeconds(60); // so that no round tells it
      each.timeout = Duration.ofSeconds(30);
      each.listing(all).discover();
    }
    for (TestNode each : List.of(one, two, three)) {
      each.awaitPeers(one.text(), two.text(), three.text());
      each.await("all answer", DiscoveryTest::allAnswer);
    }
    three.leave();
    for (TestNode each : List.of(one, two, three)) each.awaitPeers(one.text(), two.text());
    three.undeploy();
    TestNode late = node();
    three.fall();
    late.listing(one.endpoint(), two.endpoint(), three.endpoint(), late.endpoint()).discover();
    late.awaitPeers(one.text(), two.text(), late.text());
    TestNode back = node(three.port());
    back.listing(all).discover();
    one.awaitPeers(one.text(), two.text(), three.text());
    two.awaitPeers(one.text(), two.text(), three.text());
  }

  @Test
  void whoCouldNotBeToldThatANodeLeaves_isToldAgain() throws Exception {
    TestNode one = node();
    TestNode two = node();
    for (TestNode each : List.of(one, two)) {
      each.interval = Duration.ofSeconds(60); // so that no round tells it
      each.timeout = Duration.ofSeconds(30);
      each.listing(one.endpoint(), two.endpoint()).discover();
    }
    for (TestNode each : List.of(one, two)) each.awaitPeers(one.text(), two.text());
    CountDownLatch missed = two.missFarewells(2);
    one.leave();
    assertThat(missed.await(60, TimeUnit.SECONDS)).as("told again").isTrue();
    two.awaitPeers(two.text());
  }

  @Test
  void aDomainThatDoesNotResolveAtStart_isFoundLater_andKeptThroughAnOutage() throws Exception {
    try (TestDns dns = new TestDns()) {
      TestNode node = node();
      node.modes = List.of("dns");
      node.domains = List.of("tier.example");
      node.dnsServers = List.of(new Endpoint("127.0.0.1", dns.port()));
      node.discover();
      Membership none = node.await("no such name", m -> hasProblem(m, "NXDOMAIN", "tier.example"));
      assertThat(none.ready()).isFalse();
      dns.answer("tier.example", 0, "127.0.0.1", "127.0.0.3");
      String other = "127.0.0.3:" + node.port();
      node.awaitPeers(node.text(), other);
      node.await("no problem", m -> m.problems().isEmpty());
      String stale = "homespan_discovery_stale{provider=\"dns tier.example\"} ";
      // on a machine that stands still for a second not at once
      Patience.until("it is not stale", () -> node.metrics.scrape().contains(stale + "0.0"));
      dns.answer("tier.example", 0);
      Membership kept =
          node.await("no addresses", m -> hasProblem(m, "no records", "tier.example"));
      assertThat(kept.peers().size()).isEqualTo(2);
      assertThat(node.metrics.scrape())
          .contains("homespan_discovery_lookups_total{provider=\"dns\",result=\"nxdomain\"}")
          .contains("homespan_discovery_lookups_total{provider=\"dns\",result=\"servfail\"} 0.0");
      node.await("that it is stale", m -> m.problems().toString().contains("max_staleness"));
      assertThat(node.metrics.scrape()).contains(stale + "1.0");
      dns.answer("tier.example", 0, "127.0.0.1");
      node.awaitPeers(node.text());
    }
  }

  @Test
  void aHundredNodesThatComeOneByOne_areFewNewTables() throws Exception {
    TestNode node = node();
    HttpServer receiver =
        TestNode.await(
            node.vertx
                .createHttpServer()
                .requestHandler(r -> r.response().end("<p>"))
                .listen(0, "0.0.0.0"));
    List<Address> told = new ArrayList<>(List.of(Address.of(node.endpoint())));
    CompletableFuture<PeerProvider.Listener> listening = new CompletableFuture<>();
    node.modes = List.of("mine");
    node.own = Map.of("mine", OwnProvidersTest.telling(listening::complete));
    node.discover();
    PeerProvider.Listener listener = listening.get(60, TimeUnit.SECONDS);
    listener.found(new PeerProvider.Found(List.copyOf(told), null));
    node.awaitPeers(node.text());
    long began = System.nanoTime();
    node.vertx.setPeriodic(
        4,
        id -> {
          if (told.size() == 100) node.vertx.cancelTimer(id);
          told.add(Address.of("127.0.1." + told.size(), receiver.actualPort()));
          listener.found(new PeerProvider.Found(List.copyOf(told), null));
        });
    node.await("all", m -> m.peers().size() == 101);
    long whiles = (System.nanoTime() - began) / Coalescing.LONGEST.toNanos();
    long tables = node.heard().stream().map(DiscoveryTest::hash).distinct().count();
    // that of nobody, the first, one or two for the burst, and more if it took longer
    assertThat(tables).isBetween(3L, 4 + whiles);
  }

  private static String hash(Membership membership) {
    return membership.table().hash();
  }

  private static String state(Membership membership, String id) {
    return membership.members().stream()
        .filter(m -> m.id().equals(id))
        .map(Membership.Member::state)
        .findFirst()
        .orElse("absent");
  }

  private static boolean hasProblem(Membership membership, String... words) {
    return membership.problems().stream()
        .anyMatch(problem -> List.of(words).stream().allMatch(problem::contains));
  }

  private static boolean allAnswer(Membership membership) {
    return membership.members().stream().noneMatch(m -> m.state().equals("unanswered"));
  }

  /** A gRPC server that has never heard of us. */
  private static HttpServer receiver(Vertx vertx) {
    GrpcServer grpc = GrpcServer.server(vertx);
    grpc.callHandler(r -> r.response().status(GrpcStatus.UNIMPLEMENTED).end());
    return listen(vertx.createHttpServer().requestHandler(grpc));
  }

  private static HttpServer listen(HttpServer server) {
    return TestNode.await(server.listen(0, "127.0.0.1"));
  }
}
