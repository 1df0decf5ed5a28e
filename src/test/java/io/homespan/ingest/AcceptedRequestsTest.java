package io.homespan.ingest;

import static io.homespan.ingest.Posts.JSON;
import static io.homespan.ingest.Posts.PROTOBUF;
import static io.homespan.ingest.RawSender.gzip;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.homespan.otlp.OtlpJson;
import io.homespan.otlp.TestSpans;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.collector.trace.v1.TraceServiceGrpc;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayInputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is right is taken on every protocol, and answered in the sender's own. */
class AcceptedRequestsTest {
  private static final ExportTraceServiceResponse NOTHING_WRONG =
      ExportTraceServiceResponse.getDefaultInstance();

  @RegisterExtension final TestNode node = new TestNode();
  private final TestSpans spans = new TestSpans(7);

  @Test
  void anEmptyRequest_isOk_onGrpc() throws Exception {
    Buffer empty = Buffer.buffer();
    assertThat(node.raw.export(node.port(), empty).ok()).isEqualTo(NOTHING_WRONG);
    assertThat(node.raw.exportPacked(node.port(), gzip(empty)).ok()).isEqualTo(NOTHING_WRONG);
    assertThat(node.raw.export(node.peerPort(), empty).ok()).isEqualTo(NOTHING_WRONG);
  }

  @Test
  void anEmptyRequest_isOk_onHttp() throws Exception {
    HttpResponse<byte[]> protobuf = Posts.traces(node.port(), PROTOBUF, Buffer.buffer());
    assertThat(protobuf.statusCode()).isEqualTo(200);
    assertThat(protobuf.body()).isEmpty();
    assertThat(protobuf.headers().firstValue("content-type")).hasValue(PROTOBUF);
    HttpResponse<byte[]> json = Posts.traces(node.port(), JSON, Buffer.buffer("{}"));
    assertThat(json.statusCode()).isEqualTo(200);
    assertThat(Posts.text(json)).isEqualTo("{}");
    assertThat(json.headers().firstValue("content-type")).hasValue(JSON);
  }

  @Test
  void whatHasHoppedOnce_isKept_evenOnTheSendersPort() throws Exception {
    Buffer many = spans.bytes(60, 1);
    node.raw.export(node.port(), many, "homespan-hops", "1").ok();
    assertThat(node.sink.forwarded).isEmpty();
    assertThat(node.sink.spans()).isEqualTo(60);
    node.raw.export(node.port(), many).ok();
    assertThat(node.sink.forwarded).isNotEmpty();
  }

  @Test
  void resourcesWithoutSpans_areOk() throws Exception {
    Buffer request = TestSpans.bytes(spans.request(1, 1));
    ExportTraceServiceRequest.Builder hollow =
        ExportTraceServiceRequest.parseFrom(request.getBytes()).toBuilder();
    hollow.getResourceSpansBuilderList().forEach(resource -> resource.clearScopeSpans());
    Buffer bytes = TestSpans.bytes(hollow.build());
    assertThat(node.raw.export(node.port(), bytes).ok()).isEqualTo(NOTHING_WRONG);
    assertThat(node.raw.export(node.peerPort(), bytes).ok()).isEqualTo(NOTHING_WRONG);
    assertThat(node.sink.spans()).isZero();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void grpcJavasClient_bringsEachSpanToItsOwner(boolean packed) throws Exception {
    ManagedChannel channel =
        Grpc.newChannelBuilder("127.0.0.1:" + node.port(), InsecureChannelCredentials.create())
            .build();
    try {
      var stub = TraceServiceGrpc.newBlockingStub(channel);
      if (packed) stub = stub.withCompression("gzip");
      assertThat(stub.export(spans.request(20, 5))).isEqualTo(NOTHING_WRONG);
    } finally {
      channel.shutdownNow();
    }
    assertThat(node.sink.spans()).isEqualTo(100);
    assertThat(node.sink.kept).isNotEmpty();
    assertThat(node.sink.forwarded)
        .isNotEmpty()
        .allSatisfy(forward -> assertThat(forward.owner()).isEqualTo(TestNode.OTHER));
    assertThat(node.metrics.books().received()).isEqualTo(100);
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 1500}) // the latter unpacks and reads off the event loop
  void overHttp_plainOrPacked_protobufOrJson(int traces) throws Exception {
    Buffer protobuf = spans.bytes(traces, 1);
    Buffer json = OtlpJson.toJson(spans.bytes(traces / 2, 1));
    assertThat(Posts.traces(node.port(), PROTOBUF, protobuf).statusCode()).isEqualTo(200);
    assertThat(packed(PROTOBUF, protobuf).statusCode()).isEqualTo(200);
    assertThat(Posts.traces(node.port(), JSON + "; charset=utf-8", json).statusCode())
        .isEqualTo(200);
    assertThat(packed(JSON, json).statusCode()).isEqualTo(200);
    assertThat(node.sink.spans()).isEqualTo(3 * traces);
  }

  @Test
  void aSenderThatOffersHttp2_isServed() throws Exception {
    HttpClient upgrading = HttpClient.newHttpClient();
    for (int i = 0; i < 2; i++) {
      HttpRequest request =
          Posts.request(
              "POST",
              node.port(),
              "/v1/traces",
              BodyPublishers.ofByteArray(spans.bytes(500, 1).getBytes()),
              "content-type",
              PROTOBUF);
      assertThat(upgrading.send(request, BodyHandlers.ofByteArray()).statusCode()).isEqualTo(200);
    }
    assertThat(node.sink.spans()).isEqualTo(1000);
  }

  @Test
  void aSenderThatWaitsForContinue_isAskedToGoOn() throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(
                java.net.URI.create("http://127.0.0.1:" + node.port() + "/v1/traces"))
            .version(HttpClient.Version.HTTP_1_1)
            .expectContinue(true)
            .timeout(TestNode.LONG)
            .header("content-type", PROTOBUF)
            .POST(BodyPublishers.ofByteArray(spans.bytes(3, 1).getBytes()))
            .build();
    assertThat(HttpClient.newHttpClient().send(request, BodyHandlers.discarding()).statusCode())
        .isEqualTo(200);
    String head =
        "POST /v1/traces HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
            + "Connection: close\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n{}";
    assertThat(Posts.socket(node.port(), head)).contains("100 Continue").contains("200 OK");
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "deflate, gzip;q=0.5", "GZIP", "*"})
  void anAnswerIsPacked_forWhoAcceptsIt(String accepted) throws Exception {
    HttpResponse<byte[]> answer =
        Posts.traces(node.port(), JSON, Buffer.buffer("{}"), "accept-encoding", accepted);
    assertThat(answer.headers().firstValue("content-encoding")).hasValue("gzip");
    assertThat(new GZIPInputStream(new ByteArrayInputStream(answer.body())).readAllBytes())
        .isEqualTo("{}".getBytes(java.nio.charset.StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip;q=0", "gzip; q=0.0", "identity", "deflate, br"})
  void anAnswerIsPlain_forOthers(String accepted) throws Exception {
    HttpResponse<byte[]> answer =
        Posts.traces(node.port(), JSON, Buffer.buffer("{}"), "accept-encoding", accepted);
    assertThat(answer.headers().firstValue("content-encoding")).isEmpty();
    assertThat(Posts.text(answer)).isEqualTo("{}");
  }

  private HttpResponse<byte[]> packed(String type, Buffer plain) throws Exception {
    return Posts.traces(node.port(), type, gzip(plain), "content-encoding", "gzip");
  }
}
