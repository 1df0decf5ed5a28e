package io.homespan.ingest;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Until when a request must be answered. */
final class Deadlines {
  /** The answer needs time on its way: a tenth of the caller's time, at most so much. */
  private static final Duration MOST_MARGIN = Duration.ofMillis(250);

  private Deadlines() {}

  /**
   * The moment at which work for a request ends.
   *
   * @param now on the scale of the result
   * @param ours {@code ingest.request_timeout}
   * @param theirs what the caller gives, if it says so; the shorter one wins
   */
  static long of(long now, Duration ours, @Nullable Duration theirs) {
    if (theirs == null) return now + ours.toNanos();
    Duration tenth = theirs.dividedBy(10);
    Duration margin = tenth.compareTo(MOST_MARGIN) < 0 ? tenth : MOST_MARGIN;
    Duration usable = theirs.minus(margin);
    return now + (usable.compareTo(ours) < 0 ? usable : ours).toNanos();
  }

  /** What is left until then; at least 1, as timers want it. */
  static long millisUntil(long deadline, long now) {
    return Math.max(1, (deadline - now) / 1_000_000);
  }
}
