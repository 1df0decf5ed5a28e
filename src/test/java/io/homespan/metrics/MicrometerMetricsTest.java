package io.homespan.metrics;

import static io.homespan.metrics.Metrics.From.PEER;
import static io.homespan.metrics.Metrics.From.SENDER;
import static java.util.stream.Collectors.toList;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MicrometerMetricsTest {
  private final MicrometerMetrics metrics = new MicrometerMetrics();

  @AfterEach
  void close() {
    metrics.close();
  }

  @Test
  void whatCanBeKnown_standsAtZeroFromTheStart() {
    assertThat(series("homespan_"))
        .contains(
            "homespan_spans_received_total{from=\"sender\"} 0.0",
            "homespan_spans_received_total{from=\"peer\"} 0.0",
            "homespan_spans_kept_total{as=\"owner\"} 0.0",
            "homespan_spans_kept_total{as=\"stand_in\"} 0.0",
            "homespan_spans_refused_total{reason=\"timeout\"} 0.0",
            "homespan_spans_refused_total{reason=\"full\"} 0.0",
            "homespan_spans_refused_total{reason=\"closing\"} 0.0",
            "homespan_spans_refused_total{reason=\"error\"} 0.0",
            "homespan_spans_dropped_total{reason=\"invalid\"} 0.0",
            "homespan_spans_dropped_total{reason=\"sink_refused\"} 0.0",
            "homespan_spans_repeated_total 0.0",
            "homespan_peers 0.0");
  }

  @Test
  void everyFate_isReceivedToo_soTheBooksBalance() {
    metrics.kept(SENDER, KeptAs.OWNER, 1);
    metrics.kept(PEER, KeptAs.STAND_IN, 10);
    metrics.forwarded(SENDER, "a", 100);
    metrics.forwarded(SENDER, "b", 200);
    metrics.refused(SENDER, RefuseReason.FULL, 1_000);
    metrics.dropped(PEER, DropReason.INVALID, 10_000);
    metrics.repeated(100_000);

    assertThat(metrics.books()).isEqualTo(new Books(11_311, 11, 300, 1_000, 10_000, 100_000));
    assertThat(metrics.books().balanced()).isTrue();
    assertThat(series("homespan_spans"))
        .contains(
            "homespan_spans_received_total{from=\"sender\"} 1301.0",
            "homespan_spans_received_total{from=\"peer\"} 10010.0",
            "homespan_spans_kept_total{as=\"owner\"} 1.0",
            "homespan_spans_kept_total{as=\"stand_in\"} 10.0",
            "homespan_spans_forwarded_total{peer=\"a\"} 100.0",
            "homespan_spans_forwarded_total{peer=\"b\"} 200.0",
            "homespan_spans_refused_total{reason=\"full\"} 1000.0",
            "homespan_spans_dropped_total{reason=\"invalid\"} 10000.0",
            "homespan_spans_repeated_total 100000.0");
  }

  @Test
  void booksWithAHole_doNotBalance() {
    assertThat(new Books(10, 1, 2, 3, 4, 0).balanced()).isTrue();
    assertThat(new Books(11, 1, 2, 3, 4, 1).balanced()).isFalse();
  }

  @Test
  void requests_areCountedByProtocolAndStatus() {
    metrics.request(Metrics.Protocol.HTTP_JSON, "200");
    metrics.request(Metrics.Protocol.HTTP_JSON, "200");
    metrics.request(Metrics.Protocol.GRPC, "UNAVAILABLE");

    assertThat(series("homespan_requests_total"))
        .containsExactlyInAnyOrder(
            "homespan_requests_total{protocol=\"http_json\",status=\"200\"} 2.0",
            "homespan_requests_total{protocol=\"grpc\",status=\"UNAVAILABLE\"} 1.0");
  }

  @Test
  void theTable_isOneSeries_beforeAndAfterItChanges() {
    assertThat(series("homespan_owner_table_info")).hasSize(1);

    metrics.table(3, "0123456789abcdef");
    metrics.table(4, "fedcba9876543210");

    assertThat(series("homespan_owner_table_info"))
        .containsExactly("homespan_owner_table_info{hash=\"fedcba9876543210\"} 1");
    assertThat(series("homespan_peers")).containsExactly("homespan_peers 4.0");
  }

  @Test
  void calls_areAHistogramByPeer() {
    metrics.forwardCall("a", "confirmed", 0.0004);
    metrics.forwardCall("a", "full", 0.03);
    metrics.forwardCall("a", "unreachable", 60);

    List<String> series = series("homespan_forward_seconds");
    assertThat(series)
        .contains(
            "homespan_forward_seconds_bucket{peer=\"a\",le=\"5.0E-4\"} 1",
            "homespan_forward_seconds_bucket{peer=\"a\",le=\"0.05\"} 2",
            "homespan_forward_seconds_bucket{peer=\"a\",le=\"10.0\"} 2",
            "homespan_forward_seconds_bucket{peer=\"a\",le=\"+Inf\"} 3",
            "homespan_forward_seconds_count{peer=\"a\"} 3");
    assertThat(series.stream().filter(line -> line.contains("_bucket"))).hasSize(15);
    assertThat(series("homespan_forward_calls_total"))
        .contains("homespan_forward_calls_total{outcome=\"full\",peer=\"a\"} 1.0");
  }

  @Test
  void stepsOfParts_areCounted_eachFromZero() {
    metrics.forwardStep(ForwardStep.CONFIRMED, 7);
    metrics.forwardStep(ForwardStep.AFTER_HINT, 1);

    assertThat(series("homespan_forward_steps_total"))
        .hasSize(ForwardStep.values().length)
        .contains(
            "homespan_forward_steps_total{step=\"confirmed\"} 7.0",
            "homespan_forward_steps_total{step=\"after_hint\"} 1.0",
            "homespan_forward_steps_total{step=\"passed_over\"} 0.0");
  }

  @Test
  void aPeersCircuit_isOneWhileItIsOpen() {
    metrics.forwardCall("b", "OK", 0.1);
    metrics.circuit("a", true);
    assertThat(series("homespan_peer_circuit_open"))
        .containsExactlyInAnyOrder(
            "homespan_peer_circuit_open{peer=\"a\"} 1.0",
            "homespan_peer_circuit_open{peer=\"b\"} 0.0");
    metrics.circuit("a", false);
    assertThat(series("homespan_peer_circuit_open"))
        .contains("homespan_peer_circuit_open{peer=\"a\"} 0.0");
  }

  @Test
  void peersBeyondTheBound_shareTheirSeries_andNoSpanIsLostFromTheBooks() {
    for (int i = 0; i < MicrometerMetrics.MAX_PEERS + 50; i++) {
      metrics.forwarded(SENDER, "peer-" + i, 1);
      metrics.forwarded(SENDER, "peer-" + i, 1);
    }

    List<String> series = series("homespan_spans_forwarded_total");
    assertThat(series).hasSize(MicrometerMetrics.MAX_PEERS + 1);
    assertThat(series).contains("homespan_spans_forwarded_total{peer=\"other\"} 100.0");
    assertThat(metrics.books().balanced()).isTrue();
    assertThat(metrics.books().forwarded()).isEqualTo(2 * (MicrometerMetrics.MAX_PEERS + 50));
  }

  @Test
  void aGauge_isReadAtScrapeTime_andReplacedByTheNextOfItsName() {
    double[] value = {1};
    metrics.gauge("homespan_backlog_bytes", "help", () -> value[0], "peer", "a");
    metrics.gauge("homespan_backlog_bytes", "help", () -> 5, "peer", "b");
    value[0] = 2;
    assertThat(series("homespan_backlog_bytes"))
        .contains(
            "homespan_backlog_bytes{peer=\"a\"} 2.0", "homespan_backlog_bytes{peer=\"b\"} 5.0");

    metrics.gauge("homespan_backlog_bytes", "help", () -> 7, "peer", "a");
    System.gc(); // nobody else holds the supplier
    assertThat(series("homespan_backlog_bytes"))
        .contains(
            "homespan_backlog_bytes{peer=\"a\"} 7.0", "homespan_backlog_bytes{peer=\"b\"} 5.0");
  }

  @Test
  void rarerEvents_areCountedUnderTheirName() {
    metrics.count("homespan_lookups", "help", "provider", "dns");
    metrics.count("homespan_lookups", "help", "provider", "dns");
    metrics.count("homespan_turns_total", "help");

    assertThat(series("homespan_lookups_total"))
        .containsExactly("homespan_lookups_total{provider=\"dns\"} 2.0");
    assertThat(series("homespan_turns_total")).containsExactly("homespan_turns_total 1.0");
  }

  @Test
  void theJvm_isThereToo() {
    assertThat(metrics.scrape())
        .contains("jvm_memory_used_bytes{", "jvm_memory_max_bytes{", "jvm_threads_live_threads ")
        .contains("process_cpu_usage ", "process_uptime_seconds ", "jvm_gc_");
  }

  @Test
  void openMetrics_isForWhoAcceptsIt() {
    assertThat(metrics.scrape("*/*").contentType()).startsWith("text/plain; version=0.0.4");
    assertThat(metrics.scrape("*/*").text()).doesNotContain("# EOF");

    Exposition open = metrics.scrape("application/openmetrics-text;version=1.0.0,*/*;q=0.1");
    assertThat(open.contentType()).startsWith("application/openmetrics-text; version=1.0.0");
    assertThat(open.text()).endsWith("# EOF\n").contains("homespan_owner_table_info{hash=");
  }

  private List<String> series(String prefix) {
    return metrics.scrape().lines().filter(line -> line.startsWith(prefix)).collect(toList());
  }
}
