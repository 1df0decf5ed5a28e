package io.homespan.rpc;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.util.Arrays;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads the header blocks (HPACK, RFC 7541) of one direction of a connection, and remembers what
 * they mean: a block that adds nothing to the table says the same again, as long as the table stays
 * as it is. Nearly all blocks of calls that are alike are such. Belongs to one event loop.
 *
 * @param <T> what is made of headers
 */
final class KnownBlocks<T> {
  private static final int PLACES = 16; // a power of two
  private static final int LONGEST = 512; // bytes

  private static final int INDEXED = 0x80; // a whole header in a table, RFC 7541, section 6.1
  private static final int KEPT = 0x40; // a literal that goes into the table, 6.2.1
  private static final int SIZE_UPDATE = 0x20; // 6.3; what is below are literals that do not

  private static final class Known<T> {
    final T meaning;
    private final byte[] block;

    Known(byte[] block, T meaning) {
      this.block = block;
      this.meaning = meaning;
    }

    boolean is(ByteBuf in, int size) {
      if (block.length != size) return false;
      int from = in.readerIndex();
      for (int i = 0; i < size; i++) if (in.getByte(from + i) != block[i]) return false;
      return true;
    }
  }

  private final DefaultHttp2HeadersDecoder decoder;
  private final Function<Http2Headers, T> meaning;
  private final @Nullable Known<T>[] known;
  private boolean any;

  @SuppressWarnings("unchecked") // an array of a generic type
  KnownBlocks(DefaultHttp2HeadersDecoder decoder, Function<Http2Headers, T> meaning) {
    this.decoder = decoder;
    this.meaning = meaning;
    this.known = (Known<T>[]) new Known<?>[PLACES];
  }

  /** The block is at the reader index; may move it, not beyond the block. */
  T read(int stream, ByteBuf in, int size) throws Http2Exception {
    if (size > LONGEST || changesTable(in, size)) {
      if (any) Arrays.fill(known, null);
      any = false;
      return meaning.apply(decoder.decodeHeaders(stream, in.readSlice(size)));
    }
    int place = place(in, size);
    Known<T> there = known[place];
    if (there != null && there.is(in, size)) return there.meaning;
    byte[] block = new byte[size];
    in.getBytes(in.readerIndex(), block);
    T read = meaning.apply(decoder.decodeHeaders(stream, in.readSlice(size)));
    known[place] = new Known<>(block, read);
    any = true;
    return read;
  }

  private static int place(ByteBuf in, int size) {
    int hash = size;
    int from = in.readerIndex();
    for (int i = from; i < from + size; i++) hash = 31 * hash + in.getByte(i);
    return (hash ^ hash >>> 16 ^ hash >>> 8) & (PLACES - 1);
  }

  /** Whether it does, or can't be told. */
  private static boolean changesTable(ByteBuf in, int size) {
    int at = in.readerIndex();
    int end = at + size;
    while (at < end) {
      int first = in.getUnsignedByte(at);
      if ((first & INDEXED) != 0) {
        if (first == 0xFF) return true; // an index of several bytes: none of ours has one
        at++;
      } else if ((first & KEPT) != 0 || (first & SIZE_UPDATE) != 0) {
        return true;
      } else {
        int name = first & 0x0F;
        at++;
        if (name == 0) at = afterText(in, at, end);
        else if (name == 0x0F) at = at < end && in.getByte(at) >= 0 ? at + 1 : end;
        if (at >= end) return true; // cut off, or too long to tell
        at = afterText(in, at, end);
      }
    }
    return at != end;
  }

  /** Where a text of less than 127 bytes ends; beyond any block if it is longer. */
  private static int afterText(ByteBuf in, int at, int end) {
    if (at >= end) return Integer.MAX_VALUE;
    int length = in.getUnsignedByte(at) & 0x7F; // the first bit says whether it is Huffman-coded
    return length == 0x7F ? Integer.MAX_VALUE : at + 1 + length;
  }
}
