package io.homespan.discovery;

import java.time.Duration;

/**
 * How long an address stays that a provider finds no more. An answer may be cut off or hold a
 * random subset, and a node that is really gone costs little: its stand-ins take over at once.
 *
 * @param misses good answers in a row without it; 0: it stays for good
 * @param interval what stands for one answer of a provider that tells only what changes
 */
record Grace(int misses, Duration interval) {
  /** Fewer than these at once are no sudden shrink: no cut-off answer is that short. */
  private static final int MANY = 5;

  private static final int MORE = 3;

  /** Whether it is never removed. */
  boolean isForGood() {
    return misses == 0;
  }

  /** How many misses, when so many of so many went missing at once: more after a sudden shrink. */
  int misses(int missing, int of) {
    boolean sudden = missing >= MANY && 2 * missing >= of;
    return sudden ? MORE * misses : misses;
  }
}
