package io.homespan.discovery;

import java.time.Duration;

/**
 * When to look again. Up to 10 % is added to each wait, so that nodes started together do not keep
 * asking together; added and not taken off, because a cache asked before the end of a TTL answers
 * with the rest of it.
 *
 * @param min the shortest wait, and the first one after a failure
 * @param max the longest
 */
public record RefreshSchedule(Duration min, Duration max) {
  /** Answered: when the TTL ends, held between min and max. {@code chance} is in [0, 1). */
  public Duration afterAnswer(Duration ttl, double chance) {
    return jitter(clamp(ttl), chance);
  }

  /** Failed: min, doubled with each failure after the first, up to max. */
  public Duration afterFailure(int failuresInARow, double chance) {
    int doublings = Math.min(Math.max(failuresInARow - 1, 0), 20);
    return jitter(clamp(min.multipliedBy(1L << doublings)), chance);
  }

  private Duration clamp(Duration wait) {
    Duration atLeast = wait.compareTo(min) < 0 ? min : wait;
    return atLeast.compareTo(max) > 0 ? max : atLeast;
  }

  static Duration jitter(Duration wait, double chance) {
    return wait.plusNanos((long) (wait.toNanos() * 0.1 * chance));
  }
}
