package io.homespan.heartbeat;

import io.homespan.heartbeat.Row.Cell;
import io.homespan.metrics.Metrics;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * What Prometheus is told of the last minute: by peer, for as many peers as the configuration says,
 * and beyond that by zone. A peer that is gone has no number any more. Written on the heartbeat's
 * event loop, read by any thread.
 */
final class MeshGauges {
  private static final long EVERY_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final long WINDOW_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final Metrics metrics;
  private final int most;
  private final Set<String> registered = new HashSet<>();
  private volatile Map<String, Cell> current = Map.of();
  private volatile long bytes;
  private long next = Long.MIN_VALUE;

  MeshGauges(Metrics metrics, int most) {
    this.metrics = metrics;
    this.most = most;
  }

  double bytes() {
    return bytes;
  }

  /** At most every few seconds, however often it is called. */
  void now(Cells cells, long now, long staleAfterNanos) {
    if (next != Long.MIN_VALUE && now - next < 0) return;
    next = now + EVERY_NANOS;
    bytes = cells.bytes();
    Map<String, Cell> found = new HashMap<>();
    List<Cell> all = cells.row(cells.peers(), now, WINDOW_NANOS, staleAfterNanos);
    for (Cell cell : all) {
      String key = cell.to() + '\n' + cell.probe().word();
      found.put(key, cell);
      if (registered.size() < most * Probe.values().length && registered.add(key)) {
        register(key, cell.to(), cell.probe().word());
      }
    }
    current = found;
  }

  private void register(String key, String peer, String probe) {
    gauge("homespan_heartbeat_p50_seconds", "Median of the last minute", key, peer, probe, 0);
    gauge("homespan_heartbeat_p99_seconds", "99th percentile of it", key, peer, probe, 1);
    gauge("homespan_heartbeat_failing", "1 while the last probes failed", key, peer, probe, 2);
    gauge("homespan_heartbeat_drop_ratio", "Connects with a lost SYN", key, peer, probe, 3);
  }

  private void gauge(String name, String help, String key, String peer, String probe, int what) {
    metrics.gauge(name, help, () -> value(key, what), "peer", peer, "probe", probe);
  }

  private double value(String key, int what) {
    Cell cell = current.get(key);
    if (cell == null || cell.state() == Row.State.NO_DATA) return Double.NaN;
    return switch (what) {
      case 0 -> cell.sent() == cell.failed() ? Double.NaN : cell.p50Nanos() / 1e9;
      case 1 -> cell.sent() == cell.failed() ? Double.NaN : cell.p99Nanos() / 1e9;
      case 2 -> cell.state() == Row.State.FAILING ? 1 : 0;
      default -> cell.dropRate();
    };
  }
}
