package io.homespan;

import static org.assertj.core.api.Assertions.assertThat;

import io.homespan.otlp.TestSpans;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import java.util.ArrayList;
import java.util.List;
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
          double before = standingIn(tier);
          tier.assertKeptByOwners(sent(tier, tier.members));
          assertThat(standingIn(tier)).isEqualTo(before);
        });
  }

  private static double standingIn(Tier tier) throws Exception {
    double sum = 0;
    for (Member member : tier.members) {
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
