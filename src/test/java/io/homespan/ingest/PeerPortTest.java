package io.homespan.ingest;

import static io.homespan.ingest.RawSender.frame;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status.Code;
import io.homespan.bus.Keep;
import io.homespan.bus.Topics;
import io.homespan.ingest.RawSender.Reply;
import io.homespan.metrics.KeptAs;
import io.homespan.otlp.Batch;
import io.homespan.otlp.Cutter;
import io.homespan.otlp.Part;
import io.homespan.otlp.PartId;
import io.homespan.otlp.Rejections;
import io.homespan.otlp.TestSpans;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What peers send is kept here, part by part, and never passed on. */
class PeerPortTest {
  private static final String TABLE = "homespan-table";
  private static final String EXCHANGE = IdentityService.PATH;

  @RegisterExtension final TestNode node = new TestNode();
  private final TestSpans spans = new TestSpans(12);
  private final Part first = new Part(new PartId(1, 2), spans.bytes(2, 2), 4);
  private final Part second = new Part(new PartId(3, 4), spans.bytes(3, 2), 6);

  @Test
  void aBatch_isKept_partByPart_inTheRolesOfItsLabels() throws Exception {
    node.raw.export(node.peerPort(), batch()).ok();
    assertThat(node.sink.kept)
        .extracting(keep -> keep.part().id(), Keep::as, keep -> keep.part().spans())
        .containsExactlyInAnyOrder(
            org.assertj.core.groups.Tuple.tuple(first.id(), KeptAs.OWNER, 4),
            org.assertj.core.groups.Tuple.tuple(second.id(), KeptAs.STAND_IN, 6));
    assertThat(node.sink.forwarded).isEmpty();
    assertThat(node.metrics.books().kept()).isEqualTo(10);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void atTheSendersPort_labelsOfPartsCountForNothing(boolean saidToHop) throws Exception {
    Buffer request = spans.bytes(1, 4);
    PartId id = new Cutter().cut(request, (high, low) -> 0).pieces().get(0).part().id();
    Part forged = new Part(new PartId(1, 2), request, 1);
    Buffer labelled = joined(new Batch.Entry(forged, false));
    if (saidToHop) node.raw.export(node.port(), labelled, "homespan-hops", "1").ok();
    else node.raw.export(node.port(), labelled).ok();
    Part taken =
        TestNode.owns(request) || saidToHop
            ? node.sink.kept.remove().part()
            : node.sink.forwarded.remove().part();
    assertThat(taken.id()).isEqualTo(id);
    assertThat(taken.spans()).isEqualTo(4);
    assertThat(node.sink.spans()).isZero(); // it was all
  }

  @Test
  void aForeignRequest_isCut_andKept_whoeverOwnsIt() throws Exception {
    node.raw.export(node.peerPort(), spans.bytes(20, 2)).ok();
    assertThat(node.sink.kept).hasSize(1);
    assertThat(node.sink.spans()).isEqualTo(40);
    assertThat(node.sink.forwarded).isEmpty();
  }

  @Test
  void rejections_areToldByPart() throws Exception {
    node.sink.dropsOneSpanOfEachPart();
    Reply reply = node.raw.export(node.peerPort(), batch());
    assertThat(reply.ok().getPartialSuccess().getRejectedSpans()).isEqualTo(2);
    assertThat(Rejections.in(reply.body().getBuffer(5, reply.body().length())))
        .containsExactly(1, 1);
  }

  @Test
  void aFullSink_isToldToThePeer_withItsHint() throws Exception {
    node.sink.refuses(Duration.ofMillis(1500));
    Reply reply = node.raw.export(node.peerPort(), batch());
    assertThat(reply.error()).isEqualTo(Code.UNAVAILABLE);
    assertThat(reply.hint().getRetryDelay())
        .isEqualTo(com.google.protobuf.util.Durations.fromMillis(1500));
  }

  @Test
  void aBatchThatIsNoneToItsEnd_isMalformed() {
    Buffer broken = batch().appendBytes(new byte[] {1, 2, 3});
    Reply reply = node.raw.export(node.peerPort(), broken);
    assertThat(reply.error()).isEqualTo(Code.INVALID_ARGUMENT);
    assertThat(node.sink.kept).isEmpty();
  }

  @Test
  void anotherTable_isCounted_andTheSpansAreKept() throws Exception {
    node.raw.export(node.peerPort(), batch(), TABLE, TestNode.tableHash()).ok();
    assertThat(node.metrics.scrape()).contains("homespan_table_mismatches_total 0.0");
    node.raw.export(node.peerPort(), batch(), TABLE, "another").ok();
    assertThat(node.metrics.scrape()).contains("homespan_table_mismatches_total 1.0");
    assertThat(node.metrics.books().kept()).isEqualTo(20);
  }

  @Test
  void whatAnotherTableSentHere_thoughAnotherNodeOwnsIt_isCounted() throws Exception {
    int elsewhere = 0;
    for (int i = 0; i < 10; i++) {
      Part part = new Part(new PartId(0, i), spans.bytes(1, 3), 3);
      if (!TestNode.owns(part.bytes())) elsewhere += 3;
      node.raw.export(node.peerPort(), joined(new Batch.Entry(part, false)), TABLE, "b").ok();
      node.raw.export(node.peerPort(), joined(new Batch.Entry(part, true)), TABLE, "b").ok();
    }
    node.raw.export(node.peerPort(), batch(), TABLE, TestNode.tableHash()).ok();
    assertThat(elsewhere).isBetween(3, 27);
    assertThat(node.metrics.scrape())
        .contains("homespan_spans_late_owner_total %d.0".formatted(elsewhere));
  }

  @Test
  void itSpeaksGrpcOnly() throws Exception {
    HttpResponse<byte[]> answer = Posts.traces(node.peerPort(), Posts.PROTOBUF, spans.bytes(1, 1));
    assertThat(answer.statusCode()).isEqualTo(415);
    assertThat(Posts.get(node.peerPort(), "/").statusCode()).isEqualTo(415);
  }

  @Test
  void anIdentityExchange_isPassedToDiscovery_andAnswered() {
    Topics.IDENTITY_EXCHANGE.answer(
        node.vertx, hello -> Future.succeededFuture(JsonObject.of("heard", hello.getString("id"))));
    Reply reply = exchange(JsonObject.of("id", "b:2").toBuffer());
    assertThat(reply.trailers().get("grpc-status")).isEqualTo("0");
    assertThat(new JsonObject(reply.body().getBuffer(5, reply.body().length())))
        .isEqualTo(JsonObject.of("heard", "b:2"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "no json", "[]", "null", "12"})
  void aHelloThatIsNone_isMalformed(String hello) {
    assertThat(exchange(Buffer.buffer(hello)).error()).isEqualTo(Code.INVALID_ARGUMENT);
  }

  @Test
  void anExchangeWithoutAMessage_isAnswered() {
    assertThat(node.raw.call(node.peerPort(), EXCHANGE, Buffer.buffer()).error())
        .isEqualTo(Code.INVALID_ARGUMENT);
  }

  @Test
  void withoutDiscovery_anExchangeIsRefused_forNow() {
    assertThat(exchange(Buffer.buffer("{}")).error()).isEqualTo(Code.UNAVAILABLE);
  }

  private Reply exchange(Buffer hello) {
    return node.raw.call(node.peerPort(), EXCHANGE, frame(0, hello));
  }

  private Buffer batch() {
    return joined(new Batch.Entry(first, false), new Batch.Entry(second, true));
  }

  private static Buffer joined(Batch.Entry... all) {
    List<Batch.Entry> entries = List.of(all);
    ByteBuffer joined = ByteBuffer.allocate(Batch.size(entries));
    Batch.write(entries, joined);
    return Buffer.buffer(joined.array());
  }
}
