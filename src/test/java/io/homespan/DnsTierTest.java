package io.homespan;

import static java.util.stream.Collectors.collectingAndThen;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import io.homespan.discovery.Dnsmasq;
import io.homespan.discovery.TestDns;
import io.homespan.otlp.TestSpans;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Nodes on 127.0.0.1, .2 and .3 that DNS tells of one another. */
class DnsTierTest extends TierTest {
  private static final String NAME = "tier.example";
  private static final String A = "127.0.0.1";
  private static final String B = "127.0.0.2";
  private static final String C = "127.0.0.3";

  /** As dnsmasq.conf has it. */
  private static final Duration TTL = Duration.ofSeconds(2);

  /** How soon all nodes hold one table: after an addition, and after a removal by one miss. */
  private static final Duration JOIN = TTL.plusSeconds(1);

  private static final Duration GO = TTL.multipliedBy(2).plusSeconds(1);

  /** How often that may take longer, by a clock on the wall. */
  private static final int ROUNDS = 3;

  private final TestDns dns = new TestDns();
  private final TestSpans spans = new TestSpans(3);

  DnsTierTest() throws InterruptedException {}

  @AfterEach
  void close() {
    dns.close();
  }

  @Test
  void nodesThatJoinAndLeaveDns_joinAndLeaveTheTier_onAllNodesAlike() throws Exception {
    Tier tier = in(Tier.named(dir, 3, NAME, dns.port()));
    Member a = tier.member(0);
    Member b = tier.member(1);
    Member c = tier.member(2);
    dns.answer(NAME, 0, A, B);
    tier.open();
    tier.awaitTable(List.of(a, b));
    Patience.until("the gateway is ready", c::ready);
    tier.assertKeptByFirst(sent(tier, tier.members), List.of(a, b)); // c is a gateway

    dns.answer(NAME, 0, C, B, A);
    tier.awaitTable(tier.members);
    tier.assertKeptByOwners(sent(tier, tier.members));

    dns.answer(NAME, 0, C, A);
    tier.awaitTable(List.of(a, c));
    tier.assertKeptByFirst(sent(tier, List.of(a, c)), List.of(a, c));
  }

  @Test
  void emptyAndFailedAnswers_changeNothing() throws Exception {
    dns.answer(NAME, 0, A, B);
    Tier tier = in(Tier.named(dir, 2, NAME, dns.port())).start();

    dns.answer(NAME, 0);
    awaitQuestions();
    tier.awaitTable(tier.members);
    dns.refuse(NAME, DnsResponseCode.SERVFAIL);
    awaitQuestions();
    tier.awaitTable(tier.members);
    dns.refuse(NAME, DnsResponseCode.NXDOMAIN);
    awaitQuestions();
    tier.awaitTable(tier.members);

    tier.assertKeptByOwners(sent(tier, tier.members));
  }

  @Test
  void nodesWithDifferentViews_keepEverythingOnce_andCountLateOwners_untilTheyAgree()
      throws Exception {
    try (TestDns other = new TestDns()) {
      Tier tier = in(Tier.named(dir, 3, NAME, dns.port()));
      Member b = tier.member(1);
      b.settings.put("DISCOVERY_DNS_SERVERS", A + ":" + other.port());
      dns.answer(NAME, 0, A, B, C);
      other.answer(NAME, 0, B, C);
      tier.open();
      for (Member member : tier.members) {
        int peers = member == b ? 2 : 3;
        Patience.until(
            "everybody has its view",
            () -> member.ready() && member.metric("homespan_peers", "") == peers);
      }

      List<Spans.Ref> sent = new ArrayList<>();
      // again, as on a busy machine b may stand in for c, who is then not asked
      Patience.until(
          "c keeps for b what is a's",
          () -> sent.addAll(sent(tier, tier.members)) && lateOwners(tier) > 0);

      Map<Spans.Ref, Member> written = tier.written(); // each span once
      assertThat(written.keySet()).containsExactlyInAnyOrderElementsOf(sent);
      assertThat(nodesOfTraces(written)).as("of a trace's spans").contains(2);
      double late = lateOwners(tier);

      other.answer(NAME, 0, A, B, C);
      tier.awaitTable(tier.members);
      tier.assertKeptByOwners(sent(tier, tier.members));
      assertThat(lateOwners(tier)).isEqualTo(late);
    }
  }

  /** On how many nodes each trace is. */
  private static Collection<Integer> nodesOfTraces(Map<Spans.Ref, Member> written) {
    return written.entrySet().stream()
        .collect(
            groupingBy(
                span -> span.getKey().trace(),
                collectingAndThen(mapping(Map.Entry::getValue, toSet()), Set::size)))
        .values();
  }

  private static double lateOwners(Tier tier) throws Exception {
    double sum = 0;
    for (Member member : tier.members) {
      sum += member.metric("homespan_spans_late_owner_total", "");
    }
    return sum;
  }

  @Test
  void aDomainThatDoesNotResolveAtStart_isSaid_andRecovered() throws Exception {
    Tier tier = in(Tier.named(dir, 2, NAME, dns.port()));
    tier.open();
    for (Member member : tier.members) {
      Patience.untilAsserted(
          () -> {
            var ready = member.admin("/ready");
            assertThat(ready.statusCode()).isEqualTo(503);
            assertThat(ready.body()).contains(NAME);
          });
    }
    assertThat(tier.member(0).post(spans.request(1, 1)).statusCode()).isEqualTo(503);

    dns.answer(NAME, 0, A, B);

    tier.awaitTable(tier.members);
    tier.assertKeptByOwners(sent(tier, tier.members));
  }

  /** By the files of {@code conf/dns}, edited as an operator would. */
  @ParameterizedTest
  @ValueSource(strings = {"dns", "dns_srv"})
  void threeNodes_thenSix_thenTwo_loseNothing_andHoldEqualTablesInTime(String mode)
      throws Exception {
    try (Dnsmasq dnsmasq = new Dnsmasq(dir)) {
      Tier tier =
          in(Tier.named(dir, 6, "nodes.tier.local", dnsmasq.port()))
              .with("PEER_FORWARDER_DISCOVERY_MODE", mode)
              .with("DISCOVERY_DNS_SRV_NAMES", "_homespan._tcp.tier.local")
              .with("DISCOVERY_DNS_MAX_TTL", "30")
              .with("DISCOVERY_REMOVAL_MISSES", "1");
      list(dnsmasq, tier, 3);
      dnsmasq.start();
      tier.open();
      awaitTables(tier, 3);
      ExecutorService sender = Executors.newSingleThreadExecutor();
      AtomicBoolean ending = new AtomicBoolean();
      try {
        Future<List<Spans.Ref>> sent = sender.submit(() -> sendUntil(ending, tier));

        for (int round = 1; ; round++) {
          Took joining = edited(dnsmasq, tier, 6, mode);
          Took going = edited(dnsmasq, tier, 2, mode);
          boolean inTime = joining.wall().compareTo(JOIN) < 0 && going.wall().compareTo(GO) < 0;
          if (inTime) break;
          if (round == ROUNDS) { // so busy a machine: less the time that somebody waited for it
            assertThat(joining.unheld()).as("to join, instead of %s", joining).isLessThan(JOIN);
            assertThat(going.unheld()).as("to go, instead of %s", going).isLessThan(GO);
            break;
          }
          edited(dnsmasq, tier, 3, mode);
        }

        ending.set(true);
        List<Spans.Ref> all = sent.get(60, TimeUnit.SECONDS);
        // a machine that is too busy for an answer within time_out may have one written twice
        assertThat(tier.everWritten()).containsExactlyInAnyOrderElementsOf(all);
      } finally {
        sender.shutdownNow();
      }
    }
  }

  /** From an edit until all nodes hold one table, by both clocks. */
  private record Took(Duration wall, Duration unheld) {}

  private static Took edited(Dnsmasq dnsmasq, Tier tier, int nodes, String mode) throws Exception {
    edit(dnsmasq, tier, nodes, mode);
    long wall = Pulse.now();
    Duration began = unheld();
    awaitTables(tier, nodes);
    Duration unheld = unheld().minus(began);
    Duration lived = Pulse.since(wall);
    return new Took(
        Duration.ofNanos(System.nanoTime() - wall), unheld.compareTo(lived) < 0 ? unheld : lived);
  }

  /** A clock that stands still while somebody on this machine waits for a processor. */
  private static Duration unheld() throws IOException {
    Duration now = Duration.ofNanos(System.nanoTime());
    Path pressure = Path.of("/proc/pressure/cpu"); // "some avg10=... total=MICROSECONDS"
    if (!Files.isReadable(pressure)) return now; // not Linux, or not with that
    String some = Files.readAllLines(pressure).get(0);
    long micros = Long.parseLong(some.substring(some.indexOf("total=") + "total=".length()));
    return now.minusNanos(TimeUnit.MICROSECONDS.toNanos(micros));
  }

  private static void edit(Dnsmasq dnsmasq, Tier tier, int nodes, String mode) throws Exception {
    if (mode.equals("dns")) {
      list(dnsmasq, tier, nodes);
      dnsmasq.reread();
    } else {
      dnsmasq.stop();
      list(dnsmasq, tier, nodes);
      dnsmasq.start();
    }
  }

  /** The first so many nodes, in both files. */
  private static void list(Dnsmasq dnsmasq, Tier tier, int nodes) throws IOException {
    StringBuilder hosts = new StringBuilder();
    StringBuilder services = new StringBuilder();
    for (Member member : tier.members.subList(0, nodes)) {
      String name = "node-" + member.address.host().replace('.', '-') + ".tier.local";
      hosts.append(member.address.host()).append(" nodes.tier.local ").append(name).append('\n');
      services.append("srv-host=_homespan._tcp.tier.local,").append(name);
      services.append(',').append(member.address.port()).append(",0,0\n");
    }
    dnsmasq.write("nodes.hosts", hosts.toString()).write("nodes.conf", services.toString());
  }

  /** Waits until every node, listed or a gateway, holds one table of so many. */
  private static void awaitTables(Tier tier, int nodes) throws Exception {
    Patience.untilAsserted(
        () -> {
          Set<String> hashes = new HashSet<>();
          for (Member member : tier.members) {
            JsonObject told = member.peers();
            long inTable =
                told.getJsonArray("peers").stream()
                    .filter(peer -> ((JsonObject) peer).getBoolean("in_table"))
                    .count();
            assertThat(inTable).as("peers of %s: %s", member, told).isEqualTo(nodes);
            hashes.add(told.getString("table_hash"));
            assertThat(member.ready()).as("%s is ready", member).isTrue();
          }
          assertThat(hashes).as("owner tables").hasSize(1);
        });
  }

  /** To every node in turn; all must be answered OK at once. */
  private List<Spans.Ref> sendUntil(AtomicBoolean ending, Tier tier) throws Exception {
    List<ExportTraceServiceRequest> sent = new ArrayList<>();
    while (!ending.get()) {
      ExportTraceServiceRequest request = spans.request(5, 3);
      tier.post(List.of(request), List.of(tier.member(sent.size() % tier.members.size())));
      sent.add(request);
      TimeUnit.MILLISECONDS.sleep(5); // a steady trickle
    }
    return Spans.in(sent);
  }

  /** Waits until each node has asked anew, more than once. */
  private void awaitQuestions() throws Exception {
    int before = dns.questions().size();
    Patience.until("questions", () -> dns.questions().size() >= before + 16);
  }

  private List<Spans.Ref> sent(Tier tier, List<Member> to) throws Exception {
    List<ExportTraceServiceRequest> requests = Spans.scattered(spans.request(40, 4), 6, 3);
    tier.post(requests, to);
    return Spans.in(requests);
  }
}
