package io.homespan.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.homespan.FreePort;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.net.NetServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class UnaryClientTest {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final Duration SHORT = Duration.ofMillis(300);

  private final Vertx vertx = Vertx.vertx();
  private final UnaryClient client = new UnaryClient(vertx, new UnaryClient.Options(LONG, 1000));
  private Handler<HttpServerRequest> service = request -> {};
  private int port;

  @BeforeEach
  void listen() throws Exception {
    HttpServer server =
        vertx
            .createHttpServer(new HttpServerOptions().setHost("127.0.0.1").setPort(0))
            .requestHandler(request -> service.handle(request));
    port = await(server.listen()).actualPort();
  }

  @AfterEach
  void close() throws Exception {
    await(vertx.close());
  }

  @Test
  void anAnswer_withWhatWasSent() throws Exception {
    service =
        request ->
            request
                .body()
                .onSuccess(
                    body -> {
                      String seen = request.path() + " " + request.getHeader("homespan-hops");
                      assertThat(UnaryServer.timeout(request.getHeader("grpc-timeout")))
                          .isEqualTo(LONG);
                      answer(
                          request, Buffer.buffer(seen).appendBuffer(body.slice(5, body.length())));
                    });
    assertThat(call(port, LONG))
        .isEqualTo(new Reply.Answered(0, "", null, Buffer.buffer("/a.B/C 1onetwo")));
  }

  @Test
  void anError_withItsHint() throws Exception {
    service = refusing("zu voll: 100%+");
    assertThat(call(port, LONG))
        .isEqualTo(
            new Reply.Answered(14, "zu voll: 100%+", Duration.ofMillis(1500), Buffer.buffer()));
  }

  @Test
  void aLongMessage_staysWithinTheLimitOfHeaders() throws Exception {
    service = refusing("€".repeat(5000));
    Reply reply = call(port, LONG);
    assertThat(reply).isInstanceOf(Reply.Answered.class);
    assertThat(((Reply.Answered) reply).retryAfter()).isEqualTo(Duration.ofMillis(1500));
    assertThat(((Reply.Answered) reply).message()).matches("€+");
  }

  @Test
  void aRefusedConnection_isNotSent() throws Exception {
    assertThat(call(FreePort.any(), LONG)).isInstanceOf(Reply.NotSent.class);
  }

  @Test
  void aPortThatStaysSilent_isGivenUpInTime() throws Exception {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      long began = System.nanoTime();
      assertThat(call(socket.getLocalPort(), SHORT)).isNotInstanceOf(Reply.Answered.class);
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isBetween(SHORT.dividedBy(2), LONG);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aServerThatDiesInACall_isLost() throws Exception {
    service = request -> request.connection().close();
    assertThat(call(port, LONG)).isInstanceOf(Reply.Lost.class);
  }

  @Test
  void aServerThatGoesAway_finishesWhatItHas_andTheNextCallHasAConnectionOfItsOwn()
      throws Exception {
    List<HttpConnection> seen = new ArrayList<>();
    service =
        request -> {
          seen.add(request.connection());
          request.connection().shutdown(5, TimeUnit.SECONDS);
          vertx.setTimer(50, id -> answer(request, Buffer.buffer()));
        };
    assertThat(call(port, LONG)).extracting(Reply::outcome).isEqualTo("OK");
    assertThat(call(port, LONG)).extracting(Reply::outcome).isEqualTo("OK");
    assertThat(seen).hasSize(2).doesNotHaveDuplicates();
  }

  @Test
  void aRefusedStream_isNotSent() throws Exception {
    service = request -> request.response().reset(7); // RFC 9113, 7: REFUSED_STREAM
    assertThat(call(port, LONG)).isInstanceOf(Reply.NotSent.class);
    service = request -> request.response().reset(2);
    assertThat(call(port, LONG)).isInstanceOf(Reply.Lost.class);
  }

  @Test
  void noAnswerInTime_isLost_andTheConnectionLivesOn() throws Exception {
    assertThat(sent(port, SHORT)).isEqualTo(new Reply.Lost("no answer in time"));
    service = request -> answer(request, Buffer.buffer());
    assertThat(call(port, LONG)).isEqualTo(new Reply.Answered(0, "", null, Buffer.buffer()));
  }

  @Test
  void aConnectionThatAnswersNothing_notEvenAPing_isClosed() throws Exception {
    CompletableFuture<Void> closed = new CompletableFuture<>();
    byte[] settings = {0, 0, 0, 4, 0, 0, 0, 0, 0}; // RFC 9113, section 6.5: empty
    NetServer silent =
        vertx
            .createNetServer()
            .connectHandler(
                socket -> { // as a host that vanished after it took the connection
                  socket.closeHandler(end -> closed.complete(null));
                  socket.write(Buffer.buffer(settings));
                });
    int silentPort = await(silent.listen(0, "127.0.0.1")).actualPort();
    assertThat(sent(silentPort, SHORT)).isEqualTo(new Reply.Lost("no answer in time"));
    closed.get(60, TimeUnit.SECONDS);
  }

  @Test
  void aProxysPage_isNotNow_orNoReceiver() throws Exception {
    service = request -> request.response().setStatusCode(503).end("<h1>sorry</h1>");
    assertThat(call(port, LONG)).extracting(Reply::outcome).isEqualTo("UNAVAILABLE");
    service = request -> request.response().setStatusCode(404).end("<h1>what?</h1>");
    assertThat(call(port, LONG)).extracting(Reply::outcome).isEqualTo("UNKNOWN");
  }

  @Test
  void anAnswerThatIsTooLong_orCutOff_isLost() throws Exception {
    service = request -> answer(request, Buffer.buffer(new byte[1001]));
    assertThat(call(port, LONG)).isInstanceOf(Reply.Lost.class);
    service =
        request ->
            request
                .response()
                .putTrailer("grpc-status", "0")
                .end(Buffer.buffer(new byte[] {0, 0, 0, 0, 9, 1}));
    assertThat(call(port, LONG)).isInstanceOf(Reply.Lost.class);
  }

  private static Handler<HttpServerRequest> refusing(String message) {
    return request -> UnaryServer.refuse(request, 14, message, Duration.ofMillis(1500));
  }

  private record Text(String text) implements Message {
    @Override
    public int size() {
      return text.length();
    }

    @Override
    public void writeTo(ByteBuffer out) {
      out.put(text.getBytes(StandardCharsets.US_ASCII));
    }
  }

  /** Again, as long as a busy machine has no connection in time. */
  private Reply sent(int to, Duration timeout) throws Exception {
    Reply reply = call(to, timeout);
    while (reply instanceof Reply.NotSent) reply = call(to, timeout);
    return reply;
  }

  private Reply call(int to, Duration timeout) throws Exception {
    CompletableFuture<Reply> reply = new CompletableFuture<>();
    Message message = new Text("onetwo");
    vertx.runOnContext(
        go ->
            client
                .call("127.0.0.1", to, "/a.B/C", Map.of("homespan-hops", "1"), message, timeout)
                .onSuccess(reply::complete));
    return reply.get(60, TimeUnit.SECONDS);
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
  }

  private static void answer(HttpServerRequest request, Buffer message) {
    HttpServerResponse response = request.response();
    if (response.ended() || response.closed()) return; // who called has gone
    response.putHeader("content-type", "application/grpc").putTrailer("grpc-status", "0");
    Buffer framed = Buffer.buffer().appendByte((byte) 0).appendInt(message.length());
    response.end(framed.appendBuffer(message)).onFailure(gone -> {});
  }
}
