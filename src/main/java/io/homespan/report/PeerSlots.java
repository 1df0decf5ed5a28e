package io.homespan.report;

import java.util.HashMap;
import java.util.Map;

/**
 * Which peers have series of their own: the first so many. One that was not measured for long gives
 * its place to another. Times are nanoseconds of {@link System#nanoTime}'s scale. Not thread safe.
 */
final class PeerSlots {
  private final int most;
  private final long idleNanos;
  private final Map<String, Long> seen = new HashMap<>();
  private long lookAgain = Long.MIN_VALUE;
  private int given;

  PeerSlots(int most, long idleNanos) {
    this.most = most;
    this.idleNanos = idleNanos;
  }

  /** Whether this peer, measured now, has one. */
  boolean has(String peer, long now) {
    if (seen.containsKey(peer) || seen.size() < most || giveUp(now)) {
      seen.put(peer, now);
      return true;
    }
    return false;
  }

  /** How often places were taken from those that had them. */
  int given() {
    return given;
  }

  /** Looks now and then only: there may be thousands without a place. */
  private boolean giveUp(long now) {
    if (lookAgain != Long.MIN_VALUE && now - lookAgain < 0) return false;
    lookAgain = now + idleNanos / 10;
    boolean any = seen.values().removeIf(last -> now - last > idleNanos);
    if (any) given++;
    return any;
  }
}
