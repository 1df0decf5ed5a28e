package io.homespan.ingest;

import static io.homespan.ingest.RawSender.frame;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.CodedOutputStream;
import io.grpc.Status.Code;
import io.homespan.bus.Phase;
import io.homespan.ingest.RawSender.Reply;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What balancers are told, over HTTP and over gRPC. */
class ReadinessTest {
  private static final String HEALTH = "/grpc.health.v1.Health/";
  private static final String TRACES = "opentelemetry.proto.collector.trace.v1.TraceService";

  @RegisterExtension final TestNode node = new TestNode();

  @Test
  void overHttp() throws Exception {
    node.publish(false);
    assertThat(Posts.get(node.port(), "/ready").statusCode()).isEqualTo(503);
    assertThat(Posts.get(node.port(), "/health").statusCode()).isEqualTo(200);
    node.publish(true);
    assertThat(Posts.get(node.port(), "/ready?verbose=1").statusCode()).isEqualTo(200);
    String head = "HEAD /ready HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    assertThat(Posts.socket(node.port(), head)).startsWith("HTTP/1.1 200").endsWith("\r\n\r\n");
    node.publish(Phase.LEAVING);
    assertThat(Posts.get(node.port(), "/ready").statusCode()).isEqualTo(503);
    assertThat(Posts.get(node.port(), "/health").statusCode()).isEqualTo(200);
  }

  @Test
  void overGrpc() throws Exception {
    node.publish(false);
    assertThat(status(check(""))).isEqualTo(2);
    node.publish(true);
    assertThat(status(check(""))).isEqualTo(1);
    assertThat(status(check(TRACES))).isEqualTo(1);
    node.publish(Phase.LEAVING);
    assertThat(status(check(TRACES))).isEqualTo(2);
  }

  @Test
  void aServiceThatNobodyKnows_isNotFound() throws Exception {
    assertThat(check("homespan.Nothing").error()).isEqualTo(Code.NOT_FOUND);
  }

  @Test
  void watch_isNotImplemented() {
    Buffer call = frame(0, Buffer.buffer());
    assertThat(node.raw.call(node.port(), HEALTH + "Watch", call).error())
        .isEqualTo(Code.UNIMPLEMENTED);
  }

  @Test
  void aCheckWithoutAMessageOrWithTwo_isAnswered() {
    Buffer none = Buffer.buffer();
    assertThat(node.raw.call(node.port(), HEALTH + "Check", none).error())
        .isEqualTo(Code.INVALID_ARGUMENT);
    Buffer two = frame(0, none).appendBuffer(frame(0, none));
    assertThat(node.raw.call(node.port(), HEALTH + "Check", two).error())
        .isEqualTo(Code.INVALID_ARGUMENT);
  }

  private Reply check(String service) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    if (!service.isEmpty()) out.writeString(1, service);
    out.flush();
    Buffer message = Buffer.buffer(bytes.toByteArray());
    return node.raw.call(node.port(), HEALTH + "Check", frame(0, message));
  }

  /** Field 1 of the answer: 1 is SERVING, 2 is NOT_SERVING. */
  private static int status(Reply reply) {
    assertThat(reply.trailers().get("grpc-status")).isEqualTo("0");
    assertThat(reply.body().getByte(5)).isEqualTo((byte) 8);
    return reply.body().getByte(6);
  }
}
