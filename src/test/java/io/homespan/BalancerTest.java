package io.homespan;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.homespan.discovery.Dnsmasq;
import io.homespan.guard.Recipe;
import io.homespan.otlp.TestSpans;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.exporter.otlp.trace.OtlpGrpcSpanExporter;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.TraceServiceGrpc;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import io.vertx.core.Future;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Nodes on 127.0.0.1, .2 and so on behind the balancers of {@code conf/balancers}, which find them
 * by the name server of {@code conf/dns}.
 */
class BalancerTest extends TierTest {
  private final Random random = new Random(1);
  private final List<SpanExporter> exporters = new ArrayList<>();
  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (SpanExporter one : exporters) one.shutdown().join(5, TimeUnit.SECONDS);
    for (AutoCloseable one : open) one.close();
  }

  @ParameterizedTest
  @CsvSource({"haproxy.cfg, A", "haproxy.cfg, SRV", "nginx.conf, A", "envoy.yaml, A"})
  void nodesThatJoinDrainAndDie_behindABalancer_loseNothingThatWasAnsweredOk(
      String file, String records) throws Exception {
    Dnsmasq dnsmasq = dnsmasq();
    Tier tier = in(tier(dnsmasq, 4));
    Member joins = tier.member(3);
    Member drains = tier.member(1);
    Member dies = tier.member(2);
    drains.settings.put("DRAIN_DELAY", "5"); // as it is by default
    List<Member> first = tier.members.subList(0, 3);
    name(dnsmasq, first);
    dnsmasq.start();
    tier.open();
    tier.awaitTable(first);
    Balancer balancer = balancer(file, dnsmasq, tier);
    if (records.equals("SRV")) byServices(balancer);
    balancer.start();
    exporters(balancer, "http", new byte[0]);
    awaitSpread(first);
    assertWhole(tier, first);

    Set<Spans.Ref> confirmed;
    try (SdkLoad load = new SdkLoad(5, exporters)) {
      load.awaitMore(100);

      rename(dnsmasq, tier.members, records);
      awaitSpread(List.of(joins));
      tier.awaitTable(tier.members);
      assertWhole(tier, tier.members);
      assertThat(load.failed()).as("failed while a node joined").isZero();

      Future<Void> stopping = drains.stop();
      Patience.await(stopping);
      drains.close();
      load.awaitMore(100);
      // nginx asks nobody whether he is ready: what has just reached a port that closes is given
      // back
      int givenBack = file.startsWith("nginx") ? 5 : 0;
      assertThat((long) load.failed())
          .as("failed while a node drained")
          .isBetween(0L, (long) givenBack);
      List<Member> three = tier.up();
      rename(dnsmasq, three, records);
      tier.awaitTable(three);
      assertWhole(tier, three);

      dies.kill();
      load.awaitMore(200);
      List<Member> two = tier.up();
      rename(dnsmasq, two, records);
      for (Member member : two) {
        Patience.until("the dead is out", () -> member.metric("homespan_peers", "") == 2);
      }
      tier.awaitTable(two);
      assertWhole(tier, two);
      confirmed = load.stop();
    }
    assertThat(missing(tier, confirmed)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"haproxy.cfg", "nginx.conf", "envoy.yaml"})
  void aLargeRequest_passesABalancer_andWithoutNodesItSaysComeAgain(String file) throws Exception {
    Dnsmasq dnsmasq = dnsmasq();
    Tier tier = in(tier(dnsmasq, 1));
    name(dnsmasq, tier.members);
    dnsmasq.start();
    Balancer balancer = balancer(file, dnsmasq, tier).start();
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", balancer.grpc).usePlaintext().build();
    open.add(() -> channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS));
    var stub = TraceServiceGrpc.newBlockingStub(channel);
    TestSpans spans = new TestSpans(4);

    assertThatThrownBy(
            () -> stub.withDeadlineAfter(60, TimeUnit.SECONDS).export(spans.request(1, 1)))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE));
    assertThat(post(tier, balancer, spans.request(1, 1))).isBetween(502, 504);

    tier.open();
    Patience.until("a node is seen", () -> post(tier, balancer, spans.request(1, 1)) == 200);
    ExportTraceServiceRequest large = spans.request(20_000, 1);
    assertThat(large.getSerializedSize()).isGreaterThan(7 << 20);
    stub.withDeadlineAfter(60, TimeUnit.SECONDS).export(large);
    ExportTraceServiceRequest other = spans.request(20_000, 1);
    assertThat(post(tier, balancer, other)).isEqualTo(200);
    assertThat(missing(tier, Spans.in(large))).isEmpty();
    assertThat(missing(tier, Spans.in(other))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"haproxy-tls.cfg", "nginx-tls.conf", "envoy-tls.yaml"})
  void sendersWithTls_reachTheTier(String file) throws Exception {
    Path certificate = dir.resolve("homespan.crt");
    Path key = dir.resolve("homespan.key");
    selfSigned(certificate, key);
    Dnsmasq dnsmasq = dnsmasq();
    Tier tier = in(tier(dnsmasq, 3));
    name(dnsmasq, tier.members);
    dnsmasq.start();
    tier.start();
    Balancer balancer = balancer(file, dnsmasq, tier).certificate(certificate, key).start();
    exporters(balancer, "https", Files.readAllBytes(certificate));
    awaitSpread(tier.members);
    assertWhole(tier, tier.members);
  }

  @ParameterizedTest
  @ValueSource(strings = {"haproxy-tls.cfg", "nginx-tls.conf", "envoy-tls.yaml"})
  void nodesWithTls_areReached_ifTheirCertificatesAreForTheName(String file) throws Exception {
    Recipe recipe = Recipe.cooked(dir.resolve("tls"));
    recipe.node("tier", "DNS:nodes.tier.local," + Recipe.LOCAL);
    Path certificate = recipe.dir.resolve("node.crt").toAbsolutePath();
    Path key = recipe.dir.resolve("node.key").toAbsolutePath();
    Path ca = recipe.dir.resolve("ca.crt").toAbsolutePath();
    Dnsmasq dnsmasq = dnsmasq();
    Tier tier =
        in(tier(dnsmasq, 2))
            .with("INGEST_SSL", "true")
            .with("INGEST_SSL_CERTIFICATE_FILE", recipe.path("tier.crt"))
            .with("INGEST_SSL_KEY_FILE", recipe.path("tier.key"));
    name(dnsmasq, tier.members);
    dnsmasq.start();
    tier.start();
    Balancer balancer =
        balancer(file, dnsmasq, tier)
            .certificate(certificate, key)
            .tlsToNodes(ca, "nodes.tier.local")
            .start();
    exporters(balancer, "https", Files.readAllBytes(ca));
    awaitSpread(tier.members);
    assertWhole(tier, tier.members);

    Balancer other =
        new Balancer(
            dir.resolve("other"), file, dnsmasq.port(), tier.member(0).config().ingest().port());
    open.add(other);
    other.certificate(certificate, key).tlsToNodes(ca, "other.tier.local").start();
    int first = exporters.size();
    exporters(other, "https", Files.readAllBytes(ca));
    for (int by = first; by < exporters.size(); by++) {
      assertThat(export(List.of(new Spans.Ref(Sdk.id(random, 16), Sdk.id(random, 8))), by))
          .as("spans got to nodes that may be others")
          .isFalse();
    }
  }

  private static void selfSigned(Path certificate, Path key) throws Exception {
    Process openssl;
    try {
      openssl =
          new ProcessBuilder(
                  "openssl",
                  "req",
                  "-x509",
                  "-newkey",
                  "ec",
                  "-pkeyopt",
                  "ec_paramgen_curve:P-256",
                  "-nodes",
                  "-days",
                  "2",
                  "-subj",
                  "/CN=localhost",
                  "-addext",
                  "subjectAltName=DNS:localhost",
                  "-keyout",
                  key.toString(),
                  "-out",
                  certificate.toString())
              .redirectErrorStream(true)
              .start();
    } catch (IOException e) {
      assumeTrue("true".equals(System.getenv("CI")), "openssl is not installed");
      throw new AssertionError("openssl is not installed", e);
    }
    String said = new String(openssl.getInputStream().readAllBytes(), US_ASCII);
    assertThat(openssl.waitFor()).as(said).isZero();
  }

  private Dnsmasq dnsmasq() throws IOException {
    Dnsmasq dnsmasq = new Dnsmasq(dir);
    open.add(dnsmasq);
    return dnsmasq;
  }

  /** Not started yet. All have one ingest port, each on an address of its own. */
  private Tier tier(Dnsmasq dnsmasq, int nodes) throws IOException {
    Tier tier = Tier.named(dir, nodes, "nodes.tier.local", dnsmasq.port());
    String[] hosts = tier.members.stream().map(one -> one.address.host()).toArray(String[]::new);
    return tier.with("INGEST_PORT", Integer.toString(FreePort.on(hosts)))
        .with("DISCOVERY_REMOVAL_MISSES", "1");
  }

  private Balancer balancer(String file, Dnsmasq dnsmasq, Tier tier) throws IOException {
    int ingest = tier.member(0).config().ingest().port();
    Balancer balancer = new Balancer(dir.resolve(file + ".d"), file, dnsmasq.port(), ingest);
    open.add(balancer);
    return balancer;
  }

  /** The other of two lines, as the file says. */
  private static void byServices(Balancer haproxy) {
    haproxy
        .change("  server-template node 1-32 nodes.", "  # server-template node 1-32 nodes.")
        .change("  # server-template node 1-32 _otlp", "  server-template node 1-32 _otlp");
  }

  /** Has DNS name these nodes. */
  private static void name(Dnsmasq dnsmasq, List<Member> nodes) throws IOException {
    StringBuilder hosts = new StringBuilder();
    StringBuilder services = new StringBuilder();
    for (Member member : nodes) {
      String name = "node-" + member.address.host().replace('.', '-') + ".tier.local";
      hosts.append(member.address.host()).append(" nodes.tier.local ").append(name).append('\n');
      services.append("srv-host=_otlp._tcp.tier.local,").append(name);
      services.append(',').append(member.config().ingest().port()).append(",0,10\n");
    }
    dnsmasq.write("nodes.hosts", hosts.toString()).write("nodes.conf", services.toString());
  }

  private static void rename(Dnsmasq dnsmasq, List<Member> nodes, String records) throws Exception {
    if (records.equals("SRV")) { // it reads those at its start only
      dnsmasq.stop();
      name(dnsmasq, nodes);
      dnsmasq.start();
    } else {
      name(dnsmasq, nodes);
      dnsmasq.reread();
    }
  }

  /** Two of each kind, which try nothing again by themselves. */
  private void exporters(Balancer balancer, String scheme, byte[] trusted) {
    for (int i = 0; i < 2; i++) {
      var grpc =
          OtlpGrpcSpanExporter.builder()
              .setTimeout(Member.ANSWER)
              .setEndpoint(scheme + "://localhost:" + balancer.grpc)
              .setRetryPolicy(null);
      var http =
          OtlpHttpSpanExporter.builder()
              .setTimeout(Member.ANSWER)
              .setEndpoint(scheme + "://localhost:" + balancer.http + "/v1/traces")
              .setRetryPolicy(null)
              .setComponentLoader(Sdk.only(i == 0 ? "okhttp" : "jdk"));
      if (trusted.length > 0) {
        grpc.setTrustedCertificates(trusted);
        http.setTrustedCertificates(trusted);
      }
      exporters.add(grpc.build());
      exporters.add(http.build());
    }
  }

  /** Exports until each of these nodes had spans from senders. */
  private void awaitSpread(List<Member> nodes) throws Exception {
    Patience.until(
        "each node has requests",
        () -> {
          export(List.of(new Spans.Ref(Sdk.id(random, 16), Sdk.id(random, 8))), random.nextInt(4));
          for (Member node : nodes) {
            if (node.metric("homespan_spans_received_total", "sender") == 0) return false;
          }
          return true;
        });
  }

  private boolean export(List<Spans.Ref> spans, int by) {
    List<SpanData> data = spans.stream().map(Sdk::span).toList();
    CompletableResultCode result = exporters.get(by).export(data).join(60, TimeUnit.SECONDS);
    return result.isSuccess();
  }

  /** Scatters traces over all exporters: each is then whole, on the node that owns it. */
  private void assertWhole(Tier tier, List<Member> among) throws Exception {
    List<List<Spans.Ref>> batches =
        List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    Map<String, Set<String>> owners = new HashMap<>();
    for (int t = 0; t < 40; t++) {
      String trace = Sdk.id(random, 16);
      owners.put(trace, Set.of(among.get(0).order(trace).get(0)));
      for (int s = 0; s < 6; s++) {
        batches.get(random.nextInt(4)).add(new Spans.Ref(trace, Sdk.id(random, 8)));
      }
    }
    for (int i = 0; i < 4; i++) {
      assertThat(export(batches.get(i), i))
          .as("export %s of traces that must be whole", i)
          .isTrue();
    }
    Set<Spans.Ref> sent = batches.stream().flatMap(List::stream).collect(toSet());
    Map<String, Set<String>> kept = new HashMap<>();
    Set<Spans.Ref> there = new HashSet<>();
    for (Member member : tier.members) {
      for (Spans.Ref span : member.written()) {
        if (!sent.contains(span)) continue;
        there.add(span);
        kept.computeIfAbsent(span.trace(), trace -> new HashSet<>()).add(member.id());
      }
    }
    assertThat(there).isEqualTo(sent);
    assertThat(kept).isEqualTo(owners);
  }

  private static Set<Spans.Ref> missing(Tier tier, Collection<Spans.Ref> sent) throws IOException {
    Set<Spans.Ref> missing = new HashSet<>(sent);
    missing.removeAll(tier.everWritten());
    return missing;
  }

  private static int post(Tier tier, Balancer balancer, ExportTraceServiceRequest request)
      throws Exception {
    return tier.http
        .send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + balancer.http + "/v1/traces"))
                .header("content-type", "application/x-protobuf")
                .POST(HttpRequest.BodyPublishers.ofByteArray(request.toByteArray()))
                .build(),
            HttpResponse.BodyHandlers.discarding())
        .statusCode();
  }
}
