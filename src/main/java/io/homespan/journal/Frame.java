package io.homespan.journal;

import io.homespan.otlp.Part;
import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A record as it lies on disk:
 *
 * <pre>
 * 4 bytes "HsJ1", by which records are found again behind bad bytes
 * 1 byte  kind: spans or marks
 * 4 bytes CRC-32C of all that follows, and of the kind
 * 8 bytes when it was stored, milliseconds since 1970
 * 4 bytes number of spans
 *         an ExportTraceServiceRequest, or marks
 * </pre>
 *
 * all numbers big-endian.
 */
final class Frame {
  static final int HEAD = 4 + 1 + 4 + 8 + 4;
  static final int MAGIC = 'H' << 24 | 's' << 16 | 'J' << 8 | '1';

  /** Where in it the time is. */
  static final int STORED_AT = 9;

  private static final int KIND_AT = 4;
  private static final int CRC_AT = 5;
  private static final int SPANS_AT = 17;
  private static final byte SPANS = 1;
  private static final byte MARKS = 2;

  private final ByteBuffer bytes;

  private Frame(ByteBuffer bytes) {
    this.bytes = bytes;
  }

  /** These parts as one request, stored at this time. */
  static Frame of(List<Part> parts, long storedAt) {
    int size = HEAD;
    int spans = 0;
    for (Part part : parts) {
      size = Math.addExact(size, part.size());
      spans += part.spans();
    }
    ByteBuffer out = begin(SPANS, size, storedAt, spans);
    int at = HEAD;
    for (Part part : parts) { // requests joined end to end are one request
      part.writeTo(out.slice(at, part.size()));
      at += part.size();
    }
    return sealed(out);
  }

  static Frame of(Marks marks, long storedAt) {
    byte[] body = marks.encode();
    ByteBuffer out = begin(MARKS, HEAD + body.length, storedAt, 0);
    out.put(HEAD, body);
    return sealed(out);
  }

  /** What these bytes are, up to the end of the buffer; null if they are no whole frame. */
  static @Nullable Frame read(ByteBuffer bytes) {
    ByteBuffer own = bytes.slice();
    if (own.remaining() < HEAD || own.getInt(0) != MAGIC) return null;
    byte kind = own.get(KIND_AT);
    if (kind != SPANS && kind != MARKS) return null;
    if (kind == MARKS && own.remaining() < HEAD + 8) return null;
    if (own.getInt(CRC_AT) != crc(own)) return null;
    return new Frame(own);
  }

  boolean isMarks() {
    return isMarks(bytes);
  }

  /** By its first {@link #HEAD} bytes alone. */
  static boolean isMarks(ByteBuffer head) {
    return head.get(KIND_AT) == MARKS;
  }

  long storedAt() {
    return bytes.getLong(STORED_AT);
  }

  int spans() {
    return bytes.getInt(SPANS_AT);
  }

  int size() {
    return bytes.capacity();
  }

  /** The request, if it is spans. */
  Buffer request() {
    byte[] body = new byte[size() - HEAD];
    bytes.get(HEAD, body);
    return Buffer.buffer(body);
  }

  Marks marks() {
    return Marks.decode(bytes.slice(HEAD, size() - HEAD));
  }

  /** All of it, with an array under it. */
  ByteBuffer bytes() {
    return bytes.duplicate();
  }

  private static ByteBuffer begin(byte kind, int size, long storedAt, int spans) {
    return ByteBuffer.allocate(size)
        .putInt(0, MAGIC)
        .put(KIND_AT, kind)
        .putLong(STORED_AT, storedAt)
        .putInt(SPANS_AT, spans);
  }

  private static Frame sealed(ByteBuffer out) {
    out.putInt(CRC_AT, crc(out));
    return new Frame(out);
  }

  private static int crc(ByteBuffer of) {
    CRC32C crc = new CRC32C();
    crc.update(of.get(KIND_AT));
    crc.update(of.slice(STORED_AT, of.capacity() - STORED_AT));
    return (int) crc.getValue();
  }
}
