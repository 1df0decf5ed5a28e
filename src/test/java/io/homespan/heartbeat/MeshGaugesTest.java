package io.homespan.heartbeat;

import static org.assertj.core.api.Assertions.assertThat;

import io.homespan.heartbeat.Measurement.Place;
import io.homespan.metrics.MicrometerMetrics;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MeshGaugesTest {
  private static final long MINUTE = Duration.ofMinutes(1).toNanos();
  private static final long STALE = MINUTE;
  private static final long ROUND = Duration.ofSeconds(10).toNanos();

  private final MicrometerMetrics metrics = new MicrometerMetrics();
  private final Cells cells = new Cells();
  private final MeshGauges gauges = new MeshGauges(metrics, "east", 2);
  private long now = 1;

  @AfterEach
  void close() {
    metrics.close();
  }

  @Test
  void peersBeyondTheLimit_areTheirZones() {
    for (int i = 0; i < 6; i++) measured("p" + i, Outcome.OK, 1_000_000L * (i + 1));
    measured("p5", Outcome.TIMEOUT, 0);
    measured("p5", Outcome.TIMEOUT, 0);
    show();

    assertThat(series("homespan_heartbeat_p50_seconds")).isEqualTo(2);
    assertThat(metrics.scrape())
        .contains(
            "homespan_heartbeat_zone_peers{from_zone=\"east\",probe=\"grpc\",to_zone=\"z0\"} 2.0",
            "homespan_heartbeat_zone_peers{from_zone=\"east\",probe=\"grpc\",to_zone=\"z1\"} 2.0",
            "homespan_heartbeat_zone_failing{from_zone=\"east\",probe=\"grpc\",to_zone=\"z1\"} 1.0",
            "homespan_heartbeat_zone_failing{from_zone=\"east\",probe=\"grpc\",to_zone=\"z0\"} 0.0");
    assertThat(value("homespan_heartbeat_zone_p50_seconds", "to_zone=\"z0\""))
        .isBetween(0.00297, 0.00303); // of p2 and p4
    assertThat(value("homespan_heartbeat_zone_p99_seconds", "to_zone=\"z0\""))
        .isBetween(0.00495, 0.00505);
  }

  @Test
  void whoIsGone_hasNoSeries_andMakesRoom() {
    for (int i = 0; i < 3; i++) measured("p" + i, Outcome.OK, 1_000_000);
    show();
    assertThat(value("homespan_heartbeat_p50_seconds", "peer=\"p0\"")).isPositive();
    cells.retain(Set.of("p1", "p2"));
    show();

    assertThat(metrics.scrape()).doesNotContain("peer=\"p0\"", "homespan_heartbeat_zone_");
    assertThat(value("homespan_heartbeat_p50_seconds", "peer=\"p2\"")).isPositive();
    assertThat(series("homespan_heartbeat_p50_seconds")).isEqualTo(2);
  }

  @Test
  void theNodeItself_isNoPeer_andTakesNoPlaceOfOne() {
    measured("own", Outcome.OK, 50_000); // comes before the others
    for (int i = 0; i < 2; i++) measured("p" + i, Outcome.OK, 1_000_000);
    show();

    assertThat(series("homespan_heartbeat_p50_seconds")).isEqualTo(2);
    assertThat(metrics.scrape()).doesNotContain("\"own\"", "homespan_heartbeat_zone_");
    assertThat(value("homespan_heartbeat_baseline_p50_seconds", "{probe=\"grpc\"}"))
        .isBetween(0.0000495, 0.0000505);
    assertThat(value("homespan_heartbeat_baseline_p99_seconds", "{probe=\"grpc\"}")).isPositive();
  }

  private void measured(String peer, Outcome outcome, long nanos) {
    Place own = new Place("own", "east");
    Measurement what =
        new Measurement(
            own, new Place(peer, ""), "", "", Probe.GRPC, 1, 1, 0, nanos, outcome, 0, 0, 1);
    cells.add(what, now, 0);
  }

  private void show() {
    gauges.now(cells, "own", peer -> "z" + (peer.charAt(1) - '0') % 2, now, MINUTE, STALE);
    now += ROUND;
  }

  private long series(String name) {
    return metrics.scrape().lines().filter(line -> line.startsWith(name + "{")).count();
  }

  private double value(String name, String with) {
    return metrics
        .scrape()
        .lines()
        .filter(line -> line.startsWith(name + "{") && line.contains(with))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }
}
