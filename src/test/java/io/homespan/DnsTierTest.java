package io.homespan;

import static java.util.stream.Collectors.collectingAndThen;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.homespan.discovery.TestDns;
import io.homespan.otlp.TestSpans;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Nodes on 127.0.0.1, .2 and .3 that DNS tells of one another. */
class DnsTierTest extends TierTest {
  private static final String NAME = "tier.example";
  private static final String A = "127.0.0.1";
  private static final String B = "127.0.0.2";
  private static final String C = "127.0.0.3";

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

      List<Spans.Ref> sent = sent(tier, tier.members);

      Map<Spans.Ref, Member> written = tier.written(); // each span once
      assertThat(written.keySet()).containsExactlyInAnyOrderElementsOf(sent);
      assertThat(nodesOfTraces(written)).as("of a trace's spans").contains(2);
      double late = lateOwners(tier);
      assertThat(late).isPositive();

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

  @Test
  void aNodeThatComesToDnsmasq_joins() throws Exception {
    Path hosts = dir.resolve("hosts");
    Files.writeString(hosts, A + " " + NAME + "\n" + B + " " + NAME + "\n");
    int port = Tier.freePort(A);
    Process dnsmasq = dnsmasq(port, hosts);
    try {
      Tier tier = in(Tier.named(dir, 3, NAME, port));
      tier.open();
      tier.awaitTable(List.of(tier.member(0), tier.member(1)));

      Files.writeString(hosts, A + " " + NAME + "\n" + B + " " + NAME + "\n" + C + " " + NAME);
      assertThat(new ProcessBuilder("kill", "-HUP", "" + dnsmasq.pid()).start().waitFor()).isZero();

      tier.awaitTable(tier.members);
      tier.assertKeptByOwners(sent(tier, tier.members));
    } finally {
      dnsmasq.destroy();
      dnsmasq.waitFor(5, TimeUnit.SECONDS);
    }
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

  private static Process dnsmasq(int port, Path hosts) {
    ProcessBuilder command =
        new ProcessBuilder(
            "dnsmasq",
            "--keep-in-foreground",
            "--conf-file=/dev/null",
            "--no-resolv",
            "--no-hosts",
            "--pid-file=",
            "--user=" + System.getProperty("user.name"), // or it may not read the file again
            "--bind-interfaces",
            "--listen-address=" + A,
            "--port=" + port,
            "--addn-hosts=" + hosts);
    try {
      return command
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start();
    } catch (IOException e) {
      // where the tests count, what they need is there
      assumeTrue("true".equals(System.getenv("CI")), "dnsmasq is not installed");
      throw new AssertionError("dnsmasq is not installed", e);
    }
  }
}
