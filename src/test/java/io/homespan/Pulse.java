package io.homespan;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;

/**
 * A clock that stands still while this machine lets threads of this process wait that have
 * something to do: for how long code took, not for how long a busy machine or a collection of
 * garbage held it up. It never runs faster than the clock on the wall.
 */
public final class Pulse {
  private static final Duration BEAT = Duration.ofMillis(5);
  private static final int KEPT = 1 << 16; // more than five minutes

  private static final AtomicLongArray BEATS = new AtomicLongArray(KEPT); // when each was
  private static volatile long count;

  static {
    Thread heart = new Thread(Pulse::beat, "pulse");
    heart.setDaemon(true);
    heart.start();
  }

  private Pulse() {}

  private static void beat() {
    long last = System.nanoTime();
    for (long beats = 0; ; ) {
      while (System.nanoTime() - last < BEAT.toNanos()) LockSupport.parkNanos(BEAT.toNanos());
      last = System.nanoTime();
      BEATS.set((int) (beats % KEPT), last);
      count = ++beats;
    }
  }

  /** By {@link System#nanoTime}; from the first time on the heart beats. */
  public static long now() {
    return System.nanoTime();
  }

  /** How long it took since then. */
  public static Duration since(long began) {
    long beats = 0;
    for (long i = count - 1; i >= 0 && beats < KEPT; i--) {
      if (BEATS.get((int) (i % KEPT)) - began < 0) break;
      beats++;
    }
    return BEAT.multipliedBy(Math.max(0, beats - 1)); // the first had begun before
  }
}
