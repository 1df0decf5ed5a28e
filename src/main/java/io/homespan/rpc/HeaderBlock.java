package io.homespan.rpc;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** A header block (HPACK, RFC 7541) in the making. No text is Huffman-coded. */
final class HeaderBlock extends ByteArrayOutputStream {
  /**
   * A header whose name stands in a table.
   *
   * @param keep whether the reader is to keep it in its own table
   */
  HeaderBlock literal(boolean keep, int name, String value) {
    if (keep) number(0x40, 6, name);
    else number(0x00, 4, name);
    return text(value);
  }

  HeaderBlock literal(boolean keep, String name, String value) {
    write(keep ? 0x40 : 0x00);
    return text(name).text(value);
  }

  private HeaderBlock text(String value) {
    byte[] bytes = value.getBytes(StandardCharsets.ISO_8859_1);
    number(0x00, 7, bytes.length);
    writeBytes(bytes);
    return this;
  }

  /** RFC 7541, section 5.1. */
  void number(int pattern, int bits, int value) {
    int most = (1 << bits) - 1;
    if (value < most) {
      write(pattern | value);
      return;
    }
    write(pattern | most);
    int rest = value - most;
    for (; rest > 0x7F; rest >>>= 7) write((rest & 0x7F) | 0x80);
    write(rest);
  }
}
