package io.homespan.bench;

import io.netty.buffer.ByteBuf;

/**
 * Counts the spans of a gRPC message with an {@code ExportTraceServiceRequest} while its bytes go
 * by, in whatever pieces they come. It reads tags and lengths of the three outer levels and steps
 * over all else, unknown fields included.
 */
final class SpanCounter {
  private static final int REQUEST = 0;
  private static final int RESOURCE = 1;
  private static final int SCOPE = 2;
  private static final int PREFIX = 5;

  private static final int RESOURCE_SPANS = 1 << 3 | 2;
  private static final int SCOPE_SPANS = 2 << 3 | 2;
  private static final int SPANS = 2 << 3 | 2;

  private enum Step {
    PREFIX,
    TAG,
    LENGTH,
    VARINT,
    SKIP,
    BROKEN
  }

  private final long[] ends = new long[3]; // of the message at each level, as positions
  private Step step = Step.PREFIX;
  private int filled;
  private long number;
  private int shift;
  private int level;
  private int tag;
  private long position; // in the message
  private long skipTo;
  private boolean compressed;
  private int spans;

  void reset() {
    step = Step.PREFIX;
    filled = 0;
    number = 0;
    shift = 0;
    level = REQUEST;
    position = 0;
    skipTo = 0;
    compressed = false;
    spans = 0;
    ends[REQUEST] = 0;
  }

  int spans() {
    return spans;
  }

  /** Of the message without its prefix, in bytes. */
  long size() {
    return ends[REQUEST];
  }

  boolean compressed() {
    return compressed;
  }

  /** Whether all bytes of one message have come and were such a request. */
  boolean complete() {
    if (step == Step.PREFIX || step == Step.BROKEN || position != ends[REQUEST]) return false;
    return compressed || (step == Step.TAG && shift == 0);
  }

  /** Takes the next {@code size} bytes. */
  void take(ByteBuf in, int size) {
    int at = in.readerIndex();
    int end = at + size;
    while (at < end) {
      if (step == Step.SKIP) {
        long skipped = Math.min(skipTo - position, end - at);
        at += (int) skipped;
        position += skipped;
        if (position == skipTo) next();
      } else if (step == Step.BROKEN) {
        return;
      } else {
        take(in.getByte(at++));
      }
    }
  }

  private void take(int b) {
    if (step == Step.PREFIX) {
      prefix(b);
      return;
    }
    position++;
    number |= (b & 0x7FL) << shift;
    shift += 7;
    if (b < 0) {
      if (shift > 63) step = Step.BROKEN;
      return;
    }
    long value = number;
    number = 0;
    shift = 0;
    switch (step) {
      case TAG -> tag((int) value);
      case LENGTH -> length(value);
      default -> next(); // a varint
    }
  }

  private void prefix(int b) {
    if (filled == 0) compressed = b != 0;
    else number = number << 8 | (b & 0xFF);
    filled++;
    if (filled < PREFIX) return;
    ends[REQUEST] = number;
    number = 0;
    if (compressed) skip(ends[REQUEST]);
    else step = Step.TAG;
  }

  private void tag(int value) {
    tag = value;
    switch (value & 7) {
      case 0 -> step = Step.VARINT;
      case 1 -> skip(8);
      case 2 -> step = Step.LENGTH;
      case 5 -> skip(4);
      default -> step = Step.BROKEN;
    }
  }

  private void length(long value) {
    if (value > ends[level] - position) {
      step = Step.BROKEN;
    } else if (level == REQUEST ? tag == RESOURCE_SPANS : level == RESOURCE && tag == SCOPE_SPANS) {
      level++;
      ends[level] = position + value;
      next();
    } else {
      if (level == SCOPE && tag == SPANS) spans++;
      skip(value);
    }
  }

  private void skip(long size) {
    skipTo = position + size;
    if (size == 0) next();
    else step = Step.SKIP;
  }

  /** A field has ended, and with it perhaps the messages that it was the last field of. */
  private void next() {
    while (level > REQUEST && position == ends[level]) level--;
    step = position > ends[level] ? Step.BROKEN : Step.TAG;
  }
}
