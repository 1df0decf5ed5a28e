package io.homespan.chaos;

import java.util.Random;

/**
 * Which span comes next: many traces are open at once, and their spans come mixed. Not thread safe.
 */
final class Traffic {
  private static final int OPEN_TRACES = 300;

  private final Random random;
  private final int[] next = new int[OPEN_TRACES]; // span number
  private final int[] left = new int[OPEN_TRACES];
  private int traces;

  Traffic(Random random) {
    this.random = random;
  }

  /** The number of a span that has not been before. */
  int next() {
    int slot = random.nextInt(OPEN_TRACES);
    if (left[slot] == 0) {
      next[slot] = traces++ * SpanIds.SPANS_A_TRACE;
      left[slot] = 1 + random.nextInt(SpanIds.SPANS_A_TRACE);
    }
    left[slot]--;
    return next[slot]++;
  }

  /** What the span of this number is called. */
  static String name(int number) {
    return "op-" + number % 97 + "-" + number;
  }

  /** Something long enough to make a span as large as spans are. */
  static String statement(int number) {
    return "SELECT id, total, state FROM orders WHERE customer = "
        + number
        + " AND region IN ('north', 'south', 'east', 'west') ORDER BY placed_at DESC LIMIT 50";
  }
}
