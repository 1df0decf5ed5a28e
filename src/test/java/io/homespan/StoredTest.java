package io.homespan;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.homespan.otlp.TestSpans;
import io.homespan.sink.ScriptedBackend;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code acknowledge: stored}, with nodes in this JVM. */
class StoredTest extends TierTest {
  private final TestSpans spans = new TestSpans(5);

  /** Where an attempt to deliver comes to nothing, the next is to come soon. */
  private static Tier hasty(Tier tier) {
    return stored(tier).with("INGEST_REQUEST_TIMEOUT", "3");
  }

  private static Tier stored(Tier tier) {
    tier.with("ACKNOWLEDGE", "stored");
    for (Member member : tier.members) {
      member.settings.put("JOURNAL_PATH", member.settings.get("SINK_FILE_PATH") + ".journal");
    }
    return tier;
  }

  @Test
  void whatIsStored_comesToItsOwner_onceAndIsBookedSo() throws Exception {
    Tier tier = in(stored(Tier.listed(dir, 3))).start();
    List<ExportTraceServiceRequest> requests = Spans.scattered(spans.request(60, 5), 12, 3);
    tier.post(requests, tier.members);

    List<Spans.Ref> sent = Spans.in(requests);
    Patience.untilAsserted(() -> tier.assertKeptByOwners(sent));

    assertThat(tier.written()).hasSize(sent.size());
    for (Member member : tier.members) {
      Patience.until("all is done", () -> member.metric("homespan_journal_records", "") == 0);
      assertThat(member.metric("homespan_spans_received_total", "from=\"sender\"")).isZero();
    }
    assertThat(sum(tier, "homespan_spans_received_total", "from=\"journal\""))
        .isEqualTo(sent.size());
    assertThat(sum(tier, "homespan_journal_appended_total", "")).isEqualTo(requests.size());
  }

  @Test
  void aSinkThatIsAway_refusesNobody_andGetsAllOfIt_whenItIsBack() throws Exception {
    try (ScriptedBackend backend = new ScriptedBackend(0)) {
      Tier tier = in(hasty(Tier.listed(dir, 3)));
      Member withBackend = tier.member(2);
      withBackend.settings.put("SINK_TYPE", "otlp");
      withBackend.settings.put("SINK_OTLP_ENDPOINT", "127.0.0.1:" + backend.port());
      tier.start();
      backend.usually(ScriptedBackend.fail(Status.UNAVAILABLE));
      List<ExportTraceServiceRequest> requests = Spans.scattered(spans.request(60, 5), 12, 3);

      tier.post(requests, List.of(withBackend));

      List<Spans.Ref> sent = Spans.in(requests);
      int elsewhere = (int) sent.stream().filter(span -> !owns(tier, withBackend, span)).count();
      Patience.until("the others' spans are there", () -> tier.written().size() == elsewhere);
      // a part that was confirmed is not tried again, and what waits is on disk
      Patience.until("others wait", () -> sum(tier, "homespan_journal_records", "") > 0);
      backend.usually(backend.ok());

      Patience.until("all is delivered", () -> sum(tier, "homespan_journal_records", "") == 0);
      List<Spans.Ref> everywhere = new ArrayList<>(tier.written().keySet());
      assertThat(everywhere).hasSize(elsewhere);
      everywhere.addAll(Spans.in(backend.taken));
      assertThat(everywhere).containsExactlyInAnyOrderElementsOf(sent);
    }
  }

  @Test
  void aFullJournal_refusesWithAHint_untilThereIsRoomAgain() throws Exception {
    try (ScriptedBackend backend = new ScriptedBackend(0)) {
      Tier tier = in(hasty(Tier.listed(dir, 1)));
      Member node = tier.member(0);
      node.settings.put("SINK_TYPE", "otlp");
      node.settings.put("SINK_OTLP_ENDPOINT", "127.0.0.1:" + backend.port());
      node.settings.put("INGEST_MAX_MESSAGE_BYTES", "524288");
      node.settings.put("JOURNAL_FILE_BYTES", "65536");
      node.settings.put("JOURNAL_MAX_BYTES", "1048576");
      node.settings.put("JOURNAL_MAX_BYTES_UNDER_WAY", "131072"); // so most is read back
      tier.start();
      backend.usually(ScriptedBackend.fail(Status.UNAVAILABLE));
      List<Spans.Ref> sent = new ArrayList<>();
      HttpResponse<byte[]> answer;
      do { // until it is that, as a machine that stands still may store one too late
        ExportTraceServiceRequest request = spans.request(40, 5);
        answer = node.post(request);
        if (answer.statusCode() == 200) sent.addAll(Spans.in(request));
        else assertThat(answer.statusCode()).isEqualTo(503);
      } while (!new String(answer.body(), UTF_8).contains("the journal is full"));

      assertThat(answer.headers().firstValueAsLong("retry-after").orElse(0)).isBetween(1L, 2L);
      assertThat(node.metric("homespan_journal_bytes", "")).isBetween(900_000.0, 1_048_576.0);

      backend.usually(backend.ok());
      Patience.until("it is empty", () -> node.metric("homespan_journal_records", "") == 0);
      Patience.until("files went", () -> node.metric("homespan_journal_bytes", "") < 300_000);
      assertThat(Spans.in(backend.taken)).containsAll(sent);
      assertThat(node.post(spans.request(1, 1)).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void whatIsWrong_isSaidBeforeItIsStored() throws Exception {
    Tier tier = in(stored(Tier.listed(dir, 1))).start();
    ExportTraceServiceRequest.Builder some = spans.request(2, 2).toBuilder();
    some.getResourceSpansBuilder(0)
        .getScopeSpansBuilder(0)
        .getSpansBuilder(0)
        .setTraceId(com.google.protobuf.ByteString.copyFromUtf8("short"));
    HttpResponse<byte[]> partial = tier.member(0).post(some.build());
    assertThat(partial.statusCode()).isEqualTo(200);
    assertThat(
            io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse.parseFrom(
                    partial.body())
                .getPartialSuccess()
                .getRejectedSpans())
        .isEqualTo(1);
    Patience.until(
        "the rest is kept", () -> tier.written().size() == Spans.in(some.build()).size() - 1);
  }

  @Test
  void whatCouldNotBeDelivered_isThere_afterARestart() throws Exception {
    Tier tier = in(hasty(Tier.listed(dir, 1)));
    Member node = tier.member(0);
    List<Spans.Ref> sent;
    try (ScriptedBackend backend = new ScriptedBackend(0)) {
      node.settings.put("SINK_TYPE", "otlp");
      node.settings.put("SINK_OTLP_ENDPOINT", "127.0.0.1:" + backend.port());
      tier.start();
      backend.usually(ScriptedBackend.fail(Status.UNAVAILABLE));
      ExportTraceServiceRequest request = spans.request(10, 3);
      tier.post(List.of(request), tier.members);
      sent = Spans.in(request);
      Patience.await(node.stop());
      node.close();
    }
    node.settings.put("SINK_TYPE", "file");
    tier.start();
    Patience.untilAsserted(() -> tier.assertKeptByOwners(sent));
    assertThat(node.metric("homespan_journal_replayed_total", "")).isEqualTo(1);
  }

  private static boolean owns(Tier tier, Member member, Spans.Ref span) {
    try {
      return tier.member(0).order(span.trace()).get(0).equals(member.id());
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static double sum(Tier tier, String name, String with) throws Exception {
    double sum = 0;
    for (Member member : tier.members) sum += member.metric(name, with);
    return sum;
  }
}
