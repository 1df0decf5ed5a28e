package io.homespan.ingest;

import static io.homespan.ingest.Posts.JSON;
import static io.homespan.ingest.Posts.PROTOBUF;
import static io.homespan.ingest.RawSender.EXPORT;
import static io.homespan.ingest.RawSender.frame;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.Status;
import io.grpc.Status.Code;
import io.homespan.ingest.RawSender.Reply;
import io.homespan.otlp.TestSpans;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What can't be decoded is refused for ever, in words that help; and nothing of it is kept. */
class MalformedRequestsTest {
  @RegisterExtension final TestNode node = new TestNode();
  private final TestSpans spans = new TestSpans(8);

  @AfterEach
  void nothingIsKept_andTheNextRequestIsTaken() throws Exception {
    assertThat(node.sink.spans()).isZero();
    node.raw.export(node.port(), spans.bytes(2, 2)).ok();
    assertThat(Posts.traces(node.port(), PROTOBUF, spans.bytes(2, 2)).statusCode()).isEqualTo(200);
    assertThat(node.sink.spans()).isEqualTo(8);
  }

  @Test
  void truncatedProtobuf_isNamedByItsByte() throws Exception {
    Buffer whole = spans.bytes(3, 2);
    Buffer cut = whole.getBuffer(0, whole.length() - 10);
    Reply grpc = node.raw.export(node.port(), cut);
    assertThat(grpc.error()).isEqualTo(Code.INVALID_ARGUMENT);
    assertThat(grpc.message()).containsPattern("byte \\d+");
    assertThat(grpc.hinted()).isFalse();
    HttpResponse<byte[]> http = Posts.traces(node.port(), PROTOBUF, cut);
    assertThat(http.statusCode()).isEqualTo(400);
    assertThat(http.headers().firstValue("content-type")).hasValue(PROTOBUF);
    assertThat(Status.parseFrom(http.body()).getMessage()).containsPattern("byte \\d+");
    assertThat(node.raw.export(node.peerPort(), cut).error()).isEqualTo(Code.INVALID_ARGUMENT);
  }

  @Test
  void gzipThatIsNotThere_isSaidInWords() {
    Reply nothing = node.raw.exportPacked(node.port(), Buffer.buffer());
    assertThat(nothing.error()).isEqualTo(Code.INVALID_ARGUMENT);
    assertThat(nothing.message()).contains("too early");
  }

  @Test
  void gzipThatIsNone() throws Exception {
    Buffer plain = spans.bytes(3, 2);
    Reply grpc = node.raw.exportPacked(node.port(), plain);
    assertThat(grpc.error()).isEqualTo(Code.INVALID_ARGUMENT);
    assertThat(grpc.message()).contains("gzip");
    Buffer cutShort = RawSender.gzip(plain).getBuffer(0, 60);
    assertThat(node.raw.exportPacked(node.port(), cutShort).error())
        .isEqualTo(Code.INVALID_ARGUMENT);
    for (Buffer body : new Buffer[] {plain, cutShort, Buffer.buffer(new byte[200 << 10])}) {
      HttpResponse<byte[]> http =
          Posts.traces(node.port(), PROTOBUF, body, "content-encoding", "gzip");
      assertThat(http.statusCode()).isEqualTo(400);
      assertThat(Status.parseFrom(http.body()).getMessage()).contains("gzip");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"traceId\":\"not hex at all\"}]}]}]}",
        "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"traceId\":\"abc\"}]}]}]}",
        "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"traceId\":12}]}]}]}",
        "{\"resourceSpans\":7}",
        "{\"resourceSpans\":[",
        "[]",
        "null",
        "",
        "\u0000\u0001"
      })
  void wrongJson_isAnsweredInJson(String json) throws Exception {
    HttpResponse<byte[]> answer = Posts.traces(node.port(), JSON, Buffer.buffer(json));
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.headers().firstValue("content-type")).hasValue(JSON);
    JsonObject status = new JsonObject(Buffer.buffer(answer.body()));
    assertThat(status.getString("message")).isNotBlank();
    assertThat(status.getInteger("code")).isEqualTo(Code.INVALID_ARGUMENT.value());
  }

  @Test
  void jsonThatIsNestedWithoutEnd_isMalformed_notOurFault() throws Exception {
    String nested = "{\"a\":".repeat(20_000);
    assertThat(Posts.traces(node.port(), JSON, Buffer.buffer(nested)).statusCode()).isEqualTo(400);
  }

  @Test
  void aCallWithoutAMessage() {
    Reply reply = node.raw.call(node.port(), EXPORT, Buffer.buffer());
    assertThat(reply.error()).isEqualTo(Code.INVALID_ARGUMENT);
    assertThat(reply.message()).contains("without a message");
  }

  @Test
  void aCallWithTwoMessages() {
    Buffer two = frame(0, spans.bytes(1, 1)).appendBuffer(frame(0, spans.bytes(1, 1)));
    Reply reply = node.raw.call(node.port(), EXPORT, two);
    assertThat(reply.error()).isEqualTo(Code.INVALID_ARGUMENT);
    assertThat(reply.message()).contains("more than one message");
  }

  @ParameterizedTest
  @CsvSource({"1, compressed message without grpc-encoding", "7, compressed flag is 7"})
  void aFlagThatMeansNothing(int flag, String message) {
    Reply reply = node.raw.call(node.port(), EXPORT, frame(flag, spans.bytes(1, 1)));
    assertThat(reply.error()).isEqualTo(Code.INVALID_ARGUMENT);
    assertThat(reply.message()).contains(message);
  }

  @Test
  void aMessageThatEndsTooEarly() {
    Buffer framed = frame(0, spans.bytes(1, 1));
    assertThat(node.raw.call(node.port(), EXPORT, framed.getBuffer(0, 3)).error())
        .isEqualTo(Code.INVALID_ARGUMENT);
    assertThat(node.raw.call(node.port(), EXPORT, framed.getBuffer(0, 40)).error())
        .isEqualTo(Code.INVALID_ARGUMENT);
  }

  @Test
  void aChunkThatIsNone_endsTheConnection() throws Exception {
    String[] lines = {
      "POST /v1/traces HTTP/1.1",
      "Host: a",
      "Content-Type: application/json",
      "Transfer-Encoding: chunked",
      "",
      "zz",
      "{}"
    };
    String chunks = String.join("\r\n", lines);
    assertThat(Posts.socket(node.port(), chunks)).doesNotContain("200 OK");
  }
}
