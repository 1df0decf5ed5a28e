package io.homespan.demo;

import java.io.PrintWriter;
import java.util.Locale;

/** A line that says how far the stream is. Not thread safe. */
final class Progress {
  private static final long IN_PLACE_NANOS = 100_000_000;
  private static final long LINES_NANOS = 1_000_000_000;

  private final PrintWriter out;
  private final boolean inPlace;
  private final long begun;
  private long next;
  private long shown = -1;

  /**
   * @param inPlace rewrite one line, as a terminal can; else one line a second
   */
  Progress(PrintWriter out, boolean inPlace, long nowNanos) {
    this.out = out;
    this.inPlace = inPlace;
    this.begun = nowNanos;
    this.next = nowNanos + every();
  }

  /** Whether a line is due. */
  boolean due(long nowNanos) {
    return nowNanos - next >= 0;
  }

  /** Prints the line. */
  void show(long nowNanos, long sent, long forwarded) {
    next = nowNanos + every();
    shown = sent;
    String line =
        String.format(
            Locale.ROOT,
            "%5.1f s  %,9d spans sent  %,9d forwarded",
            (nowNanos - begun) / 1e9,
            sent,
            forwarded);
    out.print(inPlace ? "\r" + line : line + System.lineSeparator());
    out.flush();
  }

  /** The last line, which stays. */
  void end(long nowNanos, long sent, long forwarded) {
    if (inPlace || shown != sent) show(nowNanos, sent, forwarded);
    if (inPlace) out.println();
    out.println();
    out.flush();
  }

  private long every() {
    return inPlace ? IN_PLACE_NANOS : LINES_NANOS;
  }
}
