package io.homespan.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homespan.bus.Membership;
import io.homespan.bus.Phase;
import io.homespan.bus.Topic;
import io.homespan.bus.Topics;
import io.homespan.config.Config;
import io.homespan.mesh.OwnerTable;
import io.homespan.mesh.Peer;
import io.homespan.mesh.PeerSet;
import io.homespan.metrics.MicrometerMetrics;
import io.homespan.otlp.RoutingKey;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class AdminVerticleTest {
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

  private final Vertx vertx = Vertx.vertx();
  private final MicrometerMetrics metrics = new MicrometerMetrics();
  private final AdminVerticle admin =
      new AdminVerticle(new Config.Admin("127.0.0.1", 0), RoutingKey.TRACE_ID, metrics);
  private final HttpClient client = HttpClient.newHttpClient();

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
  void aNode_becomesReadyWhenDiscoverySaysSo_andUnreadyWhenItLeaves() throws Exception {
    assertThat(get("/health").statusCode()).isEqualTo(200);
    assertThat(get("/ready").statusCode()).isEqualTo(503);

    Topics.PEERS_CURRENT.publish(vertx, membership("a", "b"));
    until("/ready", 200);
    assertThat(json(get("/api/peers")).getLong("generation")).isEqualTo(3);
    assertThat(json(get("/api/owner/" + TRACE)).getJsonArray("order")).hasSize(2);

    Topics.NODE_PHASE.publish(vertx, Phase.LEAVING);
    until("/ready", 503);
    assertThat(json(get("/ready")).getString("reason")).isEqualTo("draining");
    assertThat(get("/health").statusCode()).isEqualTo(200);
  }

  @Test
  void oneTooMany_isClosedAtOnce_andTheOthersAreServed() throws Exception {
    get("/health"); // whose connection stays
    List<Socket> all = new ArrayList<>();
    try {
      for (int i = 1; i < 100; i++) {
        all.add(new Socket(InetAddress.getLoopbackAddress(), admin.port()));
      }
      try (Socket oneTooMany = new Socket(InetAddress.getLoopbackAddress(), admin.port())) {
        oneTooMany.setSoTimeout(60_000);
        assertThat(oneTooMany.getInputStream().read()).isEqualTo(-1);
      }
      assertThat(get("/metrics").body())
          .contains("homespan_connections{from=\"operator\"} 100.0\n")
          .contains("homespan_connections_refused_total{from=\"operator\"} 1.0\n");
    } finally {
      for (Socket one : all) one.close();
    }
  }

  @Test
  void theTable_isInTheMetrics() throws Exception {
    Membership membership = membership("a", "b");
    Topics.PEERS_CURRENT.publish(vertx, membership);
    until("/ready", 200);

    HttpResponse<String> response = get("/metrics");

    assertThat(response.headers().firstValue("content-type"))
        .contains("text/plain; version=0.0.4; charset=utf-8");
    assertThat(response.body())
        .contains("homespan_peers 2.0\n")
        .contains("homespan_owner_table_info{hash=\"" + membership.table().hash() + "\"} 1\n");
  }

  @Test
  void prometheus_getsOpenMetrics() throws Exception {
    HttpRequest request =
        request("/metrics").header("Accept", "application/openmetrics-text;version=1.0.0").build();

    HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());

    assertThat(response.headers().firstValue("content-type").orElseThrow())
        .startsWith("application/openmetrics-text");
    assertThat(response.body()).endsWith("# EOF\n");
  }

  @Test
  void head_hasTheLengthOfGet_andNoBody() throws Exception {
    String answer = raw("HEAD /health HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");

    assertThat(answer).startsWith("HTTP/1.1 200 OK\r\n").endsWith("\r\n\r\n");
    assertThat(answer).contains("content-length: " + get("/health").body().length() + "\r\n");
    assertThat(raw("HEAD /metrics HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"))
        .startsWith("HTTP/1.1 200 OK\r\n")
        .endsWith("\r\n\r\n");
  }

  @Test
  void otherMethods_areNotAllowed() throws Exception {
    for (String path : List.of("/health", "/metrics", "/api/owner/" + TRACE)) {
      HttpRequest post =
          request(path).POST(HttpRequest.BodyPublishers.ofString("anything")).build();
      HttpResponse<String> response = client.send(post, HttpResponse.BodyHandlers.ofString());

      assertThat(response.statusCode()).isEqualTo(405);
      assertThat(response.headers().firstValue("allow")).contains("GET, HEAD");
      assertThat(json(response).getString("error")).startsWith("POST");
    }
  }

  @Test
  void anUnknownPath_namesTheKnownOnes() throws Exception {
    for (String path : List.of("/", "/nothing", "/api/owners", "/health/more")) {
      HttpResponse<String> response = get(path);

      assertThat(response.statusCode()).as(path).isEqualTo(404);
      assertThat(json(response).getJsonArray("paths")).contains("/api/peers", "/metrics");
    }
  }

  @Test
  void whatCannotBeATraceId_orAPath_isABadRequest() throws Exception {
    assertThat(json(get("/api/owner/12")).getString("error")).contains("32 hexadecimal digits");
    assertThat(get("/api/owner/%20").statusCode()).isEqualTo(400);
    assertThat(raw("GET /api/owner/%zz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"))
        .startsWith("HTTP/1.1 400 ");
  }

  @Test
  void headersWithoutEnd_areCutOff() throws Exception {
    String answer = raw("GET /health HTTP/1.1\r\nhost: a\r\nx: " + "x".repeat(20_000) + "\r\n\r\n");

    assertThat(answer).startsWith("HTTP/1.1 431 ");
  }

  @Test
  void aPortThatIsTaken_isNamed() {
    AdminVerticle second =
        new AdminVerticle(
            new Config.Admin("127.0.0.1", admin.port()), RoutingKey.TRACE_ID, metrics);

    assertThatThrownBy(() -> vertx.deployVerticle(second).await(60, TimeUnit.SECONDS))
        .hasMessageContaining("cannot listen on admin 127.0.0.1:" + admin.port());
  }

  /** Of node a, ready. */
  private static Membership membership(String... ids) {
    PeerSet peers =
        PeerSet.of(List.of(ids).stream().map(id -> new Peer(id, "127.0.0.1", 1)).toList());
    return new Membership(3, "a", true, OwnerTable.of(peers), List.of(), List.of());
  }

  private void until(String path, int status) throws Exception {
    while (get(path).statusCode() != status) Thread.onSpinWait(); // bounded by the test's time-out
  }

  private HttpResponse<String> get(String path) throws Exception {
    return client.send(request(path).build(), HttpResponse.BodyHandlers.ofString());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + admin.port() + path))
        .timeout(Duration.ofSeconds(60));
  }

  private String raw(String request) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), admin.port())) {
      socket.setSoTimeout(60_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    }
  }

  private static JsonObject json(HttpResponse<String> response) {
    assertThat(response.headers().firstValue("content-type")).contains("application/json");
    return new JsonObject(response.body());
  }
}
