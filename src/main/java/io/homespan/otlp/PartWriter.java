package io.homespan.otlp;

/** Writes one part into an array of exactly its size. */
final class PartWriter {
  private final byte[] source;
  private final byte[] bytes;
  private int at;

  PartWriter(byte[] source, int size) {
    this.source = source;
    this.bytes = new byte[size];
  }

  /** How long a message of this many bytes is as a field: one byte of tag, the length, itself. */
  static int sizeWithin(int body) {
    int lengthBytes = (38 - Integer.numberOfLeadingZeros(body | 1)) / 7;
    return 1 + lengthBytes + body;
  }

  void begin(byte tag, int body) {
    bytes[at++] = tag;
    int rest = body;
    for (; rest > 0x7F; rest >>>= 7) bytes[at++] = (byte) (rest | 0x80);
    bytes[at++] = (byte) rest;
  }

  void copy(int from, int to) {
    System.arraycopy(source, from, bytes, at, to - from);
    at += to - from;
  }

  byte[] bytes() {
    if (at != bytes.length) throw new IllegalStateException(at + " of " + bytes.length + " bytes");
    return bytes;
  }
}
