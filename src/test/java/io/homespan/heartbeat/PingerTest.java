package io.homespan.heartbeat;

import static org.assertj.core.api.Assertions.assertThat;

import io.homespan.FreePort;
import io.homespan.config.ConfigLoader;
import io.homespan.heartbeat.Measurement.Place;
import io.vertx.core.Context;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Probes of what listens at a peer's port, over real sockets. */
class PingerTest {
  private static final int TRIES = 5;

  private final Vertx vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true));
  private final Context context = vertx.getOrCreateContext();
  private final List<AutoCloseable> open = new CopyOnWriteArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable one : open) one.close();
    vertx.close().await(20, TimeUnit.SECONDS);
  }

  /** As Netty says it, with the host's name at the end, whatever that is. */
  @ParameterizedTest
  @CsvSource({
    "Connection refused: resolver-1/10.0.0.1:21891, REFUSED",
    "No route to host: tls-proxy/10.0.0.1:21891, TIMEOUT",
    "Network is unreachable: resolver-1/10.0.0.1:21891, TIMEOUT",
    "connection timed out after 5000 ms: resolver-1/10.0.0.1:21891, TIMEOUT",
    "Failed to resolve 'nowhere', UNRESOLVED",
  })
  void failuresHaveTheirNames(String words, Outcome outcome) {
    assertThat(Pinger.outcome(null, words)).isEqualTo(outcome);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SSH-2.0-OpenSSH_9.2\r\n",
        "220 mail.example ESMTP\r\n",
        "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n",
        "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
      })
  void anotherServiceThere_isConnectedTo_andIsNoPeer(String says) throws Exception {
    int port = speaks(says.getBytes(StandardCharsets.ISO_8859_1), false);
    Pinger pinger = pinger("30");

    assertThat(probe(pinger, port, Probe.TCP).outcome()).isEqualTo(Outcome.OK);
    for (Probe kind : List.of(Probe.GRPC, Probe.PAYLOAD)) {
      assertThat(probe(pinger, port, kind).outcome()).isIn(Outcome.UNEXPECTED, Outcome.RESET);
    }
  }

  @Test
  void noise_isNoPeer() throws Exception {
    byte[] noise = new byte[1 << 16];
    new Random(5).nextBytes(noise);
    assertThat(probe(pinger("30"), speaks(noise, false), Probe.GRPC).outcome())
        .isIn(Outcome.UNEXPECTED, Outcome.RESET);
  }

  @Test
  void aConnectionThatBreaks_isAReset() throws Exception {
    assertThat(probe(pinger("30"), speaks(new byte[0], true), Probe.GRPC).outcome())
        .isEqualTo(Outcome.RESET);
  }

  @Test
  void nobodyThere_isARefusal() throws Exception {
    int closed = FreePort.any();
    for (Probe kind : Probe.values()) {
      assertThat(probe(pinger("30"), closed, kind).outcome())
          .as(kind.word())
          .isEqualTo(Outcome.REFUSED);
    }
  }

  @Test
  void whoSaysNothing_isTimedOut_andWhoIsSlow_isNot() throws Exception {
    int silent = speaks(new byte[0], false);
    assertThat(probe(pinger("0.3"), silent, Probe.GRPC).outcome()).isEqualTo(Outcome.TIMEOUT);

    int slow =
        serves(
            request ->
                request.body().onSuccess(same -> vertx.setTimer(300, id -> answer(request, same))));
    for (Probe kind : List.of(Probe.GRPC, Probe.PAYLOAD)) {
      Pinger.Found found = probe(pinger("30"), slow, kind);
      assertThat(found.outcome()).isEqualTo(Outcome.OK);
      assertThat(found.roundTripNanos()).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(299));
    }
  }

  @Test
  void aGigabyteForAnAnswer_isNotRead() throws Exception {
    AtomicLong sent = new AtomicLong();
    int port =
        serves(
            request -> {
              HttpServerResponse response = request.response();
              response.putHeader("content-type", "application/grpc");
              response.write(Buffer.buffer().appendByte((byte) 0).appendInt(1 << 30));
              pour(response, sent);
            });
    Pinger pinger = pinger("30");

    for (int i = 0; i < 3; i++) {
      assertThat(probe(pinger, port, Probe.PAYLOAD).outcome()).isNotEqualTo(Outcome.OK);
    }
    assertThat(sent.get()).isLessThan(64 << 20);
  }

  @Test
  void anAnswerThatIsNotWhatWasSent_isNone() throws Exception {
    int port =
        serves(
            request ->
                request
                    .body()
                    .onSuccess(
                        sent -> answer(request, Buffer.buffer(new byte[] {0, 0, 0, 0, 1, 7}))));
    assertThat(probe(pinger("30"), port, Probe.PAYLOAD).outcome()).isEqualTo(Outcome.UNEXPECTED);
  }

  /** On kernels before 6.5 and from it the second SYN and the third are told by their times. */
  @ParameterizedTest
  @CsvSource({"200, 1", "1300, 2"})
  void synsLostToAFullBacklog_areTold_byHowLongTheConnectTook(long millis, int lost)
      throws Exception {
    SynSignature kernel =
        SynSignature.ofKernel(System.getProperty("os.name"), System.getProperty("os.version"));
    Pinger.Found found = throughAFullBacklog(millis, kernel);
    // a machine that is busy may take more than a signature's width
    for (int i = 1; i < TRIES && found.synRetransmits() != lost; i++) {
      found = throughAFullBacklog(millis, kernel);
    }
    assertThat(found.outcome()).isEqualTo(Outcome.OK);
    assertThat(found.synRetransmits()).as("%s", found).isEqualTo(lost);
  }

  private Pinger.Found throughAFullBacklog(long millis, SynSignature kernel) throws Exception {
    InetAddress host = InetAddress.getLoopbackAddress();
    try (ServerSocket full = new ServerSocket(0, 1, host)) {
      List<SocketChannel> waiting = new ArrayList<>();
      try {
        for (int i = 0; i < 2; i++) { // one more than the backlog is let in
          waiting.add(SocketChannel.open(new InetSocketAddress(host, full.getLocalPort())));
        }
        vertx.setTimer(
            millis,
            id ->
                vertx.executeBlocking(
                    () -> {
                      for (int i = 0; i < 2; i++) full.accept().close();
                      return null;
                    }));
        return probe(pinger("30", kernel), full.getLocalPort(), Probe.TCP);
      } finally {
        for (SocketChannel one : waiting) one.close();
      }
    }
  }

  private static void pour(HttpServerResponse response, AtomicLong sent) {
    Buffer piece = Buffer.buffer(new byte[1 << 14]);
    while (!response.closed() && !response.writeQueueFull() && sent.get() < 1 << 30) {
      sent.addAndGet(piece.length());
      response.write(piece);
    }
    response.drainHandler(more -> pour(response, sent));
    response.exceptionHandler(reset -> response.drainHandler(null));
  }

  private int serves(Handler<HttpServerRequest> handler) throws Exception {
    return vertx
        .createHttpServer()
        .requestHandler(handler)
        .listen(0, "127.0.0.1")
        .await(20, TimeUnit.SECONDS)
        .actualPort();
  }

  /** A frame for the same frame. */
  private static void answer(HttpServerRequest request, Buffer frame) {
    request
        .response()
        .putHeader("content-type", "application/grpc")
        .putTrailer("grpc-status", "0")
        .end(frame);
  }

  /** Says the same to everybody, and then nothing. */
  private int speaks(byte[] what, boolean breaks) throws IOException {
    ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    open.add(server);
    Thread thread =
        new Thread(
            () -> {
              while (!server.isClosed()) {
                try {
                  Socket one = server.accept();
                  open.add(one);
                  one.getOutputStream().write(what);
                  if (!breaks) continue;
                  one.setSoLinger(true, 0);
                  one.getInputStream().read();
                  one.close();
                } catch (IOException e) {
                  // who went away again, or the test is over
                }
              }
            });
    thread.setDaemon(true);
    thread.start();
    return server.getLocalPort();
  }

  private Pinger pinger(String timeOut) throws Exception {
    return pinger(timeOut, SynSignature.LINEAR);
  }

  private Pinger pinger(String timeOut, SynSignature signature) throws Exception {
    Map<String, String> env =
        Map.of(
            "HOMESPAN_HEARTBEAT_ENABLED", "true",
            "HOMESPAN_HEARTBEAT_TIME_OUT", timeOut,
            "HOMESPAN_HEARTBEAT_CONNECT_TIMEOUT", "30");
    Promise<Pinger> made = Promise.promise();
    context.runOnContext(
        go ->
            made.complete(
                new Pinger(
                    vertx,
                    ConfigLoader.defaults(env, 8L << 30).config().heartbeat(),
                    signature,
                    new Random(3),
                    null)));
    return made.future().await(20, TimeUnit.SECONDS);
  }

  private Pinger.Found probe(Pinger pinger, int port, Probe kind) throws Exception {
    Target target = new Target(new Place("peer", ""), "127.0.0.1", port, "peer");
    Promise<Pinger.Found> found = Promise.promise();
    context.runOnContext(go -> pinger.probe(target, kind).onComplete(found));
    return found.future().await(60, TimeUnit.SECONDS);
  }
}
