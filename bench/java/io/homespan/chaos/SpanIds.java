package io.homespan.chaos;

/**
 * The ids of span number n, and the number of a span with these ids. Span n belongs to trace n /
 * {@value #SPANS_A_TRACE}. Both ways are exact, so no table of ids is needed on either side; ids of
 * another run, by another seed, are strangers.
 */
final class SpanIds {
  static final int SPANS_A_TRACE = 16;

  /** No span of this run. */
  static final int STRANGER = -1;

  private static final long FIRST = 0xBF58476D1CE4E5B9L;
  private static final long SECOND = 0x94D049BB133111EBL;

  private final long salt;

  SpanIds(long seed) {
    salt = ((seed & 0xFFFF) + 1) << 40;
  }

  long span(int number) {
    return mixed(salt + number);
  }

  long traceHigh(int trace) {
    return mixed(salt + (1L << 60) + trace);
  }

  long traceLow(int trace) {
    return mixed(salt + (1L << 61) + trace);
  }

  static int trace(int number) {
    return number / SPANS_A_TRACE;
  }

  /** The number of the span with these ids, or {@link #STRANGER}. */
  int number(long traceHigh, long traceLow, long span) {
    long number = unmixed(span) - salt;
    if (number < 0 || number > Integer.MAX_VALUE) return STRANGER;
    int trace = trace((int) number);
    boolean right = traceHigh(trace) == traceHigh && traceLow(trace) == traceLow;
    return right ? (int) number : STRANGER;
  }

  private static long mixed(long value) {
    long z = value;
    z = (z ^ (z >>> 30)) * FIRST;
    z = (z ^ (z >>> 27)) * SECOND;
    return z ^ (z >>> 31);
  }

  private static long unmixed(long value) {
    long z = unshifted(value, 31) * inverse(SECOND);
    z = unshifted(z, 27) * inverse(FIRST);
    return unshifted(z, 30);
  }

  private static long unshifted(long value, int by) {
    long z = value;
    for (int known = by; known < Long.SIZE; known += by) z = value ^ (z >>> by);
    return z;
  }

  /** Modulo 2^64, by Newton's iteration: each step doubles the bits that are right. */
  private static long inverse(long odd) {
    long x = odd;
    for (int step = 0; step < 6; step++) x *= 2 - odd * x;
    return x;
  }
}
