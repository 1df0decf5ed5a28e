package io.homespan;

import static org.assertj.core.api.Assertions.assertThat;

import io.homespan.config.Config.Endpoint;
import io.homespan.guard.Recipe;
import io.homespan.otlp.TestSpans;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.exporter.otlp.trace.OtlpGrpcSpanExporter;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Three nodes that speak TLS with one another, and with senders. */
class TlsTierTest extends TierTest {
  private static final int TRACES = 30;

  @ParameterizedTest
  @CsvSource({"grpc, true", "grpc, false", "http, true", "http, false"})
  void theSdksExporters_scatterTraces_whichAreWholeAgain(String protocol, boolean mutual)
      throws Exception {
    Recipe recipe = Recipe.cooked(dir.resolve("tls"));
    Tier tier = in(tier(recipe, mutual)).start();
    List<Spans.Ref> sent = new ArrayList<>();
    List<List<SpanData>> batches = Sdk.scattered(3, TRACES);
    for (int i = 0; i < 3; i++) {
      SpanExporter exporter = exporter(protocol, tier.member(i), recipe, mutual);
      CompletableResultCode result = exporter.export(batches.get(i)).join(60, TimeUnit.SECONDS);
      assertThat(result.isSuccess()).as(String.valueOf(result.getFailureThrowable())).isTrue();
      exporter.shutdown().join(5, TimeUnit.SECONDS);
      sent.addAll(Sdk.in(batches.get(i)));
    }
    tier.assertKeptByOwners(sent);
    assertThat(tier.written()).hasSize(sent.size());
    for (Member member : tier.members) {
      assertThat(member.books().kept()).isPositive();
      assertThat(member.metric("homespan_tls_failures_total", "")).isZero();
      assertThat(member.metric("homespan_tls_certificate_expiry_seconds", "peer_tls"))
          .isGreaterThan(System.currentTimeMillis() / 1000.0);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"HTTP_1_1", "HTTP_2"})
  void plainHttpClients_speakEitherVersion_onTheOnePort(HttpClient.Version version)
      throws Exception {
    Recipe recipe = Recipe.cooked(dir.resolve("tls"));
    Tier tier = in(tier(recipe, true)).start();
    HttpClient client = Tier.client().version(version).sslContext(recipe.client("sender")).build();
    HttpResponse<String> answer =
        client.send(
            HttpRequest.newBuilder(URI.create(tier.member(0).ingest() + "/ready")).build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.version()).isEqualTo(version);
  }

  @Test
  void aNameInCommon_isVerifiedInsteadOfTheAddresses() throws Exception {
    Recipe recipe = Recipe.cooked(dir.resolve("tls"));
    recipe.node("common", "DNS:peers.tier.example,DNS:localhost");
    Tier tier = tier(recipe, false);
    for (Member member : tier.members) {
      member.settings.put("PEER_FORWARDER_SSLKEYCERTCHAINFILE", recipe.path("common.crt"));
      member.settings.put("PEER_FORWARDER_SSLKEYFILE", recipe.path("common.key"));
      member.settings.put("PEER_FORWARDER_SSL_PEER_NAME", "peers.tier.example");
    }
    in(tier).start();
    var requests = Spans.scattered(new TestSpans(3).request(TRACES, 4), 3, 1);
    tier.post(requests, tier.members);
    tier.assertKeptByOwners(Spans.in(requests));
  }

  @Test
  void peersThatAreListedByName_areVerifiedByIt_notByWhereDnsSaysTheyAre() throws Exception {
    Recipe recipe = Recipe.cooked(dir.resolve("tls"));
    recipe.node("node", "DNS:localhost");
    Tier tier = Tier.listed(dir, 0, Tier.client().sslContext(recipe.client(null)).build());
    for (int i = 0; i < 3; i++) {
      tls(tier.add(new Endpoint("localhost", FreePort.any())), recipe, false);
    }
    in(tier.list()).start();
    var requests = Spans.scattered(new TestSpans(3).request(TRACES, 4), 3, 1);
    tier.post(requests, tier.members);
    tier.assertKeptByOwners(Spans.in(requests));
  }

  @Test
  void theCommandPeers_speaksTlsToo() throws Exception {
    Recipe recipe = Recipe.cooked(dir.resolve("tls"));
    Tier tier = in(tier(recipe, false)).start();
    String conf =
        """
        peer_forwarder:
          static_endpoints: [%s]
          server: { host: 127.0.0.1 }
          ssl: true
          sslKeyCertChainFile: %s
          sslKeyFile: %s
          ssl_ca_file: %s
        discovery: { exchange_timeout: 30 }
        """
            .formatted(
                String.join(", ", tier.members.stream().map(one -> '"' + one.id() + '"').toList()),
                recipe.path("node.crt"),
                recipe.path("node.key"),
                recipe.path("ca.crt"));
    Path file = Files.writeString(dir.resolve("homespan.yaml"), conf);
    try (Child child = Child.start(dir, "peers", "-conf", file.toString())) {
      assertThat(child.exit()).as(child.said()).isZero();
      for (Member member : tier.members) {
        assertThat(child.said()).containsPattern(member.id() + " .* static +answered ");
      }
    }
  }

  @Test
  void theSinkOtlp_speaksTls_withACertificate() throws Exception {
    Recipe recipe = Recipe.cooked(dir.resolve("tls"));
    Tier tier = tier(recipe, true);
    Tier backend = Tier.listed(dir, 1, tier.http);
    try (backend) {
      tls(backend.member(0), recipe, true);
      backend.start();
      for (Member member : tier.members) {
        member.settings.put("SINK_TYPE", "otlp");
        member.settings.remove("SINK_FILE_PATH");
        member.settings.put("SINK_OTLP_ENDPOINT", backend.member(0).ingest());
        member.settings.put("SINK_OTLP_SSL_CA_FILE", recipe.path("ca.crt"));
        member.settings.put("SINK_OTLP_SSL_CERTIFICATE_FILE", recipe.path("sender.crt"));
        member.settings.put("SINK_OTLP_SSL_KEY_FILE", recipe.path("sender.key"));
      }
      in(tier).start();
      var requests = Spans.scattered(new TestSpans(5).request(TRACES, 4), 3, 1);
      tier.post(requests, tier.members);
      assertThat(backend.member(0).written())
          .containsExactlyInAnyOrderElementsOf(Spans.in(requests));
      backend.assertAtRest();
    }
  }

  static SpanExporter exporter(String protocol, Member to, Recipe recipe, boolean mutual)
      throws Exception {
    if (protocol.equals("grpc")) {
      var grpc =
          OtlpGrpcSpanExporter.builder()
              .setTimeout(Member.ANSWER)
              .setEndpoint(to.ingest())
              .setTrustedCertificates(recipe.bytes("ca.crt"));
      if (mutual) grpc.setClientTls(recipe.bytes("sender.key"), recipe.bytes("sender.crt"));
      return grpc.build();
    }
    var http =
        OtlpHttpSpanExporter.builder()
            .setTimeout(Member.ANSWER)
            .setEndpoint(to.ingest() + "/v1/traces")
            .setTrustedCertificates(recipe.bytes("ca.crt"));
    if (mutual) http.setClientTls(recipe.bytes("sender.key"), recipe.bytes("sender.crt"));
    return http.build();
  }

  /** Three nodes with TLS between them and to senders, who show certificates if it is mutual. */
  static Tier tier(Recipe recipe, boolean mutual) throws Exception {
    HttpClient http = Tier.client().sslContext(recipe.client(mutual ? "sender" : null)).build();
    Tier tier = Tier.listed(recipe.dir, 3, http);
    for (Member member : tier.members) tls(member, recipe, mutual);
    return tier;
  }

  static void tls(Member member, Recipe recipe, boolean mutual) {
    member.settings.put("PEER_FORWARDER_SSL", "true");
    member.settings.put("PEER_FORWARDER_SSLKEYCERTCHAINFILE", recipe.path("node.crt"));
    member.settings.put("PEER_FORWARDER_SSLKEYFILE", recipe.path("node.key"));
    member.settings.put("PEER_FORWARDER_SSL_CA_FILE", recipe.path("ca.crt"));
    member.settings.put("INGEST_SSL", "true");
    member.settings.put("INGEST_SSL_CERTIFICATE_FILE", recipe.path("node.crt"));
    member.settings.put("INGEST_SSL_KEY_FILE", recipe.path("node.key"));
    if (!mutual) return;
    member.settings.put("INGEST_SSL_CLIENT_AUTH", "required");
    member.settings.put("INGEST_SSL_CLIENT_CA_FILE", recipe.path("senders-ca.crt"));
  }
}
