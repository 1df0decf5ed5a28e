package io.homespan;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.homespan.otlp.TestSpans;
import io.homespan.sink.ScriptedBackend;
import io.opentelemetry.exporter.otlp.trace.OtlpGrpcSpanExporter;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import io.vertx.core.json.JsonObject;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Gateways before OTLP/gRPC receivers that know nothing but Export. */
class GatewayTest extends TierTest {
  private final List<ScriptedBackend> receivers = new ArrayList<>();
  private final List<ExportTraceServiceRequest> lost = new ArrayList<>(); // receivers' memories
  private final TestSpans spans = new TestSpans(9);
  private final List<ExportTraceServiceRequest> requests =
      Spans.scattered(spans.request(60, 5), 8, 1);
  private final List<Spans.Ref> sent = Spans.in(requests);

  @AfterEach
  void closeReceivers() throws Exception {
    for (ScriptedBackend receiver : receivers) receiver.close();
  }

  @Test
  void everyTraceIsWhole_onOneReceiver_whicheverGatewayGetsItsSpans() throws Exception {
    Tier tier = start(gateways(2, 3));
    List<SpanExporter> exporters = new ArrayList<>();
    for (Member gateway : tier.members) {
      exporters.add(
          OtlpGrpcSpanExporter.builder()
              .setTimeout(Member.ANSWER)
              .setEndpoint(gateway.ingest())
              .build());
    }

    for (int i = 0; i < requests.size(); i++) {
      SpanExporter to = exporters.get(i % exporters.size());
      List<SpanData> batch = Spans.in(requests.get(i)).stream().map(Sdk::span).toList();
      assertThat(to.export(batch).join(60, TimeUnit.SECONDS).isSuccess()).isTrue();
    }

    assertWhole(tier);
    for (ScriptedBackend receiver : receivers) assertThat(receiver.taken).isNotEmpty();
    for (SpanExporter exporter : exporters) exporter.shutdown().join(5, TimeUnit.SECONDS);
  }

  @Test
  void receiversAreShownAsForeign_underTheirAddresses_andAreAskedNothingButExport()
      throws Exception {
    Tier tier = gateways(1, 2);
    Member gateway = tier.member(0);
    gateway.settings.put(
        "PEER_FORWARDER_STATIC_ENDPOINTS",
        "LOCALHOST:"
            + receivers.get(0).port()
            + ",[0:0:0:0:0:FFFF:7F00:1]:"
            + receivers.get(1).port());
    start(tier);
    Patience.untilAsserted(
        () -> {
          JsonObject told = gateway.peers();
          assertThat(told.getString("self")).isEqualTo("gateway");
          assertThat(told.getJsonArray("problems")).isEmpty();
          assertThat(told.getJsonArray("peers"))
              .extracting(one -> ((JsonObject) one).getString("id"))
              .containsExactly(
                  "127.0.0.1:" + receivers.get(1).port(), "localhost:" + receivers.get(0).port());
          assertThat(told.getJsonArray("peers"))
              .allMatch(one -> ((JsonObject) one).getString("state").equals("foreign"))
              .allMatch(one -> ((JsonObject) one).getBoolean("in_table"));
        });
    assertThat(gateway.metric("homespan_peers", "")).isEqualTo(2);
    // what asks whether they are there holds no spans
    assertThat(receivers.get(0).calls).isNotEmpty().allMatch(call -> Spans.in(call).isEmpty());
  }

  @Test
  void aGatewayIsReady_whenItHasFoundReceivers_whoeverAnswers() throws Exception {
    Tier tier = gateways(1, 0);
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      String endpoint = "127.0.0.1:" + silent.getLocalPort();
      tier.member(0).settings.put("PEER_FORWARDER_STATIC_ENDPOINTS", endpoint);
      tier.member(0).settings.put("DISCOVERY_EXCHANGE_TIMEOUT", "600");
      tier.open();
      Patience.until("ready", () -> tier.member(0).ready());
    }
  }

  @Test
  void whileAReceiverIsAway_standInsTakeItsTraces_andItHasThemBack() throws Exception {
    Tier tier = start(gateways(2, 3));
    int port = receivers.get(1).port();
    receivers.get(1).close();

    tier.post(requests, tier.members);

    assertThat(taken()).containsExactlyInAnyOrderElementsOf(sent);
    assertThat(receiversByTrace().values()).allMatch(where -> where.size() == 1);
    for (Member gateway : tier.members) {
      Patience.until("seen to be away", () -> states(gateway).contains("unanswered"));
    }
    comesBack(1, port);
    Patience.untilAsserted(() -> assertAllHeard(tier));
    forget();
    tier.post(requests, List.of(tier.member(1), tier.member(0))); // neither knows them from before
    assertWhole(tier);
  }

  @Test
  void whenNoReceiverCanBeReached_sendersAreToComeAgain_andThenAllArrives() throws Exception {
    Tier tier = start(gateways(1, 3));
    Member gateway = tier.member(0);
    List<Integer> ports = receivers.stream().map(ScriptedBackend::port).toList();
    for (ScriptedBackend receiver : receivers) receiver.close();

    for (ExportTraceServiceRequest request : requests) {
      HttpResponse<byte[]> refused = gateway.post(request);
      assertThat(refused.statusCode()).isEqualTo(503);
      assertThat(refused.headers().firstValueAsLong("retry-after").orElse(0)).isBetween(1L, 2L);
    }
    assertThat(gateway.metric("homespan_spans_refused_total", "no_receiver"))
        .isEqualTo(sent.size());

    for (int i = 0; i < ports.size(); i++) comesBack(i, ports.get(i));
    for (ExportTraceServiceRequest request : requests) {
      Patience.until("taken", () -> gateway.post(request).statusCode() == 200);
    }
    assertThat(new HashSet<>(taken())).containsExactlyInAnyOrderElementsOf(sent);
  }

  @Test
  void whatIsStored_waitsForReceivers() throws Exception {
    Tier tier = gateways(1, 2).with("ACKNOWLEDGE", "stored").with("INGEST_REQUEST_TIMEOUT", "1");
    Member gateway = tier.member(0);
    gateway.settings.put("JOURNAL_PATH", dir.resolve("journal").toString());
    start(tier);
    List<Integer> ports = receivers.stream().map(ScriptedBackend::port).toList();
    for (ScriptedBackend receiver : receivers) receiver.close();

    tier.post(requests, tier.members);
    for (int i = 0; i < ports.size(); i++) comesBack(i, ports.get(i));

    Patience.until("delivered", () -> gateway.metric("homespan_journal_records", "") == 0);
    assertThat(taken()).containsExactlyInAnyOrderElementsOf(sent);
  }

  @Test
  void aReceiverWithoutRoom_isAskedAgain_andNobodyStandsIn() throws Exception {
    Tier tier = start(gateways(1, 3));
    ScriptedBackend busy = receivers.get(0);
    AtomicInteger refusals = new AtomicInteger(2);
    busy.usually(
        (request, to) -> {
          boolean full = !Spans.in(request).isEmpty() && refusals.getAndDecrement() > 0;
          (full ? ScriptedBackend.fail(Status.UNAVAILABLE) : busy.ok()).answer(request, to);
        });

    tier.post(requests, tier.members);

    assertWhole(tier);
    assertThat(tier.member(0).metric("homespan_forward_steps_total", "after_hint")).isPositive();
  }

  /** As a proxy does that knows of no healthy receiver behind it. */
  @Test
  void aReceiverThatIsUnavailableToAnyExport_hasStandIns() throws Exception {
    Tier tier = start(gateways(1, 3));
    receivers.get(0).usually(ScriptedBackend.fail(Status.UNAVAILABLE));
    Patience.until("seen to be away", () -> states(tier.member(0)).contains("unanswered"));

    tier.post(requests, tier.members);

    assertThat(taken()).containsExactlyInAnyOrderElementsOf(sent);
    assertThat(Spans.in(receivers.get(0).taken)).isEmpty();
    assertThat(receiversByTrace().values()).allMatch(where -> where.size() == 1);
    receivers.get(0).usually(receivers.get(0).ok());
    Patience.untilAsserted(() -> assertAllHeard(tier));
    forget();
    tier.post(Spans.scattered(spans.request(60, 5), 8, 1), tier.members);
    assertThat(Spans.in(receivers.get(0).taken)).isNotEmpty();
  }

  @Test
  void whatReceiversHave_isNotSentAgain_whenTheSenderSendsItAll() throws Exception {
    Tier tier = start(gateways(1, 3).with("INGEST_REQUEST_TIMEOUT", "0.5"));
    ScriptedBackend busy = receivers.get(0);
    busy.usually(
        (request, to) -> {
          boolean full = !Spans.in(request).isEmpty();
          (full ? ScriptedBackend.fail(Status.UNAVAILABLE) : busy.ok()).answer(request, to);
        });
    for (int i = 0; i < 3; i++) {
      assertThat(tier.member(0).post(requests.get(0)).statusCode()).isEqualTo(503);
    }
    assertThat(tier.member(0).metric("homespan_spans_refused_total", "full")).isPositive();
    assertThat(tier.member(0).metric("homespan_spans_repeated_total", "")).isPositive();

    busy.usually(busy.ok());
    Patience.until("taken", () -> tier.member(0).post(requests.get(0)).statusCode() == 200);

    assertThat(taken()).containsExactlyInAnyOrderElementsOf(Spans.in(requests.get(0)));
  }

  @Test
  void whatIsTooLargeForAReceiver_comesInPieces() throws Exception {
    Tier tier = start(gateways(1, 2)); // by grpc-java, which takes 4 MiB unless told otherwise
    ByteString trace = spans.id(16);
    ScopeSpans.Builder large = ScopeSpans.newBuilder();
    for (int i = 0; i < 9; i++) {
      Span span = spans.span(trace, ByteString.EMPTY);
      large.addSpans(span.toBuilder().setName("x".repeat(1_000_000)));
    }
    ExportTraceServiceRequest request =
        ExportTraceServiceRequest.newBuilder()
            .addResourceSpans(ResourceSpans.newBuilder().addScopeSpans(large))
            .build();

    tier.post(List.of(request), tier.members);

    assertThat(taken()).containsExactlyInAnyOrderElementsOf(Spans.in(request));
    assertThat(receiversByTrace().values()).allMatch(where -> where.size() == 1);
    assertThat(tier.member(0).metric("homespan_forward_steps_total", "halved")).isPositive();
  }

  @Test
  void whatAReceiverRejects_isTold_andWhatSpeaksNoOtlp_isPassedOver() throws Exception {
    Tier tier = start(gateways(1, 3));
    receivers.get(0).usually(receivers.get(0).okRejecting(1, "too old"));
    receivers.get(1).usually(ScriptedBackend.fail(Status.UNIMPLEMENTED));

    HttpResponse<byte[]> answer = tier.member(0).post(requests.get(0));

    assertThat(answer.statusCode()).isEqualTo(200);
    ExportTraceServiceResponse told = ExportTraceServiceResponse.parseFrom(answer.body());
    assertThat(told.getPartialSuccess().getRejectedSpans())
        .isBetween(1L, 2L); // perhaps in two calls
    assertThat(told.getPartialSuccess().getErrorMessage()).contains("too old");
    assertThat(tier.member(0).metric("homespan_spans_dropped_total", "sink_refused"))
        .isEqualTo((double) told.getPartialSuccess().getRejectedSpans());
    assertThat(receivers.get(1).taken).allMatch(request -> Spans.in(request).isEmpty());
    assertThat(taken()).containsExactlyInAnyOrderElementsOf(Spans.in(requests.get(0)));
  }

  /** By OTLP it is final without a hint: what says "later" and means it gives one. */
  @Test
  void whatAReceiverHasNoResourcesFor_isRejected_andNotSentAgain() throws Exception {
    Tier tier = start(gateways(1, 3));
    ScriptedBackend small = receivers.get(0);
    small.usually(ScriptedBackend.fail(Status.RESOURCE_EXHAUSTED));

    HttpResponse<byte[]> answer = tier.member(0).post(requests.get(0));

    assertThat(answer.statusCode()).isEqualTo(200);
    ExportTraceServiceResponse told = ExportTraceServiceResponse.parseFrom(answer.body());
    List<Spans.Ref> tried = Spans.in(small.calls);
    assertThat(tried).isNotEmpty().doesNotHaveDuplicates();
    assertThat(told.getPartialSuccess().getRejectedSpans()).isEqualTo(tried.size());
    assertThat(told.getPartialSuccess().getErrorMessage())
        .contains("refused by peer 127.0.0.1:" + small.port() + ": RESOURCE_EXHAUSTED");
    assertThat(tier.member(0).metric("homespan_spans_dropped_total", "sink_refused"))
        .isEqualTo(tried.size());
    List<Spans.Ref> rest = new ArrayList<>(Spans.in(requests.get(0)));
    rest.removeAll(tried);
    assertThat(taken()).containsExactlyInAnyOrderElementsOf(rest);
  }

  @Test
  void gatewaysThatTakeOneAnotherForReceivers_sendNothingInCircles() throws Exception {
    Tier tier = gateways(2, 0);
    for (Member member : tier.members) {
      int port = FreePort.any();
      member.settings.put("INGEST_PORT", Integer.toString(port));
      tier.others(member)
          .get(0)
          .settings
          .put("PEER_FORWARDER_STATIC_ENDPOINTS", "127.0.0.1:" + port);
    }
    start(tier);

    HttpResponse<byte[]> refused = tier.member(0).post(requests.get(0));

    assertThat(refused.statusCode()).isEqualTo(503);
    assertThat(tier.member(0).books().refused()).isEqualTo(Spans.in(requests.get(0)).size());
    assertThat(tier.member(1).books().received()).isZero();
  }

  @Test
  void byService_allSpansOfAServiceAreOnOneReceiver_alsoWhenItStandsIn() throws Exception {
    Tier tier = start(gateways(2, 3).with("ROUTING_KEY", "service"));

    tier.post(requests, tier.members);

    Map<String, Set<Integer>> before = receiversByService();
    assertThat(taken()).containsExactlyInAnyOrderElementsOf(sent);
    assertThat(before).isNotEmpty();
    for (Map.Entry<String, Set<Integer>> service : before.entrySet()) {
      HttpResponse<String> told =
          tier.member(0).admin("/api/owner?service.name=" + service.getKey());
      String owner = new JsonObject(told.body()).getString("owner");
      assertThat(service.getValue())
          .containsExactly(Integer.valueOf(owner.substring(owner.lastIndexOf(':') + 1)));
    }
    int gone = before.values().iterator().next().iterator().next();
    receivers.removeIf(receiver -> receiver.port() == gone && closed(receiver));
    forget();
    tier.post(requests, List.of(tier.member(1), tier.member(0))); // neither knows them from before
    assertThat(taken()).containsExactlyInAnyOrderElementsOf(sent);
    assertThat(receiversByService()).hasSameSizeAs(before);
    assertThat(receiversByService().values()).allMatch(where -> where.size() == 1);
  }

  // ---- the parts of a tier ----

  /** So many gateways before so many receivers; not started yet. */
  private Tier gateways(int gateways, int of) throws Exception {
    for (int i = 0; i < of; i++) receivers.add(new ScriptedBackend(FreePort.any()));
    Tier tier = in(Tier.listed(dir, gateways));
    for (Member member : tier.members) {
      member.settings.keySet().removeIf(key -> key.startsWith("PEER_FORWARDER_SERVER_"));
      member.settings.remove("SINK_TYPE");
    }
    return tier.with("ROLE", "gateway")
        .with(
            "PEER_FORWARDER_STATIC_ENDPOINTS",
            receivers.stream()
                .map(receiver -> "127.0.0.1:" + receiver.port())
                .collect(Collectors.joining(",")));
  }

  private static Tier start(Tier tier) throws Exception {
    tier.open();
    Patience.untilAsserted(
        () -> {
          Set<String> tables = new HashSet<>();
          for (Member gateway : tier.members) {
            assertThat(gateway.ready()).isTrue();
            assertThat(states(gateway)).isNotEmpty().allMatch("foreign"::equals);
            if ("0".equals(gateway.settings.get("INGEST_PORT"))) {
              tables.add(gateway.peers().getString("table_hash"));
            }
          }
          assertThat(tables.size()).as("different owner tables").isLessThan(2);
        });
    return tier;
  }

  private void assertAllHeard(Tier tier) throws Exception {
    for (Member gateway : tier.members) {
      assertThat(states(gateway)).hasSize(receivers.size()).allMatch("foreign"::equals);
    }
  }

  private static List<String> states(Member gateway) throws Exception {
    return gateway.peers().getJsonArray("peers").stream()
        .map(one -> ((JsonObject) one).getString("state"))
        .toList();
  }

  private void comesBack(int number, int port) throws Exception {
    lost.addAll(receivers.get(number).taken);
    receivers.set(number, new ScriptedBackend(port));
  }

  private void forget() {
    lost.clear();
    for (ScriptedBackend receiver : receivers) receiver.taken.clear();
  }

  private List<Spans.Ref> taken() {
    List<Spans.Ref> taken = new ArrayList<>(Spans.in(lost));
    for (ScriptedBackend receiver : receivers) taken.addAll(Spans.in(receiver.taken));
    return taken;
  }

  private Map<String, Set<Integer>> receiversByTrace() {
    Map<String, Set<Integer>> where = new HashMap<>();
    for (ScriptedBackend receiver : receivers) {
      for (Spans.Ref span : Spans.in(receiver.taken)) {
        where.computeIfAbsent(span.trace(), trace -> new HashSet<>()).add(receiver.port());
      }
    }
    return where;
  }

  private Map<String, Set<Integer>> receiversByService() {
    Map<String, Set<Integer>> where = new HashMap<>();
    for (ScriptedBackend receiver : receivers) {
      for (ExportTraceServiceRequest request : receiver.taken) {
        for (ResourceSpans resource : request.getResourceSpansList()) {
          String service = resource.getResource().getAttributes(0).getValue().getStringValue();
          where.computeIfAbsent(service, name -> new HashSet<>()).add(receiver.port());
        }
      }
    }
    return where;
  }

  private static boolean closed(ScriptedBackend receiver) {
    try {
      receiver.close();
      return true;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Each span once, each trace on its owner, by every gateway's word. */
  private void assertWhole(Tier tier) throws Exception {
    assertThat(taken()).containsExactlyInAnyOrderElementsOf(sent);
    Map<String, Set<Integer>> where = receiversByTrace();
    for (Member gateway : tier.members) {
      for (Map.Entry<String, Set<Integer>> trace : where.entrySet()) {
        String owner = gateway.order(trace.getKey()).get(0);
        assertThat(trace.getValue())
            .containsExactly(Integer.valueOf(owner.substring(owner.lastIndexOf(':') + 1)));
      }
    }
  }
}
