package io.homespan;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.homespan.otlp.TestSpans;
import io.homespan.sink.ScriptedBackend;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;

/** Senders that send again. */
class RepeatsTest extends TierTest {
  private final ExportTraceServiceRequest request = new TestSpans(4).request(30, 4);

  @Test
  void aWholeRequestSentAgain_duplicatesNothing_whoeverGetsIt() throws Exception {
    Tier tier = in(Tier.listed(dir, 3)).start();
    List<Spans.Ref> sent = Spans.in(request);
    tier.post(List.of(request), List.of(tier.member(0)));

    tier.post(List.of(request, request), List.of(tier.member(0), tier.member(1)));

    tier.assertKeptByOwners(sent);
    assertThat(tier.written()).hasSize(sent.size());
    assertThat(repeated(tier)).isEqualTo(2 * sent.size());
  }

  @Test
  void aRequestSentAgainAfterARefusal_placesWhatIsMissingOnly() throws Exception {
    try (ScriptedBackend backend = new ScriptedBackend(0)) {
      Tier tier = in(Tier.listed(dir, 3)).with("INGEST_REQUEST_TIMEOUT", "1");
      Member withBackend = tier.member(2);
      withBackend.settings.put("SINK_TYPE", "otlp");
      withBackend.settings.put("SINK_OTLP_ENDPOINT", "127.0.0.1:" + backend.port());
      tier.start();
      backend.usually(ScriptedBackend.fail(Status.UNAVAILABLE));

      HttpResponse<byte[]> refused = tier.member(0).post(request);

      assertThat(refused.statusCode()).isEqualTo(503);
      assertThat(refused.headers().firstValueAsLong("retry-after").orElse(0)).isBetween(1L, 2L);
      int kept = 0;
      for (Spans.Ref span : Spans.in(request)) {
        if (!tier.member(0).order(span.trace()).get(0).equals(withBackend.id())) kept++;
      }
      assertThat(kept).isPositive();
      int others = kept; // a busy machine may need longer for them than the sender waits
      Patience.until("the others keep theirs", () -> tier.written().size() == others);

      backend.usually(backend.ok());
      int tries = 1; // the node waits before it asks its backend again, and says so
      while (tier.member(0).post(request).statusCode() == 503 && tries < 20) tries++;

      List<Spans.Ref> everywhere = new ArrayList<>(tier.written().keySet());
      assertThat(everywhere).hasSize(kept);
      everywhere.addAll(Spans.in(backend.taken));
      assertThat(everywhere).containsExactlyInAnyOrderElementsOf(Spans.in(request));
      int again = tries * kept;
      Patience.untilAsserted(() -> assertThat(repeated(tier)).isEqualTo(again));
    }
  }

  @Test
  void whatABackendConfirmsTooLate_isRecognisedWhenItComesAgain() throws Exception {
    try (ScriptedBackend backend = new ScriptedBackend(0)) {
      Tier tier = in(Tier.listed(dir, 1)).with("INGEST_REQUEST_TIMEOUT", "2");
      Member node = tier.member(0);
      node.settings.put("SINK_TYPE", "otlp");
      node.settings.put("SINK_OTLP_ENDPOINT", "127.0.0.1:" + backend.port());
      tier.start();
      BlockingQueue<Runnable> held = new LinkedBlockingQueue<>();
      backend.usually((first, to) -> held.add(() -> backend.ok().answer(first, to)));

      // again, if the machine stood still and had not brought it to the backend by then
      do assertThat(node.post(request).statusCode()).isEqualTo(503);
      while (held.isEmpty());
      backend.usually(backend.ok());
      held.remove().run();
      String late = "homespan_spans_kept_late_total";
      Patience.until("the late answer is heard", () -> node.metric(late, "") > 0);

      assertThat(node.post(request).statusCode()).isEqualTo(200);
      assertThat(Spans.in(backend.taken)).containsExactlyInAnyOrderElementsOf(Spans.in(request));
      assertThat(repeated(tier)).isEqualTo(Spans.in(request).size());
    }
  }

  private static double repeated(Tier tier) throws Exception {
    double sum = 0;
    for (Member member : tier.members) sum += member.metric("homespan_spans_repeated_total", "");
    return sum;
  }
}
