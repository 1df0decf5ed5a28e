package io.homespan;

import static org.assertj.core.api.Assertions.assertThat;

import io.homespan.otlp.TestSpans;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Nodes die and come back. */
class OutageTest extends TierTest {
  private final TestSpans spans = new TestSpans(2);

  @Test
  void theDeadOnesTraces_goToTheRunnerUp_thenToTheLast_andBack() throws Exception {
    Tier tier = in(Tier.listed(dir, 3)).start();
    Member a = tier.member(0);
    Member b = tier.member(1);
    Member c = tier.member(2);
    tier.assertKeptByOwners(sent(tier, tier.members));

    b.kill();
    tier.assertKeptByFirst(sent(tier, List.of(a, c)), List.of(a, c));
    assertThat(a.books().refused() + c.books().refused()).isZero();

    c.kill();
    tier.assertKeptByFirst(sent(tier, List.of(a)), List.of(a));
    assertThat(a.books().refused()).isZero();
    assertThat(a.metric("homespan_spans_kept_total", "as=\"stand_in\"")).isPositive();

    tier.start();
    Patience.untilAsserted(
        () -> {
          double before = standingIn(tier.members);
          tier.assertKeptByOwners(sent(tier, tier.members));
          assertThat(standingIn(tier.members)).isEqualTo(before);
        });
  }

  @Test
  void oneOfFiveKilledUnderLoad_costsItsOwnShareOnly_andNoSurvivorHasASpanTwice() throws Exception {
    Tier tier = in(Tier.listed(dir, 5)).start();
    Member dead = tier.member(4);
    List<Member> survivors = tier.others(dead);
    List<String> everybody = tier.members.stream().map(Member::ingest).toList();
    Set<Spans.Ref> confirmed;
    try (Load load = new Load(tier.http, new TestSpans(10), everybody)) {
      load.awaitMore(200);
      dead.kill();
      for (Member survivor : survivors) {
        String open = "peer=\"" + dead.id() + "\"";
        Patience.until(
            "it is passed over", () -> survivor.metric("homespan_peer_circuit_open", open) == 1);
      }
      load.awaitMore(200);
      confirmed = load.stop();
    }
    assertThat(Spans.missing(confirmed, tier.everWritten())).isEmpty();
    for (Member survivor : survivors) {
      assertThat(survivor.written()).doesNotHaveDuplicates();
      assertThat(survivor.books().refused()).isZero();
    }
    assertThat(standingIn(survivors)).isPositive();

    // whole traces: of the others' none is passed on or tried again, of the dead one's each is
    double before = detours(survivors);
    List<ExportTraceServiceRequest> others = new ArrayList<>();
    List<ExportTraceServiceRequest> its = new ArrayList<>();
    while (others.size() < 40 || its.size() < 10) {
      ExportTraceServiceRequest one = spans.request(1, 3);
      String owner = survivors.get(0).order(Spans.in(one).get(0).trace()).get(0);
      (owner.equals(dead.id()) ? its : others).add(one);
    }
    tier.post(others, survivors);
    assertThat(detours(survivors)).isEqualTo(before);
    tier.post(its, survivors);
    assertThat(detours(survivors)).isPositive();
    List<Spans.Ref> sent = Spans.in(others);
    sent.addAll(Spans.in(its));
    List<Spans.Ref> written = new ArrayList<>();
    for (Member survivor : survivors) written.addAll(survivor.written());
    assertThat(written).doesNotHaveDuplicates();
    assertThat(Spans.missing(sent, written)).isEmpty();
    for (Member survivor : survivors) assertThat(survivor.books().refused()).isZero();
  }

  /** Parts that did not simply go to their owner. */
  private static double detours(List<Member> members) throws Exception {
    double sum = 0;
    for (Member member : members) {
      sum += member.metric("homespan_forward_steps_total", "");
      sum -= member.metric("homespan_forward_steps_total", "confirmed");
    }
    return sum;
  }

  private static double standingIn(List<Member> members) throws Exception {
    double sum = 0;
    for (Member member : members) {
      sum += member.metric("homespan_spans_kept_total", "as=\"stand_in\"");
    }
    return sum;
  }

  /** Sends new traces, scattered over these. */
  private List<Spans.Ref> sent(Tier tier, List<Member> to) throws Exception {
    ExportTraceServiceRequest whole = spans.request(60, 5);
    List<ExportTraceServiceRequest> requests = new ArrayList<>(Spans.scattered(whole, 12, 3));
    tier.post(requests, to);
    return Spans.in(requests);
  }
}
