package io.homespan.rpc;

import static io.homespan.rpc.Frames.DATA;
import static io.homespan.rpc.Frames.END_HEADERS;
import static io.homespan.rpc.Frames.END_STREAM;
import static io.homespan.rpc.Frames.GOAWAY;
import static io.homespan.rpc.Frames.HEADERS;
import static io.homespan.rpc.Frames.PADDED;
import static io.homespan.rpc.Frames.PING;
import static io.homespan.rpc.Frames.RST_STREAM;
import static io.homespan.rpc.Frames.SETTINGS;
import static io.homespan.rpc.Frames.WINDOW_UPDATE;
import static io.homespan.rpc.ScriptedServer.number;
import static org.assertj.core.api.Assertions.assertThat;

import io.homespan.rpc.ScriptedEnd.Frame;
import io.netty.handler.codec.http2.Http2Headers;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a connection writes and understands, frame by frame. */
@Timeout(300)
class ConnectionTest {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final Duration SHORT = Duration.ofSeconds(1);
  private static final Map<String, String> METADATA = Map.of("homespan-hops", "1");
  private static final int MOST = 300_000;
  private static final Reply OK = new Reply.Answered(0, "", null, Buffer.buffer());

  private final Vertx vertx = Vertx.vertx();
  private final UnaryClient client = new UnaryClient(vertx, new UnaryClient.Options(LONG, MOST));
  private ScriptedServer server;

  @BeforeEach
  void listen() throws IOException {
    server = new ScriptedServer();
  }

  @AfterEach
  void close() throws Exception {
    server.close();
    vertx.close().toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
  }

  @Test
  void headersAreTheSame_inFullAndByIndex() throws Exception {
    CompletableFuture<Reply> first = call(10, LONG);
    server.accept();
    CompletableFuture<Reply> second = call(10, LONG);
    Frame inFull = server.next(HEADERS);
    Frame byIndex = server.next(HEADERS);
    Http2Headers headers = server.headers(inFull);
    assertThat(headers.method()).hasToString("POST");
    assertThat(headers.path()).hasToString("/a.B/C");
    assertThat(headers.authority()).hasToString("127.0.0.1:" + server.port());
    assertThat(headers.get("te")).hasToString("trailers");
    assertThat(headers.get("grpc-timeout")).hasToString("60000m");
    assertThat(headers.get("homespan-hops")).hasToString("1");
    assertThat(server.headers(byIndex)).isEqualTo(headers);
    assertThat(byIndex.payload().length).isLessThan(10).isLessThan(inFull.payload().length);
    server.ok(inFull.stream());
    server.ok(byIndex.stream());
    assertThat(reply(first)).isEqualTo(OK);
    assertThat(reply(second)).isEqualTo(OK);
  }

  @Test
  void aMessage_isCutIntoFramesOfTheSizeThatTheServerTakes() throws Exception {
    for (int size : new int[] {16_379, 16_380, 40_000}) {
      CompletableFuture<Reply> reply = call(size, LONG);
      if (size == 16_379) server.accept(Frames.INITIAL_WINDOW_SIZE, 1 << 20);
      Frame headers = server.next(HEADERS);
      ByteArrayOutputStream body = new ByteArrayOutputStream();
      Frame frame;
      do {
        frame = server.next(DATA);
        assertThat(frame.stream()).isEqualTo(headers.stream());
        assertThat(frame.payload()).hasSizeBetween(1, 16_384);
        body.writeBytes(frame.payload());
      } while (!frame.last());
      assertThat(body.toByteArray()).isEqualTo(framed(size));
      server.send(WINDOW_UPDATE, 0, 0, number(5 + size));
      server.ok(headers.stream());
      assertThat(reply(reply)).isEqualTo(OK);
    }
  }

  @Test
  void largerFrames_ifTheServerTakesThem() throws Exception {
    begin(40_000);
    server.accept(Frames.MAX_FRAME_SIZE, 1 << 20);
    Frame whole = server.next(DATA);
    assertThat(whole.payload()).isEqualTo(framed(40_000));
    assertThat(whole.last()).isTrue();
  }

  @Test
  void aStreamsWindow_holdsTheRestBack_untilItGrows() throws Exception {
    CompletableFuture<Reply> reply = call(95, LONG);
    server.accept(Frames.INITIAL_WINDOW_SIZE, 30);
    int stream = server.next(HEADERS).stream();
    assertThat(server.next(DATA).payload()).hasSize(30);
    server.settings(Frames.INITIAL_WINDOW_SIZE, 10); // less than nothing is left
    server.send(WINDOW_UPDATE, 0, stream, number(25));
    assertThat(server.next(DATA).payload()).hasSize(5);
    server.settings(Frames.INITIAL_WINDOW_SIZE, 50);
    assertThat(server.next(DATA).payload()).hasSize(40);
    server.send(WINDOW_UPDATE, 0, stream, number(1000));
    Frame rest = server.next(DATA);
    assertThat(rest.payload()).hasSize(25);
    assertThat(rest.last()).isTrue();
    server.ok(stream);
    assertThat(reply(reply)).isEqualTo(OK);
  }

  @Test
  void theConnectionsWindow_isSharedByAll() throws Exception {
    CompletableFuture<Reply> first = call(60_000, LONG);
    server.accept(Frames.INITIAL_WINDOW_SIZE, 1 << 20);
    CompletableFuture<Reply> second = call(20_000, LONG);
    int sent = 0;
    while (sent < 65_535) sent += server.next(DATA).payload().length;
    assertThat(sent).isEqualTo(65_535);
    server.send(WINDOW_UPDATE, 0, 0, number(1 << 20));
    Frame frame;
    do {
      frame = server.next(DATA);
      sent += frame.payload().length;
    } while (!frame.last());
    assertThat(frame.stream()).isEqualTo(3);
    assertThat(sent).isEqualTo(5 + 60_000 + 5 + 20_000);
    server.ok(1);
    server.ok(3);
    assertThat(reply(first)).isEqualTo(OK);
    assertThat(reply(second)).isEqualTo(OK);
  }

  @Test
  void asManyStreams_asTheServerAllows() throws Exception {
    CompletableFuture<Reply> first = call(10, LONG);
    server.accept(Frames.MAX_CONCURRENT_STREAMS, 1);
    assertThat(server.next(DATA).stream()).isEqualTo(1);
    assertThat(reply(call(10, SHORT))).isEqualTo(new Reply.NotSent("no stream in time"));
    CompletableFuture<Reply> third = call(10, LONG);
    server.ok(1);
    assertThat(reply(first)).isEqualTo(OK);
    assertThat(server.next(DATA).stream()).isEqualTo(3);
    server.ok(3);
    assertThat(reply(third)).isEqualTo(OK);
  }

  @Test
  void anAnswerBeforeAllWasSent_endsTheRest() throws Exception {
    CompletableFuture<Reply> reply = call(1000, LONG);
    server.accept(Frames.INITIAL_WINDOW_SIZE, 100);
    server.next(DATA);
    byte[] full = server.block(":status", "200", "grpc-status", "8", "grpc-message", "full");
    server.send(HEADERS, END_HEADERS | END_STREAM, 1, full);
    assertThat(reply(reply)).isEqualTo(new Reply.Answered(8, "full", null, Buffer.buffer()));
    assertThat(server.next(RST_STREAM).number(0)).isZero();
    server.send(WINDOW_UPDATE, 0, 1, number(1000)); // of no use any more
    begin(10);
    assertThat(server.next(DATA).stream()).isEqualTo(3);
  }

  @Test
  void anAnswer_inOddPieces() throws Exception {
    CompletableFuture<Reply> reply = call(10, LONG);
    server.accept();
    server.next(DATA);
    byte[] message = ScriptedServer.message(3);
    byte[] block = server.block(":status", "200", "content-type", "application/grpc");
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(ScriptedServer.bytes(HEADERS, END_HEADERS, 1, server.block(":status", "103")));
    all.writeBytes(ScriptedServer.bytes(HEADERS, 0, 1, block[0]));
    byte[] more = ByteBuffer.allocate(block.length - 1).put(block, 1, block.length - 1).array();
    all.writeBytes(ScriptedServer.bytes(Frames.CONTINUATION, END_HEADERS, 1, more));
    all.writeBytes(ScriptedServer.bytes(0x42, 0, 1, block)); // an extension that nobody knows
    all.writeBytes(ScriptedServer.bytes(DATA, 0, 1, message[0], message[1], message[2]));
    byte[] padded = {2, message[3], message[4], message[5], message[6], 9, 9};
    all.writeBytes(ScriptedServer.bytes(DATA, PADDED, 1, padded));
    all.writeBytes(ScriptedServer.bytes(DATA, 0, 1, message[7]));
    byte[] trailers = server.block("grpc-status", "0");
    all.writeBytes(ScriptedServer.bytes(HEADERS, END_HEADERS | END_STREAM, 1, trailers));
    server.dribble(all.toByteArray());
    assertThat(reply(reply)).isEqualTo(new Reply.Answered(0, "", null, Buffer.buffer("mmm")));
  }

  @Test
  void aLongAnswer_opensItsWindows() throws Exception {
    CompletableFuture<Reply> reply = call(10, LONG);
    server.accept();
    server.next(DATA);
    server.send(HEADERS, END_HEADERS, 1, server.block(":status", "200"));
    byte[] message = ScriptedServer.message(MOST);
    int connection = 65_535;
    int stream = 65_535;
    for (int at = 0; at < message.length; ) {
      int piece = Math.min(Math.min(16_384, message.length - at), Math.min(connection, stream));
      byte[] bytes = ByteBuffer.allocate(piece).put(message, at, piece).array();
      if (piece > 0) server.send(DATA, 0, 1, bytes);
      at += piece;
      connection -= piece;
      stream -= piece;
      while (at < message.length && Math.min(connection, stream) < 16_384) {
        Frame window = server.next(WINDOW_UPDATE);
        if (window.stream() == 0) connection += window.number(0);
        else stream += window.number(0);
      }
    }
    byte[] trailers = server.block("grpc-status", "0");
    server.send(HEADERS, END_HEADERS | END_STREAM, 1, trailers);
    assertThat(((Reply.Answered) reply(reply)).body().length()).isEqualTo(MOST);
  }

  @Test
  void aPing_isAnsweredWithItsOwnBytes() throws Exception {
    begin(10);
    server.accept();
    byte[] bytes = {1, 2, 3, 4, 5, 6, 7, 8};
    server.send(PING, 0, 0, bytes);
    Frame pong = server.next(PING);
    assertThat(pong.flags()).isEqualTo(Frames.ACK);
    assertThat(pong.payload()).isEqualTo(bytes);
  }

  @Test
  void whatTheServerDidNotLookAt_isNotSent_theRestIsAnswered() throws Exception {
    CompletableFuture<Reply> first = call(10, LONG);
    server.accept(Frames.MAX_CONCURRENT_STREAMS, 2);
    CompletableFuture<Reply> second = call(10, LONG);
    assertThat(server.next(DATA).stream()).isEqualTo(1);
    assertThat(server.next(DATA).stream()).isEqualTo(3);
    CompletableFuture<Reply> waiting = call(10, LONG);
    // an answered ping: the client's loop has taken the third call before it reads what follows
    server.send(PING, 0, 0, new byte[8]);
    assertThat(server.next(PING).flags()).isEqualTo(Frames.ACK);
    byte[] lastIsOne = {0, 0, 0, 1, 0, 0, 0, 0};
    server.send(GOAWAY, 0, 0, lastIsOne);
    assertThat(reply(second)).isEqualTo(new Reply.NotSent("the server went away"));
    assertThat(reply(waiting)).isEqualTo(new Reply.NotSent("the server went away"));
    server.ok(1);
    assertThat(reply(first)).isEqualTo(OK);
  }

  @Test
  void theShorterTimeout_endsFirst() throws Exception {
    CompletableFuture<Reply> patient = call(10, LONG);
    server.accept();
    assertThat(reply(call(10, SHORT))).isEqualTo(new Reply.Lost("no answer in time"));
    assertThat(server.next(RST_STREAM).stream()).isEqualTo(3);
    assertThat(server.next(PING).flags()).isZero();
    server.ok(1);
    assertThat(reply(patient)).isEqualTo(OK);
  }

  @Test
  void nonsense_endsTheConnection_andSaysSo() throws Exception {
    CompletableFuture<Reply> reply = call(10, LONG);
    server.accept();
    server.next(DATA);
    server.send(WINDOW_UPDATE, 0, 0, number(0));
    assertThat(server.next(GOAWAY).number(4)).isEqualTo(1); // PROTOCOL_ERROR
    assertThat(reply(reply)).isInstanceOf(Reply.Lost.class);
  }

  @Test
  void whoDoesNotBeginWithSettings_getsNothing() throws Exception {
    CompletableFuture<Reply> reply = call(10, LONG);
    server.acceptAndSay("HTTP/1.1 400 Bad Request\r\n\r\n");
    assertThat(reply(reply)).isInstanceOf(Reply.NotSent.class);
  }

  @Test
  void settings_areAcknowledged() throws Exception {
    begin(10);
    server.accept();
    assertThat(server.next(SETTINGS).flags()).isZero(); // the client's own
    assertThat(server.next(SETTINGS).flags()).isEqualTo(Frames.ACK);
  }

  /** Bytes that tell where they stand. */
  private record Sample(int size) implements Message {
    @Override
    public void writeTo(ByteBuffer out) {
      for (int i = 0; i < size; i++) out.put((byte) ((i * 31) >> 3));
    }
  }

  private static byte[] framed(int size) {
    ByteBuffer framed = ByteBuffer.allocate(5 + size).put((byte) 0).putInt(size);
    new Sample(size).writeTo(framed);
    return framed.array();
  }

  private CompletableFuture<Reply> call(int size, Duration timeout) {
    CompletableFuture<Reply> reply = new CompletableFuture<>();
    client
        .call("127.0.0.1", server.port(), "/a.B/C", METADATA, new Sample(size), timeout)
        .onSuccess(reply::complete);
    return reply;
  }

  private void begin(int size) {
    assertThat(call(size, LONG)).isNotDone();
  }

  private static Reply reply(CompletableFuture<Reply> reply) throws Exception {
    return reply.get(60, TimeUnit.SECONDS);
  }
}
