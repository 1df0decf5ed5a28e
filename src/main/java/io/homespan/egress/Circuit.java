package io.homespan.egress;

import java.util.function.Consumer;

/**
 * Whether a peer is worth a call. After some failures in a row it opens: parts go to the next in
 * the order at once. When the pause is over one call is let through; its success closes the
 * circuit, its failure doubles the pause.
 *
 * <p>Shared by all event loops of the node, so that what one has learned by waiting the others need
 * not learn again, and one call tries for all of them. While nothing has failed, it costs each call
 * two reads of a field that nobody writes.
 */
final class Circuit {
  /** How a call begins. */
  enum Leave {
    /** As usual. */
    CALL,
    /** To see whether the peer is there again. */
    TRIAL,
    /** Not at all: the peer can't be reached, or somebody tries already. */
    NONE
  }

  /** More than one: a single lost call may be that call's fault. */
  static final int FAILURES = 3;

  static final long FIRST_PAUSE = 500_000_000L;
  static final long LONGEST_PAUSE = 8_000_000_000L;

  /**
   * While discovery does not hear the peer either: its asking is the trial, not a sender's span.
   */
  static final long SILENT_PAUSE = 30_000_000_000L;

  private final Consumer<Boolean> changed;
  private volatile boolean clean = true; // no failure since the last answer
  private int failures;
  private long pause = FIRST_PAUSE;
  private long openUntil;
  private boolean trying;
  private boolean silent;
  private boolean told; // what was told last: whether it is open

  /**
   * Closed.
   *
   * @param changed hears each time whether it is open now; is called by any event loop
   */
  Circuit(Consumer<Boolean> changed) {
    this.changed = changed;
  }

  /** Whether parts may be queued for the peer now. */
  boolean admits(long now) {
    return clean || admitsOneMore(now);
  }

  boolean isOpen() {
    return !clean && isOpenNow();
  }

  /** A call wants to begin. What it is given is to be given back when it ends. */
  Leave begins(long now) {
    return clean ? Leave.CALL : leave(now);
  }

  /** The peer answered, whatever it said. Returns whether the circuit was open. */
  boolean answered() {
    return !clean && close();
  }

  /**
   * The peer did not answer.
   *
   * @param as how the call began
   * @param random 0 to 1, spreads the end of the pause
   * @return whether the circuit is open now and was not before
   */
  synchronized boolean failed(Leave as, long now, double random) {
    boolean before = isOpenNow();
    if (as == Leave.TRIAL) trying = false;
    // calls that began before the circuit opened say nothing new when they end
    if (before && as != Leave.TRIAL) return false;
    failures++;
    clean = false;
    if (!isOpenNow()) return false;
    if (as == Leave.TRIAL) pause = Math.min(LONGEST_PAUSE, 2 * pause);
    long most = silent ? SILENT_PAUSE : pause;
    openUntil = now + most / 2 + (long) (random * (most / 2.0));
    tell();
    return !before;
  }

  /**
   * Discovery gets no answer from the peer either: a single failure is enough, and the pause long.
   */
  synchronized void notHeardOf(long now) {
    if (silent) return;
    silent = true;
    if (isOpenNow()) openUntil = now + SILENT_PAUSE;
    tell();
  }

  /** Somebody else has heard from the peer: a call is worth it now, however long the pause is. */
  synchronized void heardOf(long now) {
    silent = false;
    pause = FIRST_PAUSE;
    openUntil = now;
    tell();
  }

  /** Nobody asks any more. */
  synchronized void forgotten() {
    failures = 0;
    clean = true;
    tell();
  }

  private synchronized boolean admitsOneMore(long now) {
    return !isOpenNow() || (!trying && now - openUntil >= 0);
  }

  private synchronized Leave leave(long now) {
    if (!isOpenNow()) return Leave.CALL;
    if (trying || now - openUntil < 0) return Leave.NONE;
    trying = true;
    return Leave.TRIAL;
  }

  private synchronized boolean close() {
    boolean before = isOpenNow();
    failures = 0;
    trying = false;
    pause = FIRST_PAUSE;
    clean = true;
    tell();
    return before;
  }

  private boolean isOpenNow() {
    return failures >= (silent ? 1 : FAILURES);
  }

  private void tell() {
    if (told == isOpenNow()) return;
    told = isOpenNow();
    changed.accept(told);
  }
}
