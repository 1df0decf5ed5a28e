package io.homespan.egress;

import io.homespan.config.Config;
import io.homespan.metrics.Metrics;
import io.homespan.otlp.KeptIds;
import io.homespan.otlp.PartId;

/**
 * Which parts a gateway's receivers have confirmed, as they recognise no repeats themselves: when
 * one receiver has no room, senders are to send whole requests again, and without this the others
 * would get their shares of them every time. Bounded by number and by time, the oldest is forgotten
 * first; nothing outlives the process, and other gateways know nothing of it. Any thread may call.
 */
public final class Arrivals {
  private final int most;
  private final long rememberNanos;
  private final Metrics metrics;
  private final KeptIds ids;

  /** Made once a gateway, and shared by the instances of egress. */
  public Arrivals(Config.Repeats bounds, Metrics metrics) {
    this.most = bounds.maxParts();
    this.rememberNanos = bounds.remember().toNanos();
    this.metrics = metrics;
    this.ids = new KeptIds(most);
  }

  /** Whether receivers have it, and it is remembered yet. */
  synchronized boolean has(PartId id, long now) {
    while (ids.size() > 0 && now - ids.oldestAt() >= rememberNanos) ids.removeOldest();
    return ids.contains(id);
  }

  /** Receivers have all of it now. */
  synchronized void add(PartId id, long now) {
    if (has(id, now)) return;
    if (ids.size() == most) {
      metrics.count(
          "homespan_repeats_forgotten",
          "Kept parts that were forgotten before repeats.remember was over, for repeats.max_parts");
    }
    ids.add(id, now);
  }
}
