package io.homespan.bus;

import java.time.Duration;

/**
 * Says how long who is refused is to wait: between 1 and 2 s, the longer the more of those who came
 * lately had to be refused. Not thread safe: belongs to one event loop.
 */
public final class Strain {
  /** So many askers count, the newest the most. */
  private static final double MEMORY = 64;

  private static final long SHORTEST_MILLIS = 1000;
  private static final long RANGE_MILLIS = 1000;

  private double refused; // share of the askers, 0 to 1

  /** Somebody got what he wanted. */
  public void took() {
    refused -= refused / MEMORY;
  }

  /**
   * Somebody is refused.
   *
   * @param random 0 to 1, evenly spread, so that those who were refused together do not come back
   *     together
   */
  public Duration refuse(double random) {
    refused += (1 - refused) / MEMORY;
    return hint(refused, random);
  }

  /**
   * The hint at a load from 0 to 1: half of the range is for the load, half for chance.
   *
   * @param random as for {@link #refuse}
   */
  public static Duration hint(double load, double random) {
    double part = Math.max(0, Math.min(1, load)) / 2 + random / 2;
    return Duration.ofMillis(SHORTEST_MILLIS + Math.round(part * RANGE_MILLIS));
  }
}
