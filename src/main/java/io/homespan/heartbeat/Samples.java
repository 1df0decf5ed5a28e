package io.homespan.heartbeat;

import org.HdrHistogram.Histogram;

/**
 * The last hour of one probe to one peer, each result with its time: at one in ten seconds that is
 * less than a histogram for each of three sliding windows, and its windows have exact ends.
 * Histograms are made when they are asked for. At most {@link #MOST} results, the newest. Times are
 * nanoseconds of {@link System#nanoTime}'s scale. Not thread safe.
 */
final class Samples {
  /** One a second for an hour; 58 KB when full, 6 KB at one in ten seconds. */
  static final int MOST = 3600;

  private static final int FIRST = 32;
  private static final long FAILED = -1;

  private long[] at = new long[FIRST];
  private long[] nanos = new long[FIRST]; // FAILED, or the result with its lost SYNs in the sign
  private int next; // the place of the next one
  private int size;

  /** A success. */
  void ok(long now, long roundTripNanos, boolean synLost) {
    long value = Math.max(0, roundTripNanos);
    add(now, synLost ? -2 - value : value);
  }

  /** No answer, for whatever reason. */
  void failed(long now) {
    add(now, FAILED);
  }

  private void add(long now, long value) {
    if (size == at.length && size < MOST) grow();
    at[next] = now;
    nanos[next] = value;
    next = (next + 1) % at.length;
    size = Math.min(size + 1, at.length);
  }

  /** Only ever when full; the oldest stands at {@code next}. */
  private void grow() {
    int length = Math.min(MOST, 2 * at.length);
    at = unrolled(at, length);
    nanos = unrolled(nanos, length);
    next = size;
  }

  private long[] unrolled(long[] ring, int length) {
    long[] straight = new long[length];
    System.arraycopy(ring, next, straight, 0, ring.length - next);
    System.arraycopy(ring, 0, straight, ring.length - next, next);
    return straight;
  }

  /** Whether nothing was ever added. */
  boolean isEmpty() {
    return size == 0;
  }

  /** When the last one was added. */
  long lastAt() {
    return at[Math.floorMod(next - 1, at.length)];
  }

  /** Whether the last so many all failed; false if there are fewer. */
  boolean lastFailed(int count) {
    if (size < count) return false;
    for (int i = 1; i <= count; i++) {
      if (nanos[Math.floorMod(next - i, at.length)] != FAILED) return false;
    }
    return true;
  }

  /**
   * What came within the last {@code windowNanos}.
   *
   * @param into is emptied and filled with the successes, in nanoseconds
   */
  Window window(long now, long windowNanos, Histogram into) {
    into.reset();
    return windowToo(now, windowNanos, into);
  }

  /** The same, beside what is in the histogram. */
  Window windowToo(long now, long windowNanos, Histogram into) {
    int sent = 0;
    int failed = 0;
    int synLost = 0;
    for (int i = 1; i <= size; i++) {
      int place = Math.floorMod(next - i, at.length);
      if (now - at[place] > windowNanos) break;
      sent++;
      long value = nanos[place];
      if (value == FAILED) {
        failed++;
        continue;
      }
      if (value < FAILED) synLost++;
      into.recordValue(
          Math.min(value < FAILED ? -2 - value : value, into.getHighestTrackableValue()));
    }
    return new Window(sent, failed, synLost);
  }

  /** Bytes of heap, about. */
  int bytes() {
    return 2 * Long.BYTES * at.length + 96;
  }

  /**
   * Counts of a stretch of time.
   *
   * @param sent all
   * @param failed without an answer
   * @param synLost with an answer, after at least one lost SYN
   */
  record Window(int sent, int failed, int synLost) {
    /**
     * Connects with a lost SYN over all that opened. Failures stay out: a dead host is not loss
     * (Pingmesh, section 4.2).
     */
    double dropRate() {
      return sent == failed ? 0 : (double) synLost / (sent - failed);
    }
  }
}
