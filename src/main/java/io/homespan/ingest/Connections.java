package io.homespan.ingest;

import io.homespan.metrics.Metrics;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Bounds the connections on one port of this node. Shared by all instances of the port; any thread
 * may call.
 */
final class Connections {
  private final int most;
  private final Metrics metrics;
  private final String from;
  private final AtomicInteger open = new AtomicInteger();

  /**
   * @param from who comes by the port, for the metrics
   */
  Connections(int most, Metrics metrics, String from) {
    this.most = most;
    this.metrics = metrics;
    this.from = from;
    count(0);
    metrics.gauge("homespan_connections", "Connections that are open", open::get, "from", from);
  }

  /** Whether one more may come; if so, {@link #leave} must follow. */
  boolean enter() {
    if (open.incrementAndGet() <= most) return true;
    open.decrementAndGet();
    count(1);
    return false;
  }

  void leave() {
    open.decrementAndGet();
  }

  private void count(long times) {
    metrics.count(
        "homespan_connections_refused_total",
        "Connections that were closed at once, as there were too many",
        times,
        "from",
        from);
  }
}
