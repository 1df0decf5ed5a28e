package io.homespan.ingest;

import static io.homespan.ingest.Posts.PROTOBUF;
import static io.homespan.ingest.RawSender.EXPORT;
import static io.homespan.ingest.RawSender.frame;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status.Code;
import io.homespan.ingest.RawSender.Reply;
import io.homespan.otlp.TestSpans;
import io.vertx.core.buffer.Buffer;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever knocks gets an answer that fits, and the port goes on. */
class WrongCallsTest {
  @RegisterExtension final TestNode node = new TestNode();
  private final TestSpans spans = new TestSpans(10);

  @AfterEach
  void aGoodRequest_isStillTaken() throws Exception {
    node.raw.export(node.port(), spans.bytes(2, 2)).ok();
    assertThat(Posts.traces(node.port(), PROTOBUF, spans.bytes(2, 2)).statusCode()).isEqualTo(200);
    assertThat(node.sink.spans()).isEqualTo(8);
  }

  @ParameterizedTest
  @CsvSource({
    "POST, /v1/metrics, application/json, 404",
    "POST, /, application/x-protobuf, 404",
    "POST, /v1/traces/, application/json, 404",
    "GET, /v1/traces, application/json, 405",
    "PUT, /v1/traces, application/json, 405",
    "POST, /ready, application/json, 405",
    "POST, /v1/traces, text/plain, 415",
    "POST, /v1/traces, application/grpc, 415"
  })
  void aWrongHttpCall(String method, String path, String type, int status) throws Exception {
    HttpResponse<byte[]> answer =
        Posts.send(method, node.port(), path, BodyPublishers.ofString("{}"), "content-type", type);
    assertThat(answer.statusCode()).isEqualTo(status);
    assertThat(Posts.text(answer)).isNotBlank();
    assertThat(answer.headers().firstValue("allow").isPresent()).isEqualTo(status == 405);
  }

  @Test
  void anEncodingThatIsNotSpoken() throws Exception {
    HttpResponse<byte[]> http =
        Posts.traces(node.port(), PROTOBUF, spans.bytes(1, 1), "content-encoding", "zstd");
    assertThat(http.statusCode()).isEqualTo(415);
    Reply grpc = node.raw.export(node.port(), spans.bytes(1, 1), "grpc-encoding", "zstd");
    assertThat(grpc.error()).isEqualTo(Code.UNIMPLEMENTED);
    assertThat(grpc.headers().get("grpc-accept-encoding")).contains("gzip");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/opentelemetry.proto.collector.trace.v1.TraceService/Import",
        "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
        "/x",
        "/"
      })
  void anUnknownMethod_isUnimplemented(String path) {
    Buffer call = frame(0, Buffer.buffer());
    assertThat(node.raw.call(node.port(), path, call).error()).isEqualTo(Code.UNIMPLEMENTED);
    assertThat(node.raw.call(node.peerPort(), path, call).error()).isEqualTo(Code.UNIMPLEMENTED);
  }

  @ParameterizedTest
  @ValueSource(strings = {"application/grpc-web", "application/grpc-web-text+proto"})
  void grpcWeb_isToldThatItIsNotSpoken(String type) throws Exception {
    for (String path : new String[] {EXPORT, "/grpc.health.v1.Health/Check"}) {
      HttpResponse<byte[]> answer =
          Posts.send("POST", node.port(), path, BodyPublishers.ofString("x"), "content-type", type);
      assertThat(answer.statusCode()).isEqualTo(415);
    }
  }

  @Test
  void grpcOverHttp1_isToldThatItIsNotSpoken() throws Exception {
    for (int port : new int[] {node.port(), node.peerPort()}) {
      HttpResponse<byte[]> answer =
          Posts.send(
              "POST",
              port,
              EXPORT,
              BodyPublishers.ofByteArray(frame(0, spans.bytes(1, 1)).getBytes()),
              "content-type",
              "application/grpc");
      assertThat(answer.statusCode()).isEqualTo(415);
    }
  }

  @Test
  void garbage_isBadRequest() throws Exception {
    for (int port : new int[] {node.port(), node.peerPort()}) {
      assertThat(Posts.socket(port, "this is no HTTP at all\r\n\r\n")).contains(" 400 ");
      assertThat(Posts.socket(port, "GET / HTTP/9.9\r\n\r\n")).contains(" 501 ");
      assertThat(Posts.socket(port, "OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"))
          .startsWith("HTTP/1.1 4");
      assertThat(Posts.socket(port, "GET /" + "x".repeat(9000) + " HTTP/1.1\r\n\r\n"))
          .contains(" 414 ");
    }
  }

  @Test
  void tlsOnAPlainPort_isEnded() throws Exception {
    // the beginning of a TLS 1.2 ClientHello, and a line feed so that the line ends
    byte[] hello = HexFormat.of().parseHex("160301002f0100002b0303" + "0a".repeat(38));
    assertThat(Posts.socket(node.port(), hello)).doesNotContain("200 OK");
    assertThat(Posts.socket(node.peerPort(), hello)).doesNotContain("200 OK");
  }

  @Test
  void brokenHttp2_endsTheConnection() throws Exception {
    byte[] preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    byte[] broken = java.util.Arrays.copyOf(preface, preface.length + 64);
    java.util.Arrays.fill(broken, preface.length, broken.length, (byte) 0xff);
    assertThat(Posts.socket(node.port(), broken)).doesNotContain("HTTP/1.1");
  }
}
