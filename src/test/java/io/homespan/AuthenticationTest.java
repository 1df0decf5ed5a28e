package io.homespan;

import static org.assertj.core.api.Assertions.assertThat;

import io.homespan.guard.Recipe;
import io.homespan.otlp.TestSpans;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.exporter.otlp.trace.OtlpGrpcSpanExporter;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who may send, and who may look. */
class AuthenticationTest extends TierTest {
  private static final String OLD = "old-token-0123456789";
  private static final String NEW = "new-token-0123456789";

  private Tier asking() throws Exception {
    Files.writeString(dir.resolve("old"), "# collectors\n" + OLD + "\n");
    Files.writeString(dir.resolve("new"), NEW + "\n");
    Files.writeString(dir.resolve("users"), "shop:open sesame\n");
    return Tier.listed(dir, 3)
        .with("INGEST_AUTHENTICATION_TOKEN_FILES", dir.resolve("old") + "," + dir.resolve("new"))
        .with("INGEST_AUTHENTICATION_USER_FILES", dir.resolve("users").toString());
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {
        "Bearer old-token-0123456789,  200, -",
        "bearer new-token-0123456789,  200, -",
        "basic shop:open sesame,       200, -",
        "-,                            401, missing",
        "Bearer old-token-012345678,   401, wrong",
        "Bearer ,                      401, wrong",
        "Bearer shop:open sesame,      401, wrong",
        "basic shop:old,               401, wrong",
        "basic old-token-0123456789,   401, wrong",
        "Basic %%%,                    401, wrong",
        "Digest x,                     401, wrong",
        "old-token-0123456789,         401, wrong",
      })
  void aCaller_isKnownOrNot(@Nullable String says, int status, @Nullable String reason)
      throws Exception {
    Tier tier = in(asking()).start();
    Member node = tier.member(0);
    HttpResponse<String> answer = post(node, header(says));
    assertThat(answer.statusCode()).isEqualTo(status);
    if (reason == null) {
      assertThat(node.metric("homespan_authentication_failures_total", "")).isZero();
    } else {
      assertThat(answer.headers().firstValue("www-authenticate").orElse(""))
          .isEqualTo("Bearer realm=\"homespan\", Basic realm=\"homespan\", charset=\"UTF-8\"");
      assertThat(node.metric("homespan_authentication_failures_total", reason)).isEqualTo(1);
      assertThat(answer.body()).doesNotContain("0123456789").doesNotContain("sesame");
      assertThat(node.books().received()).isZero();
    }
  }

  private static @Nullable String header(@Nullable String says) {
    if (says == null || !says.startsWith("basic ")) return says;
    byte[] pair = says.substring(6).getBytes(StandardCharsets.UTF_8);
    return "Basic " + Base64.getEncoder().encodeToString(pair);
  }

  @ParameterizedTest
  @CsvSource({"grpc", "http"})
  void theSdksExporters_sendTheirToken(String protocol) throws Exception {
    Tier tier = in(asking()).start();
    Member node = tier.member(1);
    var batch = Sdk.scattered(1, 10).get(0);
    assertThat(export(protocol, node, "Bearer nobody's", batch)).isFalse();
    assertThat(export(protocol, node, "Bearer " + OLD, batch)).isTrue();
    tier.assertKeptByOwners(Sdk.in(batch));
    if (protocol.equals("grpc")) {
      assertThat(node.metric("homespan_requests_total", "UNAUTHENTICATED")).isEqualTo(1);
    }
  }

  private static boolean export(
      String protocol, Member node, String authorization, List<SpanData> batch) {
    SpanExporter exporter =
        protocol.equals("grpc")
            ? OtlpGrpcSpanExporter.builder()
                .setTimeout(Member.ANSWER)
                .setEndpoint(node.ingest())
                .addHeader("authorization", authorization)
                .build()
            : OtlpHttpSpanExporter.builder()
                .setTimeout(Member.ANSWER)
                .setEndpoint(node.ingest() + "/v1/traces")
                .addHeader("authorization", authorization)
                .build();
    CompletableResultCode result = exporter.export(batch).join(60, TimeUnit.SECONDS);
    exporter.shutdown().join(5, TimeUnit.SECONDS);
    return result.isSuccess();
  }

  @Test
  void tokens_areRotated_withoutARestart() throws Exception {
    Tier tier = in(asking()).start();
    Member node = tier.member(0);
    assertThat(post(node, "Bearer " + OLD).statusCode()).isEqualTo(200);
    Files.writeString(dir.resolve("old"), "another-0123456789\n");
    Patience.until("the old one is unknown", () -> post(node, "Bearer " + OLD).statusCode() == 401);
    assertThat(post(node, "Bearer " + NEW).statusCode()).isEqualTo(200);
    assertThat(post(node, "Bearer another-0123456789").statusCode()).isEqualTo(200);
    Files.writeString(dir.resolve("old"), "");
    Patience.untilAsserted(
        () -> assertThat(node.metric("homespan_secret_files_refused", "ingest_auth")).isEqualTo(1));
    assertThat(post(node, "Bearer another-0123456789").statusCode()).isEqualTo(200);
  }

  @Test
  void aBackend_isToldWhatStandsInAFile_andNothingIsDroppedWhileThatIsWrong() throws Exception {
    Path headers = Files.writeString(dir.resolve("headers"), "authorization: Bearer nobody\n");
    Tier backend = asking();
    try (backend) {
      backend.start();
      Tier tier =
          in(Tier.listed(Files.createDirectory(dir.resolve("front")), 1))
              .with("SINK_TYPE", "otlp")
              .with("INGEST_REQUEST_TIMEOUT", "2") // it is asked until then
              .with("SINK_OTLP_ENDPOINT", backend.member(0).ingest())
              .with("SINK_OTLP_HEADERS_FILE", headers.toString());
      tier.member(0).settings.remove("SINK_FILE_PATH");
      tier.start();
      var request = new TestSpans(3).request(10, 2);
      assertThat(tier.member(0).post(request).statusCode()).isEqualTo(503);
      assertThat(backend.member(0).metric("homespan_authentication_failures_total", "wrong"))
          .isPositive();

      Files.writeString(headers, "# of the backend\nX-Tenant: shop\nAuthorization: Bearer " + NEW);
      Patience.until("it is known", () -> tier.member(0).post(request).statusCode() == 200);
      assertThat(backend.written().keySet()).containsAll(Spans.in(request));
      assertThat(tier.member(0).metric("homespan_spans_dropped_total", "")).isZero();
    }
  }

  @Test
  void health_isForEverybody() throws Exception {
    Tier tier = in(asking()).start();
    Member node = tier.member(0);
    for (String path : new String[] {"/ready", "/health"}) {
      HttpRequest request = HttpRequest.newBuilder(URI.create(node.ingest() + path)).build();
      assertThat(tier.http.send(request, BodyHandlers.discarding()).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void operators_needTls_andAToken_andTheCommandOwnerHasBoth() throws Exception {
    Recipe recipe = Recipe.cooked(dir.resolve("tls"));
    String tokens = recipe.write("operators", OLD + "\n");
    int port = FreePort.any();
    int peers = FreePort.any();
    Path file =
        Files.writeString(
            dir.resolve("homespan.yaml"),
            """
            ingest: { port: 0 }
            peer_forwarder: { discovery_mode: self, server: { host: 127.0.0.1, port: %d } }
            admin:
              port: %d
              ssl: true
              ssl_certificate_file: %s
              ssl_key_file: %s
              token_files: %s
            """
                .formatted(peers, port, recipe.path("node.crt"), recipe.path("node.key"), tokens));
    var client = Tier.client().sslContext(recipe.client(null)).build();
    String at = "https://127.0.0.1:" + port;
    try (Child node = Child.start(dir, "run", "-conf", file.toString(), "-instances", "1")) {
      Patience.until(
          "ready",
          () -> {
            try {
              return client
                      .send(
                          HttpRequest.newBuilder(URI.create(at + "/ready")).build(),
                          BodyHandlers.discarding())
                      .statusCode()
                  == 200;
            } catch (IOException notYet) {
              return false;
            }
          });
      for (String path : new String[] {"/metrics", "/api/peers", "/nothing"}) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(at + path));
        assertThat(client.send(request.build(), BodyHandlers.discarding()).statusCode())
            .isEqualTo(401);
        request.header("authorization", "Bearer " + OLD);
        assertThat(client.send(request.build(), BodyHandlers.discarding()).statusCode())
            .isEqualTo(path.equals("/nothing") ? 404 : 200);
      }
      // again, as it does not wait for a node long, and a busy machine has not begun by then
      Patience.untilAsserted(
          () -> {
            try (Child owner =
                Child.start(
                    dir, "owner", "0af7651916cd43dd8448eb211c80319c", "-conf", file.toString())) {
              assertThat(owner.exit()).as(owner.said()).isZero();
              assertThat(owner.said()).contains("as the node at 127.0.0.1:" + port + " says");
            }
          });
      URI plain = URI.create("http://127.0.0.1:" + port + "/health");
      for (int i = 0; i < 3; i++) {
        HttpResponse<String> answer =
            Tier.client()
                .build()
                .send(HttpRequest.newBuilder(plain).build(), BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(400);
      }
      // of each kind one line a minute, and no secret in any
      assertThat(node.said().lines().filter(line -> line.contains("TLS failed"))).hasSize(1);
      assertThat(node.said().lines().filter(line -> line.contains("a caller is not known")))
          .hasSize(1);
      assertThat(node.said()).doesNotContain(OLD);
    }
  }

  private static HttpResponse<String> post(Member node, @Nullable String authorization)
      throws Exception {
    ExportTraceServiceRequest request = new TestSpans(1).request(2, 2);
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(URI.create(node.ingest() + "/v1/traces"))
            .header("content-type", "application/x-protobuf")
            .POST(HttpRequest.BodyPublishers.ofByteArray(request.toByteArray()));
    if (authorization != null) builder.header("authorization", authorization);
    return Tier.client().build().send(builder.build(), BodyHandlers.ofString());
  }
}
