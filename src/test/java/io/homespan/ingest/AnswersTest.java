package io.homespan.ingest;

import static io.homespan.ingest.Posts.JSON;
import static io.homespan.ingest.Posts.PROTOBUF;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.rpc.Status;
import io.grpc.Status.Code;
import io.homespan.Pulse;
import io.homespan.bus.Phase;
import io.homespan.ingest.RawSender.Call;
import io.homespan.ingest.RawSender.Reply;
import io.homespan.otlp.OtlpJson;
import io.homespan.otlp.TestSpans;
import io.opentelemetry.proto.collector.trace.v1.ExportTracePartialSuccess;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What senders are told about spans that were not placed. */
class AnswersTest {
  @RegisterExtension final TestNode node = new TestNode();
  private final TestSpans spans = new TestSpans(11);

  @Test
  void spansWithoutATraceId_areRejected_andTheOthersAreKept() throws Exception {
    Buffer request = withInvalid(4, 3);
    ExportTracePartialSuccess grpc = node.raw.export(node.port(), request).ok().getPartialSuccess();
    assertThat(grpc.getRejectedSpans()).isEqualTo(3);
    assertThat(grpc.getErrorMessage()).contains("trace id");
    HttpResponse<byte[]> protobuf = Posts.traces(node.port(), PROTOBUF, request);
    assertThat(protobuf.statusCode()).isEqualTo(200);
    assertThat(ExportTraceServiceResponse.parseFrom(protobuf.body()).getPartialSuccess())
        .isEqualTo(grpc);
    HttpResponse<byte[]> json = Posts.traces(node.port(), JSON, OtlpJson.toJson(request));
    assertThat(json.statusCode()).isEqualTo(200);
    JsonObject partial = new JsonObject(Buffer.buffer(json.body())).getJsonObject("partialSuccess");
    assertThat(partial.getString("rejectedSpans")).isEqualTo("3");
    assertThat(partial.getString("errorMessage")).contains("trace id");
    assertThat(node.sink.spans()).isEqualTo(12);
    assertThat(node.metrics.books().dropped()).isEqualTo(9);
  }

  @Test
  void whatTheBackendRefusesForEver_isRejected_withItsWord() throws Exception {
    node.sink.dropsOneSpanOfEachPart();
    ExportTracePartialSuccess partial =
        node.raw.export(node.port(), spans.bytes(20, 5)).ok().getPartialSuccess();
    assertThat(partial.getRejectedSpans()).isEqualTo(1);
    assertThat(partial.getErrorMessage()).isEqualTo("the backend says no");
  }

  @Test
  void whatHasNoHomeNow_mayComeAgain_neverAsPartial() throws Exception {
    node.sink.refuses(Duration.ofMinutes(5)); // no sender waits so long: it is told less
    Reply reply = node.raw.export(node.port(), withInvalid(20, 3));
    assertThat(reply.error()).isEqualTo(Code.UNAVAILABLE);
    assertThat(reply.hint().getRetryDelay().getSeconds()).isEqualTo(2);
    assertThat(reply.message()).contains("the sink is full");
    assertThat(node.metrics.books().refused()).isPositive();
  }

  @Test
  void aSilentSink_isNotWaitedFor_beyondTheSendersDeadline() throws Exception {
    node.raw.export(node.port(), spans.bytes(20, 2)).ok(); // so that all classes are loaded
    node.sink.neverAnswers();
    long begin = Pulse.now();
    Reply reply = node.raw.export(node.port(), spans.bytes(20, 2), "grpc-timeout", "600m");
    assertThat(Pulse.since(begin)).isLessThan(Duration.ofMillis(1500));
    assertThat(reply.error()).isEqualTo(Code.UNAVAILABLE);
    assertThat(reply.hint()).isNotNull();
    assertThat(node.metrics.books().refused()).isPositive();
    assertThat(node.metrics.scrape())
        .containsPattern("homespan_spans_refused_total\\{reason=\"timeout\"} [1-9]");
  }

  @Test
  void aFaultOfOurs_isNotTheSendersLoss() throws Exception {
    node.sink.keeps(part -> Future.failedFuture(new IllegalStateException("a bug")));
    Reply reply = node.raw.export(node.port(), spans.bytes(20, 2));
    assertThat(reply.error()).isEqualTo(Code.UNAVAILABLE);
    assertThat(reply.hint()).isNotNull();
  }

  @Test
  void whileNotReady_everythingIsRefused_withAHint() throws Exception {
    node.publish(false);
    Reply grpc = node.raw.export(node.port(), spans.bytes(1, 1));
    assertThat(grpc.error()).isEqualTo(Code.UNAVAILABLE);
    assertThat(grpc.hint()).isNotNull();
    HttpResponse<byte[]> protobuf = Posts.traces(node.port(), PROTOBUF, spans.bytes(1, 1));
    assertThat(protobuf.statusCode()).isEqualTo(503);
    assertThat(protobuf.headers().firstValueAsLong("retry-after").orElse(0)).isBetween(1L, 2L);
    Status status = Status.parseFrom(protobuf.body());
    assertThat(status.getMessage()).isNotEmpty();
    assertThat(status.getDetailsCount()).isOne();
    HttpResponse<byte[]> json = Posts.traces(node.port(), JSON, Buffer.buffer("{}"));
    assertThat(json.statusCode()).isEqualTo(503);
    assertThat(new JsonObject(Buffer.buffer(json.body())).getString("message")).isNotEmpty();
    assertThat(node.sink.spans()).isZero();
  }

  @Test
  void aNodeThatLosesItsPeers_whileARequestComes_refusesIt() throws Exception {
    Call request = node.raw.open(node.port(), RawSender.EXPORT);
    Buffer framed = RawSender.frame(0, spans.bytes(3, 1));
    request.write(framed.getBuffer(0, 50));
    TestNode.eventually(() -> node.gates.senders().requests() == 1);
    node.publish(false);
    request.request().end(framed.getBuffer(50, framed.length()));
    Reply reply = TestNode.await(request.reply());
    assertThat(reply.error()).isEqualTo(Code.UNAVAILABLE);
    assertThat(reply.hint()).isNotNull();
    assertThat(node.sink.spans()).isZero();
  }

  @Test
  void aNodeThatCloses_refuses_andOneThatLeavesDoesNot() throws Exception {
    node.publish(Phase.LEAVING);
    node.raw.export(node.port(), spans.bytes(1, 1)).ok();
    node.publish(Phase.CLOSING);
    Reply reply = node.raw.export(node.port(), spans.bytes(1, 1));
    assertThat(reply.error()).isEqualTo(Code.UNAVAILABLE);
    assertThat(reply.hint()).isNotNull();
  }

  private Buffer withInvalid(int good, int bad) {
    ExportTraceServiceRequest.Builder request = spans.request(good, 1).toBuilder();
    var scope = request.addResourceSpansBuilder().addScopeSpansBuilder();
    for (int i = 0; i < bad; i++) {
      scope.addSpans(spans.span(i == 0 ? spans.id(8) : ByteString.EMPTY, ByteString.EMPTY));
    }
    return TestSpans.bytes(request.build());
  }
}
