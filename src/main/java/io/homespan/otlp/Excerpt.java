package io.homespan.otlp;

import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Bytes of a request with new headers between them, not yet side by side: a list of steps that
 * write them. Immutable.
 */
final class Excerpt {
  /**
   * Steps come in pairs of ints: a range of the source, from and to; or, where the first is
   * negative, the beginning of a message: its tag, negated, and its length.
   */
  private static final int PAIR = 2;

  /** Of bytes to be copied: a power of two. */
  private static final int BLOCK = 64;

  private final byte[] source;
  private final int[] steps;
  private final int size;
  private final @Nullable Buffer whole; // the same bytes, where they lie side by side

  private Excerpt(byte[] source, int[] steps, int size, @Nullable Buffer whole) {
    this.source = source;
    this.steps = steps;
    this.size = size;
    this.whole = whole;
  }

  static Excerpt all(Buffer bytes) {
    ByteBuffer raw = RawBytes.of(bytes);
    int from = raw.arrayOffset() + raw.position();
    int[] steps = {from, from + raw.remaining()};
    return new Excerpt(raw.array(), steps, raw.remaining(), bytes);
  }

  /**
   * Of pieces of a source.
   *
   * @param size how many bytes the steps write together
   */
  static Excerpt of(byte[] source, int[] steps, int size) {
    return new Excerpt(source, steps, size, null);
  }

  int size() {
    return size;
  }

  Buffer toBuffer() {
    if (whole != null) return whole;
    byte[] bytes = new byte[size];
    writeTo(ByteBuffer.wrap(bytes));
    return RawBytes.wrap(bytes);
  }

  void writeTo(ByteBuffer out) {
    for (int i = 0; i < steps.length; i += PAIR) {
      int from = steps[i];
      int to = steps[i + 1];
      if (from >= 0) copy(from, to - from, out);
      else begin(out, -from, to);
    }
  }

  /**
   * Copies in whole blocks where it can. What stands too much behind the range is written over by
   * what follows; and copying odd ends, which are different each time, costs more than a block.
   */
  private void copy(int from, int length, ByteBuffer out) {
    int begin = out.position();
    int blocks = (length + BLOCK - 1) & -BLOCK;
    int room = Math.min(source.length - from, out.remaining());
    out.put(source, from, blocks <= room ? blocks : length).position(begin + length);
  }

  /** How long a message is as a field: one byte of tag, the length, itself. */
  static int sizeWithin(int body) {
    int lengthBytes = (38 - Integer.numberOfLeadingZeros(body | 1)) / 7;
    return 1 + lengthBytes + body;
  }

  private static void begin(ByteBuffer out, int tag, int body) {
    out.put((byte) tag);
    int rest = body;
    for (; rest > 0x7F; rest >>>= 7) out.put((byte) (rest | 0x80));
    out.put((byte) rest);
  }
}
