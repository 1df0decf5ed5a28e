package io.homespan;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.homespan.otlp.TestSpans;
import io.homespan.sink.ScriptedBackend;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.trace.v1.Span;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A tier that hands on to an OTLP backend. */
class BackendTest extends TierTest {
  private final TestSpans spans = new TestSpans(6);

  @Test
  void aBackendThatTakesNothingForAWhile_costsNothing_ifSendersComeAgain() throws Exception {
    try (ScriptedBackend backend = new ScriptedBackend(0)) {
      Tier tier = in(Tier.listed(dir, 3));
      to(tier, backend).with("INGEST_REQUEST_TIMEOUT", "1").start();
      List<ExportTraceServiceRequest> requests = Spans.scattered(spans.request(60, 5), 6, 1);
      backend.usually(ScriptedBackend.fail(Status.UNAVAILABLE));
      for (int i = 0; i < 3; i++) {
        HttpResponse<byte[]> refused = tier.member(i).post(requests.get(i));
        assertThat(refused.statusCode()).isEqualTo(503);
        assertThat(refused.headers().firstValueAsLong("retry-after").orElse(0)).isBetween(1L, 2L);
      }
      for (Member member : tier.members) {
        assertThat(member.metric("homespan_spans_kept_total", "stand_in")).isZero();
      }

      backend.usually(backend.ok());
      for (ExportTraceServiceRequest request : requests) {
        Member to = tier.member(requests.indexOf(request) % 3);
        Patience.until("taken", () -> to.post(request).statusCode() == 200);
      }

      assertThat(Spans.in(backend.taken)).containsExactlyInAnyOrderElementsOf(Spans.in(requests));
    }
  }

  @Test
  void whatTheBackendRefusesForGood_isTheSendersLoss_andNobodyElses() throws Exception {
    try (ScriptedBackend backend = new ScriptedBackend(0)) {
      Tier tier = in(Tier.listed(dir, 3));
      to(tier, backend).start();
      ExportTraceServiceRequest request = spans.request(30, 4);
      Span poison =
          request.getResourceSpansList().stream()
              .flatMap(resource -> resource.getScopeSpansList().stream())
              .flatMap(scope -> scope.getSpansList().stream())
              .findFirst()
              .orElseThrow();
      Spans.Ref bad = Spans.Ref.of(poison);
      backend.usually(
          (asked, answer) -> {
            if (Spans.in(asked).contains(bad)) {
              ScriptedBackend.fail(Status.INVALID_ARGUMENT).answer(asked, answer);
            } else {
              backend.ok().answer(asked, answer);
            }
          });

      HttpResponse<byte[]> answer = tier.member(0).post(request);

      assertThat(answer.statusCode()).isEqualTo(200);
      long rejected =
          ExportTraceServiceResponse.parseFrom(answer.body())
              .getPartialSuccess()
              .getRejectedSpans();
      List<Spans.Ref> taken = Spans.in(backend.taken);
      List<Spans.Ref> all = Spans.in(request);
      String owner = tier.member(0).order(bad.trace()).get(0);
      long withIt = 0;
      for (Spans.Ref span : all) {
        if (tier.member(0).order(span.trace()).get(0).equals(owner)) withIt++;
      }
      assertThat(rejected).isBetween(1L, withIt);
      assertThat(taken).doesNotContain(bad).doesNotHaveDuplicates().isSubsetOf(all);
      assertThat(taken).hasSize(all.size() - (int) rejected);
    }
  }

  private static Tier to(Tier tier, ScriptedBackend backend) {
    return tier.with("SINK_TYPE", "otlp").with("SINK_OTLP_ENDPOINT", "127.0.0.1:" + backend.port());
  }
}
