package io.homespan.rpc;

import static io.homespan.rpc.Frames.CONTINUATION;
import static io.homespan.rpc.Frames.DATA;
import static io.homespan.rpc.Frames.END_HEADERS;
import static io.homespan.rpc.Frames.END_STREAM;
import static io.homespan.rpc.Frames.GOAWAY;
import static io.homespan.rpc.Frames.HEADERS;
import static io.homespan.rpc.Frames.PADDED;
import static io.homespan.rpc.Frames.PING;
import static io.homespan.rpc.Frames.RST_STREAM;
import static io.homespan.rpc.Frames.WINDOW_UPDATE;
import static io.homespan.rpc.ScriptedEnd.bytes;
import static io.homespan.rpc.ScriptedEnd.message;
import static io.homespan.rpc.ScriptedEnd.number;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.homespan.rpc.ScriptedEnd.Frame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.internal.buffer.BufferInternal;
import java.io.ByteArrayOutputStream;
import java.net.URLDecoder;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Calls on a port whose other requests are Vert.x's, frame by frame. */
class CallLaneTest {
  private static final String CALL = "/a.B/C";
  private static final int STREAMS = 8;

  /** What was heard of a call. */
  private record Heard(Incoming call, String what, Buffer message) {}

  /** Lets in as many as the test wants. */
  private static final class Guests implements CallServer.Entrance {
    private final AtomicInteger here = new AtomicInteger();
    private volatile int most = 100;
    private volatile long ageMillis;

    @Override
    public boolean enter() {
      return here.get() < most && here.incrementAndGet() > 0;
    }

    @Override
    public void leave() {
      here.decrementAndGet();
    }

    @Override
    public long ageMillis() {
      return ageMillis;
    }
  }

  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
  private final BlockingQueue<Heard> heard = new LinkedBlockingQueue<>();
  private final Guests entrance = new Guests();
  private HttpServer server;
  private ScriptedClient client;

  @BeforeEach
  void listen() throws Exception {
    HttpServerOptions options =
        new HttpServerOptions()
            .setInitialSettings(
                new Http2Settings().setInitialWindowSize(65_535).setMaxConcurrentStreams(STREAMS))
            .setHttp2RstFloodMaxRstFramePerWindow(20);
    Promise<HttpServer> listening = Promise.promise();
    vertx.runOnContext(
        go ->
            CallServer.create(vertx, options, entrance, CALL, this::hear)
                .requestHandler(
                    request ->
                        request
                            .body()
                            .compose(
                                body ->
                                    request.path().startsWith("/slow")
                                        ? vertx.timer(request.path().length() * 20L).map(body)
                                        : Future.succeededFuture(body))
                            .onSuccess(
                                body ->
                                    request
                                        .response()
                                        .end(
                                            request.path().endsWith("/large")
                                                ? "x".repeat(20_000)
                                                : "vertx " + body.length())))
                .listen(0, "127.0.0.1")
                .onComplete(listening));
    server = await(listening.future());
    client = new ScriptedClient(server.actualPort());
  }

  @AfterEach
  void close() throws Exception {
    client.close();
    await(vertx.close());
  }

  private void hear(Incoming call) {
    if (call.header("refused") != null) {
      call.refuse(GrpcCode.UNAUTHENTICATED, "who are you?", null);
      return;
    }
    call.receive(
        new Incoming.Receiver() {
          @Override
          public void announced(long bytes) {
            if (bytes > 1 << 20) call.refuse(GrpcCode.RESOURCE_EXHAUSTED, "too large", null);
          }

          @Override
          public void came(int bytes) {}

          @Override
          public void whole(Buffer message, boolean packed) {
            if (call.header("stop") != null) call.caller().stopReading();
            heard.add(new Heard(call, "whole", message));
            if (call.header("later") == null) call.answer(message);
          }

          @Override
          public void malformed(String why) {
            call.refuse(GrpcCode.INVALID_ARGUMENT, why, null);
          }

          @Override
          public void brokenOff(String why) {
            heard.add(new Heard(call, why, Buffer.buffer()));
          }
        });
  }

  @Test
  void callsAndOtherRequests_takeTurnsOnOneConnection() throws Exception {
    client.begin();
    for (int stream = 1; stream < 40; stream += 4) {
      // the encoder keeps these headers, so both ways need what the other's blocks have said
      client.open(stream, CALL, "x-number", "n" + stream % 3);
      client.open(stream + 2, "/other", "x-number", "n" + stream % 3);
      client.send(DATA, 0, stream + 2, new byte[3]);
      client.end(stream, 7);
      assertThat(answer(stream)).isEqualTo(message(7));
      client.send(DATA, END_STREAM, stream + 2, new byte[4]);
      assertThat(body(stream + 2)).isEqualTo("vertx 7");
    }
  }

  @Test
  void itMatters_notHowTheBytesAreCut() throws Exception {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(ScriptedClient.PREFACE.getBytes(US_ASCII));
    all.writeBytes(bytes(Frames.SETTINGS, 0, 0));
    byte[] block = client.call(CALL, "grpc-timeout", "250m");
    byte[] begin = Arrays.copyOf(block, 10);
    byte[] rest = Arrays.copyOfRange(block, 10, block.length);
    all.writeBytes(bytes(HEADERS, 0, 1, begin));
    all.writeBytes(bytes(CONTINUATION, END_HEADERS, 1, rest));
    byte[] message = message(30);
    byte[] padded = new byte[1 + 12 + 9];
    padded[0] = 9;
    System.arraycopy(message, 0, padded, 1, 12);
    all.writeBytes(bytes(DATA, PADDED, 1, padded));
    all.writeBytes(bytes(DATA, 0, 1));
    all.writeBytes(bytes(DATA, END_STREAM, 1, Arrays.copyOfRange(message, 12, message.length)));
    client.dribble(all.toByteArray());
    assertThat(answer(1)).isEqualTo(message);
    assertThat(next().call().timeout()).isEqualTo(Duration.ofMillis(250));
    client.dribble(bytes(PING, 0, 0, new byte[8]));
    assertThat(client.next(PING).flags()).isEqualTo(Frames.ACK);
  }

  @Test
  void theSameBytes_meanWhatTheTableSays() throws Exception {
    client.begin();
    for (int i = 0; i < 300; i++) {
      int stream = 1 + 2 * i;
      // seldom another one, so that the indexes of the others move
      String timeout = 100 + i / 20 + "m";
      client.open(stream, CALL, "grpc-timeout", timeout);
      client.end(stream, 0);
      answer(stream);
      assertThat(next().call().header("grpc-timeout")).isEqualTo(timeout);
    }
  }

  @Test
  void whatIsNoUnaryCall_isRefused() throws Exception {
    client.begin();
    client.send(HEADERS, END_HEADERS | END_STREAM, 1, client.call(CALL));
    assertThat(refusal(1)).isEqualTo("the call ended without a message");
    client.open(3, CALL);
    client.send(DATA, END_STREAM, 3, new byte[4]);
    assertThat(refusal(3)).isEqualTo("the call ended within a message's prefix");
    client.open(5, CALL);
    client.send(DATA, END_STREAM, 5, Arrays.copyOf(message(9), 10));
    assertThat(refusal(5)).isEqualTo("the message has 5 of the 9 bytes that its prefix says");
    client.open(7, CALL);
    client.send(DATA, 0, 7, message(9));
    client.end(7, 0);
    assertThat(refusal(7)).isEqualTo("more than one message on a unary call");
    client.open(9, CALL);
    client.send(DATA, END_STREAM, 9, new byte[] {2, 0, 0, 0, 0});
    assertThat(refusal(9)).isEqualTo("compressed flag is 2");
    client.open(11, CALL);
    client.send(DATA, 0, 11, new byte[] {0, -1, -1, -1, -1});
    assertThat(refusal(11)).isEqualTo("too large");
    client.end(11, 100); // has no reader any more
    client.open(13, CALL);
    client.end(13, 1);
    assertThat(answer(13)).isEqualTo(message(1));
  }

  @Test
  void whoIsRefused_isStopped_andTheOthersGoOn() throws Exception {
    client.begin();
    client.open(3, CALL, "later", "1");
    client.send(DATA, 0, 3, Arrays.copyOf(message(9), 10));
    byte[] piece = Arrays.copyOf(message(1 << 20), 10_000);
    int received = 0;
    int[] opened = {0};
    for (int stream = 5; stream < 105; stream += 2) { // more than may be open at once
      client.open(stream, CALL, "refused", "1");
      assertThat(nextCounting(HEADERS, opened).stream()).isEqualTo(stream);
      for (int i = 0; i < 6; i++) client.send(DATA, 0, stream, piece); // the window, nearly
      received += 60_000;
      Frame reset = nextCounting(RST_STREAM, opened);
      assertThat(reset.stream()).isEqualTo(stream);
      assertThat(reset.number(0)).isEqualTo((int) Http2Error.NO_ERROR.code());
      if (stream % 4 == 1) client.send(DATA, END_STREAM, stream); // was on its way
      else client.send(RST_STREAM, 0, stream, number(0)); // as it has no reader
      while (opened[0] <= received - 65_535) {
        opened[0] += connections(client.next(WINDOW_UPDATE));
      }
    }
    client.send(DATA, END_STREAM, 3, new byte[4]);
    assertThat(next().message().length()).isEqualTo(9);
    client.open(201, CALL);
    client.end(201, 1);
    assertThat(answer(201)).isEqualTo(message(1));
  }

  /** The next frame of a type; what opens the connection's window before it is added up. */
  private Frame nextCounting(int type, int[] opened) throws Exception {
    Frame frame = client.next();
    for (; frame.type() != type; frame = client.next()) {
      assertThat(frame.type()).isIn(WINDOW_UPDATE, Frames.SETTINGS);
      if (frame.type() == WINDOW_UPDATE) opened[0] += connections(frame);
    }
    return frame;
  }

  /** By how much it opens the connection's window; no stream's is opened. */
  private static int connections(Frame update) {
    assertThat(update.stream()).isZero();
    return update.number(0);
  }

  @Test
  void aRefusedMessageThatIsOnePiece_isNotStopped() throws Exception {
    client.begin();
    client.open(1, CALL, "refused", "1");
    client.end(1, 9_000);
    refusal(1);
    client.send(PING, 0, 0, new byte[8]);
    while (true) {
      int type = client.next().type();
      assertThat(type).isNotEqualTo(RST_STREAM);
      if (type == PING) return;
    }
  }

  @Test
  void whoPushesOn_beyondItsWindow_isLetGo() throws Exception {
    client.begin();
    client.open(1, CALL, "refused", "1");
    for (int i = 0; i < 5; i++) client.send(DATA, 0, 1, new byte[16_000]);
    assertThat(goAway()).isEqualTo(Http2Error.FLOW_CONTROL_ERROR);
  }

  @Test
  void anAnswer_waitsForItsStreamsWindow() throws Exception {
    client.begin(Frames.INITIAL_WINDOW_SIZE, 3);
    client.open(1, CALL);
    client.end(1, 10);
    assertThat(client.next(DATA).payload()).isEqualTo(Arrays.copyOf(message(10), 3));
    client.settings(Frames.INITIAL_WINDOW_SIZE, 1); // less than nothing is left
    client.send(WINDOW_UPDATE, 0, 1, number(6));
    assertThat(client.next(DATA).payload()).hasSize(4);
    client.settings(Frames.INITIAL_WINDOW_SIZE, 100);
    assertThat(client.next(DATA).payload()).hasSize(8);
    assertThat(client.next("grpc-status")).isEqualTo("0");
  }

  @Test
  void ofTheConnectionsWindow_answersLeaveSomeForOthers() throws Exception {
    client.begin();
    int size = 12_000;
    for (int stream = 1; stream <= 9; stream += 2) {
      client.open(stream, CALL);
      client.end(stream, size);
    }
    int before = 0;
    while (before < 65_535 - (16 << 10)) before += client.next(DATA).payload().length;
    assertThat(before).isEqualTo(65_535 - (16 << 10));
    client.open(11, "/other");
    client.send(DATA, END_STREAM, 11, new byte[1]);
    assertThat(body(11)).isEqualTo("vertx 1");
    client.send(WINDOW_UPDATE, 0, 0, number(5 * (size + 5)));
    int after = 0;
    while (before + after < 5 * (size + 5)) after += client.next(DATA).payload().length;
    assertThat(before + after).isEqualTo(5 * (size + 5));
  }

  @Test
  void aWideWindow_isForAllAnswers_howeverLateItIsOpenedAgain() throws Exception {
    client.begin(Frames.INITIAL_WINDOW_SIZE, 1 << 20);
    client.send(WINDOW_UPDATE, 0, 0, number(1 << 20));
    for (int stream = 1; stream < 41; stream += 4) {
      client.open(stream, CALL);
      client.end(stream, 15_000);
      assertThat(answer(stream)).isEqualTo(message(15_000));
      client.open(stream + 2, "/large");
      client.send(DATA, END_STREAM, stream + 2);
      int size = 0;
      while (size < 20_000) size += client.next(DATA).payload().length;
    }
  }

  @Test
  void whoIsStopped_isNotReadFrom_untilItMayGoOn() throws Exception {
    client.begin();
    client.open(1, CALL, "later", "1", "stop", "1"); // in the midst of a read
    client.end(1, 1);
    Incoming first = next().call();
    client.open(3, CALL);
    client.end(3, 1);
    assertThat(heard.poll(500, TimeUnit.MILLISECONDS)).isNull();
    vertx.runOnContext(go -> first.caller().readOn());
    assertThat(next().call().stream).isEqualTo(3);
  }

  @Test
  void answersOfVertx_leave_thoughNothingMoreIsRead() throws Exception {
    client.begin(Frames.INITIAL_WINDOW_SIZE, 1 << 20);
    client.send(WINDOW_UPDATE, 0, 0, number(1 << 20));
    client.open(1, "/slow/large");
    client.send(DATA, END_STREAM, 1);
    client.open(3, "/slow/large");
    client.send(DATA, END_STREAM, 3);
    client.open(5, "/slow/and/last/of/all");
    client.send(DATA, END_STREAM, 5);
    int size = 0; // more than half of what Vert.x is lent
    while (size < 40_000) size += client.next(DATA).payload().length;
    assertThat(body(5)).isEqualTo("vertx 0");
  }

  @Test
  void anAnswerOfManyFrames_needsNoMoreThanItsWindows() throws Exception {
    client.begin(Frames.INITIAL_WINDOW_SIZE, 1 << 20);
    client.send(WINDOW_UPDATE, 0, 0, number(1 << 20));
    client.open(1, CALL);
    client.end(1, 1);
    answer(1);
    client.open(3, CALL, "later", "1");
    client.end(3, 1);
    next();
    Incoming call = next().call();
    vertx.runOnContext(go -> call.answer(Buffer.buffer("m".repeat(40_000))));
    assertThat(answer(3)).isEqualTo(message(40_000));
  }

  @Test
  void aMessagesMemory_isAnotherCalls_onceItIsSpent() throws Exception {
    client.begin();
    Buffer first = sent(1, 9_000);
    assertThat(array(sent(3, 9_000))).isNotSameAs(array(first)); // it may still be read
    Heard second = sentAndHeard(5, 9_000);
    spent(second);
    spent(second); // said twice, but lent once
    Buffer third = sent(7, 9_500);
    assertThat(array(third)).isSameAs(array(second.message()));
    assertThat(third).isEqualTo(Buffer.buffer(Arrays.copyOfRange(message(9_500), 5, 9_505)));
    assertThat(array(sent(9, 9_500))).isNotSameAs(array(third));
    assertThat(first).isEqualTo(Buffer.buffer(Arrays.copyOfRange(message(9_000), 5, 9_005)));
  }

  @Test
  void aMessageThatBreaksOff_leavesItsMemoryToOthers() throws Exception {
    client.begin();
    byte[] half = Arrays.copyOf(message(9_000), 4_000);
    byte[] memory = spent(sentAndHeard(1, 9_000));
    client.open(3, CALL);
    client.send(DATA, 0, 3, half);
    client.send(RST_STREAM, 0, 3, number(8));
    next();
    Heard after = sentAndHeard(5, 9_000);
    assertThat(array(after.message())).isSameAs(memory);
    spent(after);
    client.open(7, CALL);
    client.send(DATA, 0, 7, half);
    client.end(7, 9_000); // more than it announced
    refusal(7);
    assertThat(array(sent(9, 9_000))).isSameAs(memory);
  }

  private byte[] spent(Heard heard) throws Exception {
    Promise<Void> said = Promise.promise();
    vertx.runOnContext(
        go -> {
          heard.call().spent();
          said.complete();
        });
    await(said.future()); // or what comes next may be read first
    return array(heard.message());
  }

  private Buffer sent(int stream, int size) throws Exception {
    return sentAndHeard(stream, size).message();
  }

  private Heard sentAndHeard(int stream, int size) throws Exception {
    client.open(stream, CALL);
    client.end(stream, size);
    answer(stream);
    return next();
  }

  private static byte[] array(Buffer message) {
    return ((BufferInternal) message).getByteBuf().array();
  }

  @Test
  void windowsAreOpened_forPaddingToo() throws Exception {
    client.begin();
    client.open(1, CALL);
    client.send(DATA, 0, 1, Arrays.copyOf(message(1000), 5));
    byte[] padded = new byte[1 + 1 + 255];
    padded[0] = (byte) 255;
    for (int i = 0; i < 130; i++) client.send(DATA, PADDED, 1, padded);
    Frame more = client.next(WINDOW_UPDATE);
    while (more.stream() != 1) more = client.next(WINDOW_UPDATE);
    assertThat(more.number(0)).isGreaterThan(32_000);
  }

  @Test
  void aTableThatShrinks_isToldOf_beforeTheNextBlock() throws Exception {
    client.begin();
    client.open(1, CALL);
    client.end(1, 1);
    answer(1);
    client.settings(Frames.HEADER_TABLE_SIZE, 0, Frames.HEADER_TABLE_SIZE, 100);
    client.open(3, CALL);
    client.end(3, 1);
    // to 0, then to 100 in two bytes of which the first is full
    assertThat(client.next(HEADERS).payload()).startsWith(0x20, 0x3f, 69);
    assertThat(client.next("grpc-status")).isEqualTo("0");
    client.open(5, CALL);
    client.end(5, 1);
    assertThat(client.next(HEADERS).payload()[0]).isEqualTo((byte) 0x88);
  }

  @Test
  void windowsAreOpened_forWhatWasRead() throws Exception {
    client.begin();
    client.open(1, CALL);
    byte[] message = message(1 << 20);
    int window = 65_535;
    int connection = 65_535;
    for (int at = 0; at < message.length; ) {
      int piece = Math.min(Math.min(16_384, message.length - at), Math.min(window, connection));
      if (piece > 0) {
        int end = at + piece == message.length ? END_STREAM : 0;
        client.send(DATA, end, 1, Arrays.copyOfRange(message, at, at + piece));
        at += piece;
        window -= piece;
        connection -= piece;
        continue;
      }
      Frame more = client.next(WINDOW_UPDATE);
      if (more.stream() == 1) window += more.number(0);
      else connection += more.number(0);
    }
    assertThat(next().message().length()).isEqualTo(1 << 20);
  }

  @Test
  void aReset_endsTheCall_andOnlyThat() throws Exception {
    client.begin();
    client.open(1, CALL);
    client.send(DATA, 0, 1, Arrays.copyOf(message(9), 10));
    client.open(3, CALL, "later", "1");
    client.end(3, 2);
    Incoming later = next().call();
    client.send(RST_STREAM, 0, 1, number(8));
    assertThat(next().what()).isEqualTo("the call was reset");
    client.send(RST_STREAM, 0, 3, number(8));
    client.open(5, CALL);
    client.end(5, 1);
    assertThat(answer(5)).isEqualTo(message(1));
    assertThat(later.isClosed()).isTrue();
    vertx.runOnContext(go -> later.answer(Buffer.buffer("late"))); // goes nowhere
    client.open(7, CALL);
    client.end(7, 1);
    assertThat(answer(7)).isEqualTo(message(1));
  }

  @Test
  void aConnectionThatBreaks_endsItsCalls() throws Exception {
    client.begin();
    client.open(1, CALL);
    client.open(3, CALL, "later", "1");
    client.end(3, 2);
    Incoming later = next().call();
    Promise<Void> gone = Promise.promise();
    later.caller().whenGone(gone::complete);
    client.close();
    assertThat(next().what()).isEqualTo("the connection was closed");
    await(gone.future());
    assertThat(later.isClosed()).isTrue();
  }

  @Test
  void moreStreamsThanAllowed_areRefused_unprocessed() throws Exception {
    client.begin();
    for (int i = 0; i <= STREAMS; i++) client.open(1 + 2 * i, CALL);
    Frame reset = client.next(RST_STREAM);
    assertThat(reset.stream()).isEqualTo(1 + 2 * STREAMS);
    assertThat(reset.number(0)).isEqualTo((int) Http2Error.REFUSED_STREAM.code());
  }

  @Test
  void whoResetsWithoutEnd_isLetGo() throws Exception {
    client.begin();
    for (int i = 0; i <= 20; i++) {
      client.open(1 + 2 * i, CALL);
      client.send(RST_STREAM, 0, 1 + 2 * i, number(8));
    }
    assertThat(goAway()).isEqualTo(Http2Error.ENHANCE_YOUR_CALM);
  }

  @Test
  void emptyFramesWithoutEnd_areNotBorne() throws Exception {
    client.begin();
    client.open(1, CALL);
    for (int i = 0; i <= 100; i++) client.send(DATA, 0, 1);
    assertThat(goAway()).isEqualTo(Http2Error.ENHANCE_YOUR_CALM);
  }

  @Test
  void headersThatAreTooLong_costTheirStreamOnly() throws Exception {
    client.begin();
    client.open(1, CALL, "x", "y".repeat(9000));
    assertThat(client.next(":status")).isEqualTo("431");
    client.open(3, CALL);
    client.end(3, 1);
    assertThat(answer(3)).isEqualTo(message(1));
  }

  @Test
  void aMessageAfterTheEnd_isNoSecondOne() throws Exception {
    client.begin();
    client.open(1, CALL, "later", "1");
    client.end(1, 1);
    client.end(1, 1);
    Frame reset = client.next(RST_STREAM);
    assertThat(reset.number(0)).isEqualTo((int) Http2Error.STREAM_CLOSED.code());
    assertThat(heard).hasSize(1);
  }

  @Test
  void framesThatAreTooLarge_orHeadersThatAreNoHpack_endTheConnection() throws Exception {
    client.begin();
    client.open(1, CALL);
    client.send(DATA, 0, 1, new byte[16_385]);
    assertThat(goAway()).isEqualTo(Http2Error.FRAME_SIZE_ERROR);
    client.close();
    client = new ScriptedClient(server.actualPort()).begin();
    client.send(HEADERS, END_HEADERS, 1, new byte[] {(byte) 0xFE});
    assertThat(goAway()).isEqualTo(Http2Error.COMPRESSION_ERROR);
  }

  @Test
  void aPush_endsTheConnection_thoughItsBlockGoesOn() throws Exception {
    client.begin();
    client.send(Frames.PUSH_PROMISE, 0, 1, number(2));
    assertThat(goAway()).isEqualTo(Http2Error.PROTOCOL_ERROR);
  }

  @Test
  void goingDown_namesTheLastCall_andWaitsForIt() throws Exception {
    client.begin();
    client.open(1, "/other");
    client.send(DATA, END_STREAM, 1, new byte[1]);
    assertThat(body(1)).isEqualTo("vertx 1");
    client.open(3, CALL, "later", "1");
    client.end(3, 5);
    Incoming later = next().call();
    Future<Void> down = server.shutdown(60, TimeUnit.SECONDS);
    assertThat(client.next(GOAWAY).number(0)).isEqualTo(Integer.MAX_VALUE);
    client.open(5, CALL, "later", "1"); // crossed the first GOAWAY, so it is not lost
    client.end(5, 5);
    Frame goAway = client.next(GOAWAY);
    assertThat(goAway.number(0)).isEqualTo(5);
    assertThat(goAway.number(4)).isZero();
    Incoming crossed = next().call();
    client.open(7, CALL); // the second told that it will not be processed
    client.end(7, 5);
    vertx.runOnContext(
        go -> {
          later.answer(Buffer.buffer("done"));
          crossed.answer(Buffer.buffer());
        });
    assertThat(new String(answer(3), 5, 4, US_ASCII)).isEqualTo("done");
    answer(5);
    assertThat(client.socket.getInputStream().read()).isEqualTo(-1);
    await(down);
    assertThat(heard).isEmpty();
  }

  @Test
  void anOldConnection_isAskedToGo_andItsCallsEndInPeace() throws Exception {
    entrance.ageMillis = 1000; // a busy machine may need as long to begin the call
    try (ScriptedClient old = new ScriptedClient(server.actualPort()).begin()) {
      old.open(1, CALL, "later", "1");
      old.end(1, 3);
      Incoming later = next().call();
      assertThat(old.next(GOAWAY).number(0)).isEqualTo(Integer.MAX_VALUE);
      assertThat(old.next(GOAWAY).number(0)).isEqualTo(1);
      vertx.runOnContext(go -> later.answer(Buffer.buffer()));
      assertThat(old.next(":status")).isEqualTo("200");
      assertThat(old.next("grpc-status")).isEqualTo("0");
      assertThat(old.socket.getInputStream().read()).isEqualTo(-1);
    }
    client.begin(); // was there before there was an age
    client.open(1, CALL);
    client.end(1, 1);
    assertThat(answer(1)).isEqualTo(message(1));
  }

  @Test
  void oneTooMany_isClosedAtOnce_untilAnotherHasGone() throws Exception {
    client.begin();
    client.open(1, CALL);
    client.end(1, 1);
    answer(1);
    entrance.most = 1;
    try (ScriptedClient second = new ScriptedClient(server.actualPort())) {
      assertThat(second.socket.getInputStream().read()).isEqualTo(-1);
    }
    client.close();
    while (entrance.here.get() > 0) Thread.onSpinWait();
    client = new ScriptedClient(server.actualPort()).begin();
    client.open(1, CALL);
    client.end(1, 1);
    assertThat(answer(1)).isEqualTo(message(1));
  }

  private Heard next() throws InterruptedException {
    Heard next = heard.poll(60, TimeUnit.SECONDS);
    assertThat(next).isNotNull();
    return next;
  }

  /** The message of an OK, prefix included. */
  private byte[] answer(int stream) throws Exception {
    Frame head = client.next(HEADERS);
    assertThat(head.stream()).isEqualTo(stream);
    assertThat(client.headers(head).status()).hasToString("200");
    ByteArrayOutputStream message = new ByteArrayOutputStream();
    Frame frame = client.next();
    for (; frame.type() != HEADERS; frame = client.next()) {
      if (frame.type() == DATA) message.writeBytes(frame.payload());
    }
    assertThat(frame.last()).isTrue();
    assertThat(client.headers(frame).get("grpc-status")).hasToString("0");
    return message.toByteArray();
  }

  private String refusal(int stream) throws Exception {
    Frame head = client.next(HEADERS);
    assertThat(head.stream()).isEqualTo(stream);
    assertThat(head.last()).as("Trailers-Only").isTrue();
    return URLDecoder.decode(client.headers(head).get("grpc-message").toString(), UTF_8);
  }

  /** Of an answer by Vert.x. */
  private String body(int stream) throws Exception {
    Frame head = client.next(HEADERS);
    assertThat(head.stream()).isEqualTo(stream);
    Http2Headers headers = client.headers(head);
    assertThat(headers.status()).hasToString("200");
    Frame data = client.next(DATA);
    assertThat(data.stream()).isEqualTo(stream);
    return new String(data.payload(), US_ASCII);
  }

  private Http2Error goAway() throws Exception {
    return Http2Error.valueOf(client.next(GOAWAY).number(4));
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
  }
}
