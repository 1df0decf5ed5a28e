package io.homespan;

import static org.assertj.core.api.Assertions.assertThat;

import io.homespan.otlp.TestSpans;
import io.homespan.sink.ScriptedBackend;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Nodes that can take no more. */
class FullTest extends TierTest {
  private static final int NODES = 3;
  private static final int SENDERS = 45;

  private final TestSpans spans = new TestSpans(11);
  private final List<ScriptedBackend> backends = new ArrayList<>();
  private final ExecutorService senders = Executors.newFixedThreadPool(SENDERS);

  @BeforeEach
  void open() throws Exception {
    for (int i = 0; i < NODES; i++) backends.add(new ScriptedBackend(0));
  }

  @AfterEach
  void close() throws Exception {
    senders.shutdownNow();
    for (ScriptedBackend backend : backends) backend.close();
  }

  private Tier tier() throws Exception {
    Tier tier = in(Tier.listed(dir, NODES)).with("SINK_TYPE", "otlp");
    for (int i = 0; i < NODES; i++) {
      String endpoint = "127.0.0.1:" + backends.get(i).port();
      tier.member(i).settings.put("SINK_OTLP_ENDPOINT", endpoint);
    }
    return tier.with("INGEST_REQUEST_TIMEOUT", "2")
        .with("INGEST_MAX_REQUESTS_IN_FLIGHT", "8")
        .with("PEER_FORWARDER_SERVER_MAX_REQUESTS_IN_FLIGHT", "2");
  }

  @Test
  void aTierWhoseNodesAllAreFull_recoversByItself_underTheSameLoad() throws Exception {
    Tier tier = tier().start();
    for (ScriptedBackend backend : backends) backend.usually((request, to) -> {}); // never answered
    AtomicInteger refused = new AtomicInteger();
    List<ExportTraceServiceRequest> requests = new ArrayList<>();
    List<Future<?>> sending = new ArrayList<>();
    for (int i = 0; i < SENDERS; i++) {
      ExportTraceServiceRequest request = spans.request(6, 2);
      Member to = tier.member(i % NODES);
      requests.add(request);
      sending.add(senders.submit(() -> sendUntilOk(to, request, refused)));
    }
    for (Member member : tier.members) {
      // both doors are shut, to senders and to peers
      Patience.until(
          "senders are refused at once",
          () -> member.metric("homespan_requests_in_flight", "sender") == 8);
      Patience.until(
          "peers are refused",
          () -> member.metric("homespan_requests_total", "protocol=\"peer\",status=\"UNAVAIL") > 0);
    }
    int before = refused.get();
    Patience.until("everybody is refused", () -> refused.get() > before + SENDERS);

    for (ScriptedBackend backend : backends) backend.usually(backend.ok());

    for (Future<?> one : sending) one.get(60, TimeUnit.SECONDS);
    List<Spans.Ref> taken = new ArrayList<>();
    for (ScriptedBackend backend : backends) taken.addAll(Spans.in(backend.taken));
    assertThat(taken).containsExactlyInAnyOrderElementsOf(Spans.in(requests));
    for (Member member : tier.members) { // fullness is no outage
      assertThat(member.metric("homespan_spans_dropped_total", "")).isZero();
      assertThat(member.metric("homespan_peer_circuit_open", "")).isZero();
    }
  }

  @Test
  void oneNodeWhoseBackendIsStuck_refusesItsShareOnly() throws Exception {
    Tier tier =
        tier()
            .with("PEER_FORWARDER_SERVER_MAX_REQUESTS_IN_FLIGHT", "100")
            .with("INGEST_REQUEST_TIMEOUT", "6") // the others are to be in time on a busy machine
            .start();
    Member stuck = tier.member(2);
    backends.get(2).usually((request, to) -> {});
    Member asked = tier.member(0);
    List<ExportTraceServiceRequest> its = new ArrayList<>();
    List<ExportTraceServiceRequest> others = new ArrayList<>();
    while (its.size() < 4 || others.size() < 30) {
      ExportTraceServiceRequest one = spans.request(1, 3);
      String owner = asked.order(Spans.in(one).get(0).trace()).get(0);
      (owner.equals(stuck.id()) ? its : others).add(one);
    }
    tier.post(others.subList(0, 10), List.of(asked)); // so that all classes are loaded
    AtomicInteger refused = new AtomicInteger();
    List<Future<?>> sending = new ArrayList<>();
    for (ExportTraceServiceRequest one : its.subList(0, 4)) {
      sending.add(senders.submit(() -> sendUntilOk(asked, one, refused)));
    }
    Patience.until("they wait", () -> asked.metric("homespan_requests_in_flight", "sender") == 4);
    tier.post(others.subList(10, 20), List.of(asked));
    Patience.until("they are refused", () -> refused.get() >= 4);
    tier.post(others.subList(20, 30), List.of(asked));
    assertThat(asked.metric("homespan_spans_kept_total", "stand_in")).isZero();

    backends.get(2).usually(backends.get(2).ok());
    for (Future<?> one : sending) one.get(60, TimeUnit.SECONDS);
    assertThat(Spans.in(backends.get(2).taken))
        .containsExactlyInAnyOrderElementsOf(Spans.in(its.subList(0, 4)));
  }

  /** Comes back a tenth of the time that it is told to wait. */
  private static Void sendUntilOk(
      Member to, ExportTraceServiceRequest request, AtomicInteger refused) throws Exception {
    while (true) {
      HttpResponse<byte[]> answer = to.post(request);
      if (answer.statusCode() == 200) return null;
      assertThat(answer.statusCode()).isEqualTo(503);
      long hint = answer.headers().firstValueAsLong("retry-after").orElse(0);
      assertThat(hint).isBetween(1L, 2L);
      refused.incrementAndGet();
      LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(hint) / 10);
    }
  }
}
