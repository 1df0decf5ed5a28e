package io.homespan.ingest;

import static io.homespan.ingest.Posts.PROTOBUF;
import static io.homespan.ingest.RawSender.EXPORT;
import static io.homespan.ingest.RawSender.frame;
import static io.homespan.ingest.RawSender.gzip;
import static io.homespan.ingest.TestNode.await;
import static io.homespan.ingest.TestNode.eventually;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Status.Code;
import io.homespan.ingest.RawSender.Call;
import io.homespan.ingest.RawSender.Reply;
import io.homespan.otlp.TestSpans;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Size, number and time have bounds; what was admitted is given back however a request ends. */
class LimitsTest {
  private static final int MAX_MESSAGE = 1 << 20;
  private static final int MAX_BYTES = 4 << 20;

  @RegisterExtension final TestNode node = new TestNode(MAX_MESSAGE, TestNode.LONG, 3, MAX_BYTES);

  private final TestSpans spans = new TestSpans(9);

  @Test
  void aBomb_isTooLarge_forEver() throws Exception {
    for (int megabytes : new int[] {2, 60}) { // the latter is unpacked off the event loop first
      Buffer bomb = gzip(Buffer.buffer(new byte[megabytes << 20]));
      Reply grpc = node.raw.exportPacked(node.port(), bomb);
      assertThat(grpc.error()).isEqualTo(Code.RESOURCE_EXHAUSTED);
      assertThat(grpc.hinted()).isFalse();
      HttpResponse<byte[]> http =
          Posts.traces(node.port(), PROTOBUF, bomb, "content-encoding", "gzip");
      assertThat(http.statusCode()).isEqualTo(413);
      assertThat(http.headers().firstValue("retry-after")).isEmpty();
    }
  }

  @Test
  void overSize_announcedOrNot_isTooLarge() throws Exception {
    byte[] large = new byte[MAX_MESSAGE + 1];
    assertThat(Posts.traces(node.port(), PROTOBUF, Buffer.buffer(large)).statusCode())
        .isEqualTo(413);
    var chunked = BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(large));
    assertThat(
            Posts.send("POST", node.port(), "/v1/traces", chunked, "content-type", PROTOBUF)
                .statusCode())
        .isEqualTo(413);
    Reply grpc = node.raw.export(node.port(), Buffer.buffer(large));
    assertThat(grpc.error()).isEqualTo(Code.RESOURCE_EXHAUSTED);
    assertThat(grpc.hinted()).isFalse();
    assertThat(node.raw.export(node.port(), spans.bytes(2, 1)).ok()).isNotNull();
  }

  @Test
  void aPrefixThatAnnouncesTooMuch_isRefused_beforeTheRestComes() {
    Call request = node.raw.open(node.port(), EXPORT);
    request.write(Buffer.buffer().appendByte((byte) 0).appendInt(MAX_MESSAGE + 1));
    assertThat(await(request.reply()).error()).isEqualTo(Code.RESOURCE_EXHAUSTED);
    request.reset();
    Call negative = node.raw.open(node.port(), EXPORT);
    negative.write(Buffer.buffer().appendByte((byte) 0).appendInt(-1));
    assertThat(await(negative.reply()).error()).isEqualTo(Code.RESOURCE_EXHAUSTED);
    negative.reset();
  }

  @Test
  void tooManyRequests_areRefusedWithAHint_andPeersHaveRoomOfTheirOwn() throws Exception {
    List<Call> open = begun(3, node.port(), 10);
    Reply refused = node.raw.export(node.port(), spans.bytes(1, 1));
    assertThat(refused.error()).isEqualTo(Code.UNAVAILABLE);
    assertThat(refused.hint()).isNotNull();
    HttpResponse<byte[]> http = Posts.traces(node.port(), PROTOBUF, spans.bytes(1, 1));
    assertThat(http.statusCode()).isEqualTo(503);
    assertThat(http.headers().firstValueAsLong("retry-after").orElse(0)).isBetween(1L, 2L);
    node.raw.export(node.peerPort(), spans.bytes(1, 1)).ok();
    open.forEach(Call::reset);
    eventually(() -> node.gates.senders().requests() == 0);
    node.raw.export(node.port(), spans.bytes(1, 1)).ok();
  }

  @Test
  void tooManyPeersCalls_areRefusedWithAHint_andSendersHaveRoomOfTheirOwn() throws Exception {
    List<Call> open = begun(3, node.peerPort(), 10);
    Reply refused = node.raw.export(node.peerPort(), spans.bytes(1, 1));
    assertThat(refused.error()).isEqualTo(Code.UNAVAILABLE);
    assertThat(refused.hint()).isNotNull();
    node.raw.export(node.port(), spans.bytes(1, 1)).ok();
    open.forEach(Call::reset);
    eventually(() -> node.gates.peers().requests() == 0);
  }

  @Test
  void aSenderThatResetsItsStream_givesBackWhatItHeld() {
    begun(1, node.port(), 1000).forEach(Call::reset);
    eventually(() -> node.gates.senders().requests() == 0 && node.gates.senders().bytes() == 0);
    eventually(() -> node.counted("grpc", "CANCELLED"));
  }

  @Test
  void aSenderWhoseConnectionBreaks_givesBackWhatItHeld() throws Exception {
    await(begun(2, node.port(), 1000).get(0).request().connection().close());
    eventually(() -> node.gates.senders().requests() == 0 && node.gates.senders().bytes() == 0);
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), node.port())) {
      String head =
          "POST /v1/traces HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
              + "Content-Length: 500\r\n\r\n{";
      socket.getOutputStream().write(head.getBytes(UTF_8));
      eventually(() -> node.gates.senders().bytes() == 1);
    }
    eventually(() -> node.gates.senders().requests() == 0 && node.gates.senders().bytes() == 0);
    eventually(() -> node.counted("http_json", "499"));
  }

  @Test
  void aSenderThatStopsHalfway_isRefused_whenItsTimeIsUp() throws Exception {
    TestNode hasty = new TestNode(MAX_MESSAGE, Duration.ofSeconds(1), 3, MAX_BYTES);
    hasty.beforeEach(null);
    try {
      Call request = hasty.raw.open(hasty.port(), EXPORT);
      request.write(frame(0, Buffer.buffer(new byte[MAX_MESSAGE])).getBuffer(0, 1000));
      Reply reply = await(request.reply());
      assertThat(reply.error()).isEqualTo(Code.UNAVAILABLE);
      assertThat(reply.hint()).isNotNull();
      Admission gate = hasty.gates.senders();
      eventually(() -> gate.requests() == 0 && gate.bytes() == 0);
      request.reset();
    } finally {
      hasty.afterEach(null);
    }
  }

  @Test
  void tooManyBytes_areRefusedWithAHint() throws Exception {
    TestNode tight = new TestNode(MAX_MESSAGE, TestNode.LONG, 3, MAX_MESSAGE);
    tight.beforeEach(null);
    try {
      Call first = tight.raw.open(tight.port(), EXPORT);
      first.write(frame(0, Buffer.buffer(new byte[MAX_MESSAGE])).getBuffer(0, 700_000));
      eventually(() -> tight.gates.senders().bytes() == 700_000);
      Reply second = tight.raw.export(tight.port(), Buffer.buffer(new byte[700_000]));
      assertThat(second.error()).isEqualTo(Code.UNAVAILABLE);
      assertThat(second.hint()).isNotNull();
      tight.raw.export(tight.peerPort(), spans.bytes(1000, 1)).ok();
      first.reset();
      eventually(() -> tight.gates.senders().bytes() == 0);
      // what is unpacked off the event loop takes room for the most that it may become
      byte[] noise = new byte[200 << 10];
      new Random(1).nextBytes(noise);
      Call other = tight.raw.open(tight.port(), EXPORT);
      other.write(frame(0, Buffer.buffer(new byte[100])).getBuffer(0, 50));
      eventually(() -> tight.gates.senders().bytes() == 50);
      Reply packed = tight.raw.exportPacked(tight.port(), gzip(Buffer.buffer(noise)));
      assertThat(packed.error()).isEqualTo(Code.UNAVAILABLE);
      assertThat(packed.hint()).isNotNull();
      // but alone it is never turned away: it would be for ever
      other.reset();
      eventually(() -> tight.gates.senders().bytes() == 0);
      Reply alone = tight.raw.exportPacked(tight.port(), gzip(Buffer.buffer(noise)));
      assertThat(alone.error()).isEqualTo(Code.INVALID_ARGUMENT); // it is noise, but was unpacked
    } finally {
      tight.afterEach(null);
    }
  }

  @Test
  void aBodyThatIsRefusedByItsLength_isNotReadToItsEnd() throws Exception {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), node.port())) {
      socket.setSoTimeout(60_000);
      String head =
          "POST /v1/traces HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
              + "Content-Length: 99999999999\r\n\r\n{";
      socket.getOutputStream().write(head.getBytes(UTF_8));
      String answer = new String(socket.getInputStream().readAllBytes(), UTF_8);
      assertThat(answer).startsWith("HTTP/1.1 413").containsIgnoringCase("connection: close");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"Content-Length: 99999999999", "Transfer-Encoding: chunked"})
  void aRefusedBody_isNotReadOn(String framing) throws Exception {
    node.publish(false);
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), node.port())) {
      socket.setSoTimeout(TestNode.PATIENCE_SECONDS * 1000);
      String head =
          "POST /v1/traces HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
              + framing
              + "\r\n\r\n";
      OutputStream out = socket.getOutputStream();
      out.write(head.getBytes(UTF_8));
      // of what the sockets take as well the system decides
      byte[] chunk = ("10000\r\n" + " ".repeat(1 << 16) + "\r\n").getBytes(UTF_8);
      long sent = 0;
      IOException end = null;
      for (; sent < 300 << 20 && end == null; sent += chunk.length) {
        try {
          out.write(chunk);
        } catch (IOException e) {
          end = e;
        }
      }
      assertThat(end).as("after " + sent + " bytes").isNotNull();
      assertThat(sent).isLessThan(100 << 20);
    }
  }

  @Test
  void aRefusedBody_isAnswered_beforeItsConnectionEnds() throws Exception {
    node.publish(false);
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), node.port())) {
      socket.setSoTimeout(TestNode.PATIENCE_SECONDS * 1000);
      String post = "POST /v1/traces HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n";
      OutputStream out = socket.getOutputStream();
      String small = post + "Content-Length: 100000\r\n\r\n" + " ".repeat(100_000);
      out.write(small.repeat(2).getBytes(UTF_8)); // these keep the connection
      out.write((post + "Content-Length: 2000000\r\n\r\n{").getBytes(UTF_8));
      String answers = new String(socket.getInputStream().readAllBytes(), UTF_8);
      assertThat(answers.split("HTTP/1.1 503 ", -1)).hasSize(1 + 3);
      assertThat(answers.split("(?i)connection: close", -1)).hasSize(1 + 1);
    }
  }

  @Test
  void aRefusedBody_isStopped_onHttp2_andOthersGoOn() throws Exception {
    node.publish(false);
    for (String type : new String[] {PROTOBUF, "text/plain"}) {
      Call request = node.raw.open(node.port(), "/v1/traces", "content-type", type);
      for (int i = 0; i < 40; i++) request.write(Buffer.buffer(new byte[1 << 16]));
      Reply reply = await(request.reply());
      assertThat(reply.status()).isEqualTo(type.equals(PROTOBUF) ? 503 : 415);
      // the end of what is written comes only with a reset
      assertThatThrownBy(() -> await(endless(request))).rootCause().hasMessageContaining("Stream");
      node.publish(true);
      node.raw.export(node.port(), spans.bytes(2, 1)).ok();
      node.publish(false);
    }
    node.publish(true);
  }

  private static Future<Void> endless(Call request) {
    return request
        .request()
        .write(Buffer.buffer(new byte[1 << 16]))
        .compose(more -> endless(request));
  }

  /** Calls that have sent so many bytes of a message and not yet its end. */
  private List<Call> begun(int calls, int port, int bytes) {
    Admission gate = port == node.port() ? node.gates.senders() : node.gates.peers();
    int before = gate.requests();
    long held = gate.bytes();
    List<Call> open = new ArrayList<>();
    for (int i = 0; i < calls; i++) {
      Call request = node.raw.open(port, EXPORT);
      request.write(frame(0, Buffer.buffer(new byte[MAX_MESSAGE])).getBuffer(0, bytes));
      open.add(request);
    }
    eventually(() -> gate.requests() == before + calls);
    eventually(() -> gate.bytes() == held + (long) calls * bytes);
    return open;
  }
}
