package io.homespan.heartbeat;

import io.homespan.heartbeat.Row.Cell;
import io.homespan.metrics.Metrics;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/**
 * What Prometheus is told of the last minute, or of two visits in a tier measured by turns: by
 * peer, for as many peers as the configuration says, and of those beyond it by the pair of zones;
 * of the node itself under names of their own. The series of a peer that is gone go with it, and
 * make room. Written on the heartbeat's event loop, read by any thread.
 */
final class MeshGauges {
  /** Zones with series of their own; all further ones are {@code other}. */
  static final int MOST_ZONES = 100;

  private static final long EVERY_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final String OTHER = "other";

  private static final String P50 = "homespan_heartbeat_p50_seconds";
  private static final String P99 = "homespan_heartbeat_p99_seconds";
  private static final String FAILING = "homespan_heartbeat_failing";
  private static final String DROPS = "homespan_heartbeat_drop_ratio";
  private static final String BASELINE_P50 = "homespan_heartbeat_baseline_p50_seconds";
  private static final String BASELINE_P99 = "homespan_heartbeat_baseline_p99_seconds";
  private static final String ZONE_P50 = "homespan_heartbeat_zone_p50_seconds";
  private static final String ZONE_P99 = "homespan_heartbeat_zone_p99_seconds";
  private static final String ZONE_FAILING = "homespan_heartbeat_zone_failing";
  private static final String ZONE_PEERS = "homespan_heartbeat_zone_peers";

  private final Metrics metrics;
  private final String ownZone;
  private final int most;
  private final Set<String> ownSeries = new HashSet<>(); // peers that have them
  private final Set<Series> registered = new HashSet<>();
  private volatile Map<Series, Cell> current = Map.of();
  private volatile Map<Series, Cells.Together> zones = Map.of();
  private volatile long bytes;
  private long next = Long.MIN_VALUE;

  private enum Of {
    PEER,
    ZONE,
    SELF
  }

  /** {@code to} is a peer, a zone, or nothing. */
  private record Series(Of of, String to, Probe probe) {}

  MeshGauges(Metrics metrics, String ownZone, int most) {
    this.metrics = metrics;
    this.ownZone = ownZone;
    this.most = most;
  }

  double bytes() {
    return bytes;
  }

  /**
   * At most every few seconds, however often it is called.
   *
   * @param self whose cells are the baseline: no peer's, and apart
   * @param zoneOf a peer's
   */
  void now(
      Cells cells,
      String self,
      UnaryOperator<String> zoneOf,
      long now,
      long windowNanos,
      long staleAfterNanos) {
    if (next != Long.MIN_VALUE && now - next < 0) return;
    next = now + EVERY_NANOS;
    bytes = cells.bytes();
    Collection<String> peers = cells.peers();
    ownSeries.retainAll(peers);
    ownSeries.remove(self);
    Map<String, List<String>> beyond = new TreeMap<>();
    for (String peer : peers) {
      if (peer.equals(self) || hasOwnSeries(peer)) continue;
      beyond.computeIfAbsent(zone(zoneOf.apply(peer), beyond), none -> new ArrayList<>()).add(peer);
    }
    Map<Series, Cell> found = new HashMap<>();
    for (Cell cell : cells.row(ownSeries, now, windowNanos, staleAfterNanos)) {
      found.put(new Series(Of.PEER, cell.to(), cell.probe()), cell);
    }
    for (Cell cell : cells.row(List.of(self), now, windowNanos, staleAfterNanos)) {
      found.put(new Series(Of.SELF, "", cell.probe()), cell);
    }
    Map<Series, Cells.Together> together = new HashMap<>();
    beyond.forEach(
        (zone, all) -> {
          for (Probe probe : Probe.values()) {
            Cells.Together one = cells.together(all, probe, now, windowNanos, staleAfterNanos);
            if (one.peers() > 0) together.put(new Series(Of.ZONE, zone, probe), one);
          }
        });
    current = found;
    zones = together;
    register(found.keySet(), together.keySet());
  }

  private boolean hasOwnSeries(String peer) {
    return ownSeries.contains(peer) || (ownSeries.size() < most && ownSeries.add(peer));
  }

  private static String zone(String zone, Map<String, List<String>> sofar) {
    return sofar.containsKey(zone) || sofar.size() < MOST_ZONES ? zone : OTHER;
  }

  private void register(Set<Series> peers, Set<Series> zonesNow) {
    registered.removeIf(
        one -> {
          boolean stays =
              switch (one.of) {
                case PEER -> ownSeries.contains(one.to);
                case ZONE -> zonesNow.contains(one);
                case SELF -> true;
              };
          if (!stays) forget(one);
          return !stays;
        });
    for (Series one : peers) {
      if (!registered.add(one)) continue;
      if (one.of == Of.SELF) ofSelf(one);
      else ofPeer(one);
    }
    for (Series one : zonesNow) {
      if (registered.add(one)) ofZone(one);
    }
  }

  private void forget(Series series) {
    List<String> names =
        series.of == Of.ZONE
            ? List.of(ZONE_P50, ZONE_P99, ZONE_FAILING, ZONE_PEERS)
            : List.of(P50, P99, FAILING, DROPS);
    for (String name : names) metrics.forgetGauge(name, tags(series));
  }

  private String[] tags(Series series) {
    String probe = series.probe.word();
    return switch (series.of) {
      case PEER -> new String[] {"peer", series.to, "probe", probe};
      case ZONE -> new String[] {"from_zone", ownZone, "to_zone", series.to, "probe", probe};
      case SELF -> new String[] {"probe", probe};
    };
  }

  private interface OfPeer {
    double of(Cell cell);
  }

  private void ofPeer(Series one) {
    gauge(
        P50,
        "Median of the last minute or two visits",
        one,
        cell -> seconds(cell, cell.p50Nanos()));
    gauge(
        P99,
        "99th percentile of the last minute or two visits",
        one,
        cell -> seconds(cell, cell.p99Nanos()));
    gauge(FAILING, "1 while the last probes failed", one, MeshGauges::failing);
    gauge(DROPS, "Share of connects with a lost SYN", one, Cell::dropRate);
  }

  private void ofSelf(Series one) {
    gauge(
        BASELINE_P50,
        "Median of the last minute or two visits of probes of itself",
        one,
        cell -> seconds(cell, cell.p50Nanos()));
    gauge(
        BASELINE_P99,
        "99th percentile of the last minute or two visits of probes of itself",
        one,
        cell -> seconds(cell, cell.p99Nanos()));
  }

  private static double seconds(Cell cell, long nanos) {
    return cell.sent() == cell.failed() ? Double.NaN : nanos / 1e9;
  }

  private static double failing(Cell cell) {
    return cell.state() == Row.State.FAILING ? 1 : 0;
  }

  private void gauge(String name, String help, Series series, OfPeer value) {
    metrics.gauge(
        name,
        help,
        () -> {
          Cell cell = current.get(series);
          return cell == null || cell.state() == Row.State.NO_DATA ? Double.NaN : value.of(cell);
        },
        tags(series));
  }

  private interface OfZone {
    double of(Cells.Together all);
  }

  private void ofZone(Series one) {
    zoneGauge(
        ZONE_P50,
        "Median of the last minute or two visits of peers without series",
        one,
        MeshGauges::p50);
    zoneGauge(
        ZONE_P99,
        "99th percentile of the last minute or two visits of peers without series",
        one,
        MeshGauges::p99);
    zoneGauge(
        ZONE_FAILING, "Peers without series whose last probes failed", one, all -> all.failing());
    zoneGauge(ZONE_PEERS, "Peers without series, with data", one, all -> all.peers());
  }

  private static double p50(Cells.Together all) {
    return all.sent() == all.failed() ? Double.NaN : all.p50Nanos() / 1e9;
  }

  private static double p99(Cells.Together all) {
    return all.sent() == all.failed() ? Double.NaN : all.p99Nanos() / 1e9;
  }

  private void zoneGauge(String name, String help, Series series, OfZone value) {
    metrics.gauge(
        name,
        help,
        () -> {
          Cells.Together all = zones.get(series);
          return all == null ? Double.NaN : value.of(all);
        },
        tags(series));
  }
}
