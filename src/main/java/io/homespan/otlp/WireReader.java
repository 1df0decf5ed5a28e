package io.homespan.otlp;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A cursor over protobuf's wire format that reads tags and lengths and steps over the rest. Where
 * parsers are lenient it is as lenient as protobuf-java (overlong varints, wrong wire types), so
 * what a sender's library accepts is not refused here. Two things protobuf-java alone accepts are:
 * a length of more than 31 bits and a varint of more than ten bytes. Not thread safe.
 *
 * <p>Every method takes the end of the message that the cursor is in, and never leaves it.
 *
 * @see <a href="https://protobuf.dev/programming-guides/encoding/">Protobuf: Encoding</a>
 */
final class WireReader {
  static final int LENGTH_DELIMITED = 2;
  static final int VARINT = 0;
  static final int FIXED64 = 1;
  private static final int GROUP = 3;
  private static final int GROUP_END = 4;
  private static final int FIXED32 = 5;

  /** As deep as protobuf parsers let messages nest. */
  private static final int MAX_GROUPS = 100;

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
  private static final byte[] NOTHING = {};

  private final int[] groups = new int[MAX_GROUPS];
  private byte[] bytes = NOTHING;
  private int base; // where the request begins in the array
  private int field; // where the field begins that is being read
  private int pos;

  /** Goes to the first byte; the request ends at {@code raw.arrayOffset() + raw.limit()}. */
  void open(ByteBuffer raw) {
    bytes = raw.array();
    base = raw.arrayOffset() + raw.position();
    pos = base;
  }

  /** Lets go of the bytes. */
  void close() {
    bytes = NOTHING;
  }

  byte[] bytes() {
    return bytes;
  }

  /** The cursor, as an index into {@link #bytes}. */
  int pos() {
    return pos;
  }

  void jump(int to) {
    pos = to;
  }

  /** Eight bytes as one big-endian number. */
  long longAt(int index) {
    return (long) LONG.get(bytes, index);
  }

  /** Two bytes as one big-endian number, with its sign. */
  int shortAt(int index) {
    return (short) SHORT.get(bytes, index);
  }

  /**
   * Whether there is nothing but fields as nearly all are: with a tag above {@code least}, and tag
   * and length of at most two bytes each. What is broken is not plain either.
   */
  boolean isPlain(int from, int end, int least) {
    byte[] b = bytes;
    int safe = Math.min(end, b.length - 4); // so that every byte that is looked at is there
    int at = from;
    while (at < safe) {
      int tag = b[at++];
      if (tag <= least && (tag >= 0 || b[at++] <= 0)) return false;
      int type = tag & 7;
      if (type == LENGTH_DELIMITED) {
        int length = b[at++];
        if (length < 0) {
          int high = b[at++];
          if (high < 0) return false;
          length = (length & 0x7F) | high << 7;
        }
        at += length;
      } else if (type == FIXED64) {
        at += 8;
      } else if (type == VARINT) {
        if (b[at++] < 0) return false;
      } else if (type == FIXED32) {
        at += 4;
      } else {
        return false;
      }
    }
    return at == end;
  }

  /** A field's number and wire type: {@code number << 3 | type}. */
  int tag(int end) throws MalformedException {
    field = pos;
    byte first = bytes[pos];
    int tag;
    if (first >= 0) {
      pos++;
      tag = first;
    } else {
      tag = (int) varint(end);
    }
    if (tag >>> 3 == 0) throw malformed("field", field, "has the number 0");
    return tag;
  }

  /** The length of what follows, which lies within the message. */
  int length(int end) throws MalformedException {
    long length = pos < end && bytes[pos] >= 0 ? bytes[pos++] : varint(end);
    if (length < 0 || length > end - pos) throw overrun("field", field);
    return (int) length;
  }

  /** A number of up to 64 bits. */
  long number(int end) throws MalformedException {
    return varint(end);
  }

  /** Steps over the rest of the field whose tag was just read. */
  void skip(int tag, int end) throws MalformedException {
    switch (tag & 7) {
      case VARINT -> varint(end);
      case FIXED64 -> skipBytes(8, end);
      case LENGTH_DELIMITED -> {
        int length = length(end); // moves the cursor, so not within the sum
        pos += length;
      }
      case GROUP -> skipGroup(tag >>> 3, end);
      case FIXED32 -> skipBytes(4, end);
      case GROUP_END -> throw malformed("group end", field, "has no beginning");
      default -> throw malformed("field", field, "has the unknown wire type " + (tag & 7));
    }
  }

  private void skipBytes(int count, int end) throws MalformedException {
    if (count > end - pos) throw overrun("field", field);
    pos += count;
  }

  /** Without recursion, so that no input is too deep for the stack. */
  private void skipGroup(int number, int end) throws MalformedException {
    int start = field;
    int depth = 0;
    groups[depth++] = number;
    while (depth > 0) {
      if (pos == end) throw malformed("group", start, "has no end");
      int tag = tag(end);
      if ((tag & 7) == GROUP) {
        if (depth == MAX_GROUPS) throw malformed("group", start, "nests deeper than " + MAX_GROUPS);
        groups[depth++] = tag >>> 3;
      } else if ((tag & 7) == GROUP_END) {
        if (groups[--depth] != tag >>> 3) {
          throw malformed("group end", field, "belongs to another group");
        }
      } else {
        skip(tag, end);
      }
    }
  }

  private long varint(int end) throws MalformedException {
    int start = pos;
    long value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      if (pos == end) throw overrun("varint", start);
      byte b = bytes[pos++];
      value |= (b & 0x7FL) << shift;
      if (b >= 0) return value;
    }
    throw malformed("varint", start, "is longer than 10 bytes");
  }

  private MalformedException overrun(String what, int at) {
    return malformed(what, at, "runs past the end of its message");
  }

  private MalformedException malformed(String what, int at, String wrong) {
    return new MalformedException(what + " at byte " + (at - base) + " " + wrong);
  }
}
