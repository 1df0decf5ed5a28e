package io.homespan.bench;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import io.netty.util.collection.LongObjectHashMap;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;

/**
 * Reads header blocks (HPACK, RFC 7541) of one connection and remembers what short ones mean: a
 * block of nothing but indexes says the same again until another block changes the dynamic table.
 */
final class HeaderBlocks<T> {
  private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder(false);
  private final LongObjectHashMap<T> known = new LongObjectHashMap<>();
  private final Function<Http2Headers, T> meaning;

  HeaderBlocks(Function<Http2Headers, T> meaning) {
    this.meaning = meaning;
  }

  T read(int stream, ByteBuf block) throws Http2Exception {
    long key = key(block);
    T found = key == 0 ? null : known.get(key);
    if (found != null) return found;
    if (key == 0) known.clear();
    found = meaning.apply(decoder.decodeHeaders(stream, block));
    if (key != 0) known.put(key, found);
    return found;
  }

  /** The block's bytes as a number, or 0 if it is long or has anything but one-byte indexes. */
  private static long key(ByteBuf block) {
    int size = block.readableBytes();
    if (size > Long.BYTES) return 0;
    long key = 0;
    for (int i = block.readerIndex(); i < block.writerIndex(); i++) {
      int b = block.getUnsignedByte(i);
      if (b <= 0x80 || b == 0xFF) return 0;
      key = key << 8 | b;
    }
    return key;
  }

  /** A literal whose name is in the static table; the receiver keeps it if {@code keep}. */
  static void literal(ByteBuf to, boolean keep, int name, String value) {
    if (keep) number(to, 0x40, 6, name);
    else number(to, 0x00, 4, name);
    string(to, value);
  }

  /** A literal with its name. */
  static void literal(ByteBuf to, boolean keep, String name, String value) {
    to.writeByte(keep ? 0x40 : 0x00);
    string(to, name);
    string(to, value);
  }

  static ByteBuf buffer() {
    return Unpooled.buffer(256);
  }

  static boolean is(CharSequence value, String expected) {
    return AsciiString.contentEquals(value, expected);
  }

  private static void string(ByteBuf to, String value) {
    byte[] bytes = value.getBytes(StandardCharsets.US_ASCII);
    number(to, 0x00, 7, bytes.length);
    to.writeBytes(bytes);
  }

  private static void number(ByteBuf to, int pattern, int bits, int value) {
    int most = (1 << bits) - 1;
    if (value < most) {
      to.writeByte(pattern | value);
    } else {
      to.writeByte(pattern | most);
      int rest = value - most;
      for (; rest >= 0x80; rest >>>= 7) to.writeByte((rest & 0x7F) | 0x80);
      to.writeByte(rest);
    }
  }
}
