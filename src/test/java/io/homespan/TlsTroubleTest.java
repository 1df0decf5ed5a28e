package io.homespan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homespan.guard.Recipe;
import io.homespan.otlp.TestSpans;
import io.opentelemetry.exporter.otlp.trace.OtlpGrpcSpanExporter;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What goes wrong with certificates: whoever it is that calls is told, it is counted, and nobody
 * else notices.
 */
class TlsTroubleTest extends TierTest {
  private @Nullable Recipe cooked;

  @BeforeEach
  void certificates() throws Exception {
    cooked = Recipe.cooked(dir.resolve("tls"));
  }

  private Recipe recipe() {
    return Objects.requireNonNull(cooked);
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {
        "-,       ca.crt,         certificate_missing",
        "stranger, ca.crt,        certificate_untrusted",
        "expired, ca.crt,         certificate_expired",
        "sender,  senders-ca.crt, refused_by_other_side",
      })
  void aSender_whoseCertificateWontDo_orWhoDoesNotTrustOurs_isShutOut(
      @Nullable String shows, String trusts, String reason) throws Exception {
    recipe().expired("expired", "senders-ca");
    // clients show only what is from a CA of the name that they are told
    Recipe other = Recipe.in(dir.resolve("other"));
    other.follow("senders-ca");
    other.sender("stranger");
    recipe().run("cp ../other/stranger.* .");
    Tier tier = in(TlsTierTest.tier(recipe(), true)).start();
    Member node = tier.member(1);
    ready(recipe().client("sender"), node);
    SSLContext wrong = recipe().client(shows, trusts);
    assertThatThrownBy(() -> ready(wrong, node)).isInstanceOf(IOException.class);
    Patience.untilAsserted(() -> assertThat(failures(node, "ingest", reason)).isPositive());
    goesOn(tier);
    assertThat(failures(node, "ingest", "")).isEqualTo(failures(node, "ingest", reason));
  }

  @ParameterizedTest
  @ValueSource(strings = {"tls1_3", "tls1_2"})
  void openssl_thatDoesNotTrustOurs_isHeardToRefuse(String version) throws Exception {
    Tier tier = in(TlsTierTest.tier(recipe(), false)).start();
    Member node = tier.member(0);
    String call = "! openssl s_client -connect %s -%s -CAfile senders-ca.crt -verify_return_error";
    String port = node.ingest().replace("https://", "");
    recipe().run(call.formatted(port, version) + " < /dev/null");
    Patience.untilAsserted(
        () -> assertThat(failures(node, "ingest", "refused_by_other_side")).isEqualTo(1));
    assertThat(failures(node, "ingest", "")).isEqualTo(1);
  }

  /** The worker that looks at its certificate may find the connection closed. */
  @Test
  void aCaller_withoutACertificate_whoHangsUpAtOnce_isNoStackTraceInTheLog() throws Exception {
    int port = FreePort.any();
    int admin = FreePort.any();
    String conf =
        """
        drain_delay: 0
        ingest:
          host: 127.0.0.1
          port: %d
          ssl: true
          ssl_certificate_file: %s
          ssl_key_file: %s
          ssl_client_auth: required
          ssl_client_ca_file: %s
        peer_forwarder: { discovery_mode: self, server: { host: 127.0.0.1, port: %d } }
        admin: { port: %d }
        """
            .formatted(
                port,
                recipe().path("node.crt"),
                recipe().path("node.key"),
                recipe().path("senders-ca.crt"),
                FreePort.any(),
                admin);
    String file = recipe().write("homespan.yaml", conf);
    try (Child node = Child.start(dir, "run", "-conf", file)) {
      node.awaitReady(Tier.client().build(), admin);
      String call = "openssl s_client -connect 127.0.0.1:%d -CAfile ca.crt < /dev/null || true";
      for (int i = 0; i < 20; i++) recipe().run(call.formatted(port));
      node.terminate();
      assertThat(node.exit()).isZero();
      assertThat(node.said()).doesNotContain("\tat ").doesNotContain("exceptionCaught");
    }
  }

  @ParameterizedTest
  @CsvSource({"tls1_3, 0", "tls1_2, 0", "tls1_1, 1"})
  void oldVersions_areRefused(String version, int refusals) throws Exception {
    Tier tier = in(TlsTierTest.tier(recipe(), false)).start();
    Member node = tier.member(0);
    String call =
        "openssl s_client -connect %s -%s -alpn h2 -cipher ALL:@SECLEVEL=0 -CAfile ca.crt"
            + " -verify_return_error < /dev/null";
    String port = node.ingest().replace("https://", "");
    recipe().run((refusals == 0 ? "" : "! ") + call.formatted(port, version));
    assertThat(failures(node, "ingest", "nothing_in_common")).isEqualTo(refusals);
    assertThat(failures(node, "ingest", "")).isEqualTo(refusals);
  }

  @Test
  void aSender_thatCallsAnotherHost_hangsUp() throws Exception {
    recipe().node("node", "DNS:elsewhere.example");
    Tier tier = TlsTierTest.tier(recipe(), false);
    for (Member member : tier.members) {
      member.settings.put("PEER_FORWARDER_SSL_VERIFY_HOST", "false");
    }
    in(tier).open();
    SpanExporter exporter = TlsTierTest.exporter("grpc", tier.member(0), recipe(), false);
    CompletableResultCode result =
        exporter.export(Sdk.scattered(1, 1).get(0)).join(60, TimeUnit.SECONDS);
    assertThat(result.isSuccess()).isFalse();
    exporter.shutdown().join(5, TimeUnit.SECONDS);
  }

  @Test
  void aPeer_withoutACertificate_isShutOut() throws Exception {
    Tier tier = in(TlsTierTest.tier(recipe(), false)).start();
    Member node = tier.member(2);
    HttpClient stranger = Tier.client().sslContext(recipe().client(null)).build();
    URI uri = URI.create("https://" + node.id() + "/");
    assertThatThrownBy(
            () -> stranger.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.discarding()))
        .isInstanceOf(IOException.class);
    Patience.untilAsserted(
        () -> assertThat(failures(node, "peer", "certificate_missing")).isPositive());
    goesOn(tier);
  }

  @ParameterizedTest
  @CsvSource({
    "elsewhere, certificate_wrong_host",
    "expired,   certificate_expired",
    "sender,    certificate_untrusted",
  })
  void aNode_withACertificateThatWontDo_getsNoSpans_andTheOthersStandIn(String shows, String reason)
      throws Exception {
    recipe().node("elsewhere", "DNS:elsewhere.example");
    recipe().expired("expired", "ca");
    Tier tier = TlsTierTest.tier(recipe(), false);
    Member odd = tier.member(2);
    odd.settings.put("PEER_FORWARDER_SSLKEYCERTCHAINFILE", recipe().path(shows + ".crt"));
    odd.settings.put("PEER_FORWARDER_SSLKEYFILE", recipe().path(shows + ".key"));
    in(tier).open();
    List<Member> sound = List.of(tier.member(0), tier.member(1));
    Patience.untilAsserted(
        () -> {
          for (Member member : sound) {
            assertThat(member.ready()).isTrue();
            assertThat(failures(member, "to_peer", reason)).isPositive();
          }
        });
    List<ExportTraceServiceRequest> requests =
        Spans.scattered(new TestSpans(3).request(20, 4), 2, 1);
    tier.post(requests, sound);
    tier.assertKeptByFirst(Spans.in(requests), sound);
    assertThat(odd.books().kept()).isZero();
  }

  @Test
  void plainHttp_onATlsPort_isToldSo() throws Exception {
    Tier tier = in(TlsTierTest.tier(recipe(), false)).start();
    Member node = tier.member(0);
    String plain = node.ingest().replace("https:", "http:");
    HttpResponse<String> answer =
        Tier.client()
            .build()
            .send(
                HttpRequest.newBuilder(URI.create(plain + "/ready")).build(),
                BodyHandlers.ofString());
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).isEqualTo("this port speaks TLS: use https\n");
    SpanExporter exporter =
        OtlpGrpcSpanExporter.builder().setTimeout(Member.ANSWER).setEndpoint(plain).build();
    CompletableResultCode result =
        exporter.export(Sdk.scattered(1, 1).get(0)).join(60, TimeUnit.SECONDS);
    assertThat(result.isSuccess()).isFalse();
    exporter.shutdown().join(5, TimeUnit.SECONDS);
    assertThat(failures(node, "ingest", "no_tls")).isGreaterThanOrEqualTo(2);
    goesOn(tier);
  }

  @Test
  void tls_onAPlainPort_isCounted() throws Exception {
    Tier tier = in(Tier.listed(dir, 1)).start();
    Member node = tier.member(0);
    URI uri = URI.create(node.ingest().replace("http:", "https:") + "/ready");
    HttpClient client = Tier.client().sslContext(recipe().client(null)).build();
    assertThatThrownBy(
            () -> client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.discarding()))
        .isInstanceOf(IOException.class);
    assertThat(failures(node, "ingest", "tls_on_plain_port")).isPositive();
    assertThat(node.post(new TestSpans(1).request(2, 2)).statusCode()).isEqualTo(200);
  }

  @Test
  void garbage_andSilence_areLetGo() throws Exception {
    Tier tier = in(TlsTierTest.tier(recipe(), true)).start();
    Member node = tier.member(0);
    URI ingest = URI.create(node.ingest());
    try (Socket silent = new Socket(ingest.getHost(), ingest.getPort());
        Socket garbage = new Socket(ingest.getHost(), ingest.getPort())) {
      garbage
          .getOutputStream()
          .write("\u0016\u0003 nothing that TLS knows".getBytes(StandardCharsets.ISO_8859_1));
      garbage.getOutputStream().flush();
      garbage.setSoTimeout(60_000);
      garbage.getInputStream().readAllBytes(); // ends
      assertThat(silent.isConnected()).isTrue();
    }
    goesOn(tier);
    assertThat(failures(node, "ingest", "broken_off")).isZero(); // a probe is no failure
  }

  @Test
  void peersInTheClear_andPeersWithTls_standInForOneAnother() throws Exception {
    Tier tier = TlsTierTest.tier(recipe(), false);
    Member plain = tier.member(0);
    plain.settings.keySet().removeIf(key -> key.startsWith("PEER_FORWARDER_SSL"));
    in(tier).open();
    Member other = tier.member(1);
    Patience.untilAsserted(
        () -> {
          assertThat(failures(plain, "peer", "tls_on_plain_port")).isPositive();
          assertThat(failures(other, "peer", "no_tls")).isPositive();
          for (Member member : tier.members) assertThat(member.ready()).isTrue();
        });
    List<ExportTraceServiceRequest> requests =
        Spans.scattered(new TestSpans(3).request(20, 4), 3, 1);
    tier.post(requests, tier.members);
    assertThat(tier.written().keySet()).containsAll(Spans.in(requests));
  }

  /** Everybody else is served as before. */
  private static void goesOn(Tier tier) throws Exception {
    List<ExportTraceServiceRequest> requests =
        Spans.scattered(new TestSpans(7).request(10, 4), 3, 1);
    tier.post(requests, tier.members);
    tier.assertKeptByOwners(Spans.in(requests));
  }

  /** Not by the JDK's HTTP client, which hangs up without an alert. */
  private static void ready(SSLContext by, Member node) throws IOException {
    URI ingest = URI.create(node.ingest());
    try (Socket socket = by.getSocketFactory().createSocket(ingest.getHost(), ingest.getPort())) {
      socket.setSoTimeout(60_000);
      String request = "GET /ready HTTP/1.1\r\nhost: here\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      if (socket.getInputStream().read() < 0) throw new IOException("it was closed");
    }
  }

  private static double failures(Member node, String port, String reason) throws Exception {
    return node.admin("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith("homespan_tls_failures_total{"))
        .filter(line -> line.contains("port=\"" + port + "\""))
        .filter(line -> reason.isEmpty() || line.contains("reason=\"" + reason + "\""))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }
}
