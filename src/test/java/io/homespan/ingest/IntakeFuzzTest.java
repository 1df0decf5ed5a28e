package io.homespan.ingest;

import static io.homespan.ingest.RawSender.EXPORT;
import static io.homespan.ingest.RawSender.frame;
import static io.homespan.ingest.RawSender.gzip;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.homespan.ingest.RawSender.Call;
import io.homespan.ingest.RawSender.Reply;
import io.homespan.otlp.Batch;
import io.homespan.otlp.Cutter;
import io.homespan.otlp.MalformedException;
import io.homespan.otlp.OtlpJson;
import io.homespan.otlp.TestSpans;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/**
 * Whatever comes in at a port, on real sockets: each request gets an answer that is not the node's
 * fault, what can be read is kept, and nothing stays admitted.
 */
class IntakeFuzzTest {
  private static final int PIECES = 0x30;
  private static final Set<Integer> HTTP = Set.of(200, 400, 413, 415);

  /** OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED, UNIMPLEMENTED. */
  private static final Set<String> GRPC = Set.of("0", "3", "8", "12");

  private static TestNode node;
  private final Cutter cutter = new Cutter();

  @BeforeAll
  static void open() {
    // a busy machine must not make requests late
    node = new TestNode(1 << 20, Duration.ofMinutes(5), 100, 16 << 20);
    node.beforeEach(null);
    for (Door door : Door.values()) {
      for (Packing packing : Packing.values()) reach(door, packing);
    }
  }

  /**
   * While a fuzzer changes the classes that are loaded on the way, a first request may take long.
   */
  private static void reach(Door door, Packing packing) {
    for (int tries = 0; ; tries++) {
      try {
        send(door, packing, 1, false, Buffer.buffer());
        return;
      } catch (AssertionError e) {
        if (tries == 10) throw e;
      }
    }
  }

  @AfterAll
  static void close() {
    node.afterEach(null);
  }

  /** Where a request goes. */
  private enum Door {
    SENDERS,
    PEERS,
    PROTOBUF,
    JSON;

    boolean grpc() {
      return this == SENDERS || this == PEERS;
    }
  }

  /** What is done with the bytes before they go. */
  private enum Packing {
    /** Nothing: a gRPC message has no prefix but what is there. */
    BARE,
    /** Nothing, but it is said to be gzip. */
    SAID_TO_BE_GZIP,
    /** gzip, and a gRPC message's prefix. */
    GZIP,
    /** A gRPC message's prefix. */
    FRAMED
  }

  /**
   * One request: in the first byte bits 0 and 1 are its door, 2 and 3 the packing, 4 and 5 in how
   * many pieces it goes (1 to 4), 6 asks for an encoding that nobody knows. The rest is the body.
   */
  @FuzzTest
  void request(byte[] bytes) throws Exception {
    if (bytes.length == 0) return;
    Door door = Door.values()[bytes[0] & 3];
    Packing packing = Packing.values()[bytes[0] >> 2 & 3];
    int pieces = 1 + ((bytes[0] & PIECES) >> 4);
    boolean odd = (bytes[0] & 0x40) != 0;
    Buffer body = Buffer.buffer(Arrays.copyOfRange(bytes, 1, bytes.length));
    node.sink.kept.clear();
    node.sink.forwarded.clear();

    Reply reply = send(door, packing, pieces, odd, body);

    assertThat(HTTP).contains(reply.status());
    boolean taken = reply.status() == 200;
    if (door.grpc()) {
      String status = reply.trailers().get("grpc-status");
      if (status == null) status = reply.headers().get("grpc-status");
      assertThat(GRPC).as("%s", reply.message()).contains(status);
      taken = "0".equals(status);
    }
    if (odd) {
      assertThat(taken).isFalse();
    } else if (packing == Packing.GZIP || packing == Packing.FRAMED) {
      int expected = spans(door, body);
      assertThat(taken).as("%s", reply).isEqualTo(expected >= 0);
      assertThat(node.sink.spans()).isEqualTo(Math.max(0, expected));
    }
    if (!taken) assertThat(node.sink.spans()).isZero();
    TestNode.eventually(
        () -> node.gates.senders().requests() == 0 && node.gates.peers().requests() == 0);
    assertThat(node.gates.senders().bytes() + node.gates.peers().bytes()).isZero();
    assertThat(node.metrics.books().balanced()).isTrue();
  }

  private static Reply send(Door door, Packing packing, int pieces, boolean odd, Buffer body) {
    Buffer sent = body;
    if (packing == Packing.GZIP) sent = gzip(body);
    if (door.grpc() && packing == Packing.GZIP) sent = frame(1, sent);
    if (door.grpc() && packing == Packing.FRAMED) sent = frame(0, body);
    String encoding =
        odd
            ? "br"
            : packing == Packing.GZIP || packing == Packing.SAID_TO_BE_GZIP ? "gzip" : "identity";
    Call call =
        switch (door) {
          case SENDERS -> node.raw.open(node.port(), EXPORT, "grpc-encoding", encoding);
          case PEERS -> node.raw.open(node.peerPort(), EXPORT, "grpc-encoding", encoding);
          case PROTOBUF -> http("application/x-protobuf", encoding);
          case JSON -> http("application/json", encoding);
        };
    int size = sent.length() / pieces;
    for (int i = 0; i < pieces - 1; i++) call.write(sent.slice(i * size, (i + 1) * size));
    call.request().end(sent.slice((pieces - 1) * size, sent.length())).onFailure(gone -> {});
    return TestNode.await(call.reply());
  }

  private static Call http(String type, String encoding) {
    return node.raw.open(
        node.port(), "/v1/traces", "content-type", type, "content-encoding", encoding);
  }

  /** How many spans of a body are to be kept; -1 if it can't be read. */
  private int spans(Door door, Buffer body) {
    try {
      if (door == Door.PEERS) {
        var entries = Batch.split(body);
        if (entries.isPresent()) {
          return entries.get().stream().mapToInt(entry -> entry.part().spans()).sum();
        }
      }
      Buffer request = door == Door.JSON ? OtlpJson.toProtobuf(body) : body;
      return cutter.cut(request, (high, low) -> 0).spans();
    } catch (MalformedException e) {
      return -1;
    }
  }

  /** A connection on which anything comes; the node lives on. */
  @FuzzTest
  void connection(byte[] bytes) throws Exception {
    int port = bytes.length > 0 && (bytes[0] & 1) != 0 ? node.peerPort() : node.port();
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(1000 * TestNode.PATIENCE_SECONDS);
      socket.setSoLinger(true, 0); // no port is left waiting
      socket
          .getOutputStream()
          .write(bytes, Math.min(1, bytes.length), Math.max(0, bytes.length - 1));
      socket.shutdownOutput();
      socket.getInputStream().readAllBytes();
    } catch (SocketTimeoutException e) {
      throw e; // the node must close what its other side has closed
    } catch (IOException e) {
      // reset: as good as closed
    }
    node.raw.export(node.port(), new TestSpans(1).bytes(1, 1)).ok();
    node.sink.kept.clear();
    node.sink.forwarded.clear();
  }
}
