package io.homespan.admin;

import io.homespan.metrics.Metrics;
import io.homespan.rpc.CallServer;
import io.homespan.rpc.Cover;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Bounds the connections on the admin port, and counts them as the other ports' are. */
final class Visitors implements CallServer.Entrance {
  private static final String FROM = "operator";

  private final int most;
  private final Metrics metrics;
  private final @Nullable Cover cover;
  private final AtomicInteger here = new AtomicInteger();

  /**
   * @param most at one time
   * @param cover of each; null: in the clear
   */
  Visitors(int most, Metrics metrics, @Nullable Cover cover) {
    this.most = most;
    this.metrics = metrics;
    this.cover = cover;
    refused(0);
    metrics.gauge("homespan_connections", "Connections that are open", here::get, "from", FROM);
  }

  @Override
  public boolean enter() {
    if (here.incrementAndGet() <= most) return true;
    here.decrementAndGet();
    refused(1);
    return false;
  }

  @Override
  public void leave() {
    here.decrementAndGet();
  }

  /** They are HTTP/1.1, and go by being silent. */
  @Override
  public long ageMillis() {
    return 0;
  }

  @Override
  public @Nullable Cover cover() {
    return cover;
  }

  private void refused(long times) {
    metrics.count(
        "homespan_connections_refused_total",
        "Connections that were closed at once, as there were too many",
        times,
        "from",
        FROM);
  }
}
