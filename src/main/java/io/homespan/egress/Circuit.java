package io.homespan.egress;

import java.util.random.RandomGenerator;

/**
 * Whether a peer is worth a call. After some failures in a row it opens: parts go to the next in
 * the order at once. When the pause is over one call is let through; its success closes the
 * circuit, its failure doubles the pause. Not thread safe: belongs to one lane.
 */
final class Circuit {
  /** More than one: a single lost call may be that call's fault. */
  static final int FAILURES = 3;

  static final long FIRST_PAUSE = 500_000_000L;
  static final long LONGEST_PAUSE = 8_000_000_000L;

  /**
   * While discovery does not hear the peer either: its asking is the trial, not a sender's span.
   */
  static final long SILENT_PAUSE = 30_000_000_000L;

  private final RandomGenerator random;
  private int failures;
  private long pause = FIRST_PAUSE;
  private long openUntil;
  private boolean trying;
  private boolean silent;

  Circuit(RandomGenerator random) {
    this.random = random;
  }

  /** Whether parts may be queued for the peer now. */
  boolean admits(long now) {
    return !isOpen() || (!trying && now - openUntil >= 0);
  }

  boolean isOpen() {
    return failures >= (silent ? 1 : FAILURES);
  }

  /**
   * Discovery gets no answer from the peer either: a single failure is enough, and the pause long.
   */
  void notHeardOf(long now) {
    if (silent) return;
    silent = true;
    if (isOpen()) openUntil = now + SILENT_PAUSE;
  }

  /** Somebody else has heard from the peer: a call is worth it now, however long the pause is. */
  void heardOf(long now) {
    silent = false;
    pause = FIRST_PAUSE;
    openUntil = now;
  }

  /** A call begins. */
  void begins() {
    if (isOpen()) trying = true;
  }

  /** The peer answered, whatever it said. */
  void answered() {
    failures = 0;
    trying = false;
    pause = FIRST_PAUSE;
  }

  /** The peer did not answer. Returns whether the circuit is open now and was not before. */
  boolean failed(long now) {
    boolean trial = trying;
    boolean before = isOpen();
    trying = false;
    failures++;
    if (!isOpen()) return false;
    if (trial) pause = Math.min(LONGEST_PAUSE, 2 * pause);
    long most = silent ? SILENT_PAUSE : pause;
    openUntil = now + most / 2 + (long) (random.nextDouble() * (most / 2.0));
    return !before;
  }
}
