package io.homespan.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.homespan.bus.MeshQuestion;
import io.homespan.bus.MeshText;
import io.homespan.bus.Topic;
import io.homespan.bus.Topics;
import io.homespan.config.Config;
import io.homespan.metrics.MicrometerMetrics;
import io.homespan.otlp.RoutingKey;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How the mesh is told by the admin port; the heartbeat is a script. */
@Timeout(300)
class MeshPageTest {
  private static final int MIB = 1 << 20;
  private static final int MANY = 300; // MiB: no socket holds as much

  private final Vertx vertx = Vertx.vertx();
  private final MicrometerMetrics metrics = new MicrometerMetrics();
  private final AdminVerticle admin =
      new AdminVerticle(new Config.Admin("127.0.0.1", 0), RoutingKey.TRACE_ID, metrics);
  private final HttpClient client = HttpClient.newHttpClient();
  private final AtomicInteger made = new AtomicInteger();

  @BeforeEach
  void start() throws Exception {
    Topic.register(vertx);
    vertx.deployVerticle(admin).await(60, TimeUnit.SECONDS);
  }

  @AfterEach
  void stop() throws Exception {
    vertx.close().await(60, TimeUnit.SECONDS);
    metrics.close();
  }

  @Test
  void itGoesOutInPieces_andHeadHasNone() throws Exception {
    answer(() -> Future.succeededFuture(pieces("{\"peers\":[],", "", "\"cells\":[]}")));
    HttpResponse<String> got = get("/api/mesh");
    assertThat(got.statusCode()).isEqualTo(200);
    assertThat(got.headers().firstValue("content-type")).contains("application/json");
    assertThat(new JsonObject(got.body())).hasSize(2);
    assertThat(raw("HEAD /api/mesh HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"))
        .startsWith("HTTP/1.1 200 OK\r\n")
        .endsWith("\r\n\r\n");
    assertThat(raw("GET /api/mesh HTTP/1.0\r\nhost: a\r\n\r\n"))
        .endsWith("\r\n\r\n{\"peers\":[],\"cells\":[]}");
  }

  @Test
  void aReaderThatTakesNothing_holdsUpTheMakingOfMore_untilItTakesIt() throws Exception {
    answer(() -> Future.succeededFuture(large()));
    try (Socket slow = asking()) {
      until(() -> made.get() > 0);
      settled();
      assertThat(made.get()).isBetween(1, MANY / 2);
      InputStream in = slow.getInputStream();
      long taken = 0;
      byte[] some = new byte[MIB];
      for (int n = in.read(some); n >= 0; n = in.read(some)) taken += n;
      assertThat(taken).isGreaterThan((long) MANY * MIB);
      assertThat(made.get()).isEqualTo(MANY);
    }
  }

  @Test
  void readersThatGoAway_endIt_andLeaveRoomForOthers() throws Exception {
    answer(() -> Future.succeededFuture(large()));
    for (int i = 0; i < 3 * AdminVerticle.MOST_TOLD; i++) {
      int before = made.get();
      try (Socket gone = asking()) {
        until(() -> made.get() > before);
      }
      settled();
      assertThat(made.get() - before).isLessThan(MANY);
    }
  }

  @Test
  void aPieceThatCantBeMade_breaksTheAnswerOff() throws Exception {
    Iterator<Buffer> bad =
        IntStream.range(0, 3)
            .mapToObj(
                i -> {
                  if (i == 2) throw new IllegalStateException("as scripted");
                  return Buffer.buffer("{");
                })
            .iterator();
    answer(() -> Future.succeededFuture(() -> bad));
    assertThat(raw("GET /api/mesh HTTP/1.1\r\nhost: a\r\n\r\n"))
        .startsWith("HTTP/1.1 200 OK\r\n")
        .doesNotEndWith("0\r\n\r\n");
  }

  @Test
  void whatTheHeartbeatHasNoRoomFor_mayComeAgain() throws Exception {
    answer(
        () ->
            Future.failedFuture(
                new ReplyException(
                    ReplyFailure.RECIPIENT_FAILURE, MeshQuestion.FULL, "8 windows are asked for")));
    HttpResponse<String> got = get("/api/mesh?window=9");
    assertThat(got.statusCode()).isEqualTo(503);
    assertThat(got.headers().firstValue("retry-after")).contains("1");
    assertThat(new JsonObject(got.body()).getString("error")).isEqualTo("8 windows are asked for");
  }

  @Test
  void moreReadersThanAreToldAtOnce_mayComeAgain() throws Exception {
    Promise<MeshText> later = Promise.promise();
    answer(later::future);
    List<CompletableFuture<HttpResponse<String>>> all = new ArrayList<>();
    for (int i = 0; i < AdminVerticle.MOST_TOLD; i++) {
      all.add(client.sendAsync(request("/api/mesh"), HttpResponse.BodyHandlers.ofString()));
    }
    until(() -> made.get() == AdminVerticle.MOST_TOLD);
    HttpResponse<String> oneTooMany = get("/api/mesh");
    assertThat(oneTooMany.statusCode()).isEqualTo(503);
    assertThat(new JsonObject(oneTooMany.body()).getString("error"))
        .isEqualTo("8 are being told the mesh at this moment: come again in a second.");
    later.complete(pieces("{}"));
    for (CompletableFuture<HttpResponse<String>> one : all) {
      assertThat(one.get(60, TimeUnit.SECONDS).statusCode()).isIn(200, 503); // 503: if it was late
    }
    assertThat(get("/api/mesh").statusCode()).isEqualTo(200);
  }

  private void answer(Supplier<Future<MeshText>> answer) {
    Topics.MESH_ALL.answer(
        vertx,
        question -> {
          Future<MeshText> given = answer.get();
          if (!given.isComplete()) made.incrementAndGet();
          return given;
        });
  }

  private static MeshText pieces(String... texts) {
    return () -> List.of(texts).stream().map(Buffer::buffer).iterator();
  }

  private MeshText large() {
    return () ->
        IntStream.range(0, MANY)
            .mapToObj(
                i -> {
                  made.incrementAndGet();
                  return Buffer.buffer(new byte[MIB]);
                })
            .iterator();
  }

  /** A reader that does not read. */
  private Socket asking() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), admin.port());
    socket.setSoTimeout(60_000);
    byte[] get =
        "GET /api/mesh HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"
            .getBytes(StandardCharsets.US_ASCII);
    socket.getOutputStream().write(get);
    return socket;
  }

  /** Until no more pieces are made, while the port serves others. */
  private void settled() throws Exception {
    int last = -1;
    for (int same = 0; same < 25; same++) {
      assertThat(get("/health").statusCode()).isEqualTo(200);
      if (made.get() != last) same = 0;
      last = made.get();
    }
  }

  private interface Condition {
    boolean holds();
  }

  private void until(Condition condition) throws Exception {
    while (!condition.holds()) get("/health"); // bounded by the test's time-out
  }

  private HttpResponse<String> get(String path) throws Exception {
    return client.send(request(path), HttpResponse.BodyHandlers.ofString());
  }

  private HttpRequest request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + admin.port() + path))
        .timeout(Duration.ofSeconds(60))
        .build();
  }

  private String raw(String request) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), admin.port())) {
      socket.setSoTimeout(60_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    }
  }
}
