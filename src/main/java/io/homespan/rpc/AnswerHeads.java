package io.homespan.rpc;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.collection.LongObjectHashMap;
import io.netty.util.collection.LongObjectMap;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Reads the header blocks of one connection's answers, and remembers what short ones mean: a block
 * of nothing but one-byte indexes changes no table, so the same bytes say the same again until
 * another kind of block has come. Nearly all answers are such. Belongs to one event loop.
 */
final class AnswerHeads {
  /**
   * What headers or trailers say.
   *
   * @param http the status, or 0
   * @param status of gRPC, or {@link #NONE}
   * @param message of gRPC, encoded, or null if there is none
   * @param hint when to come again, or null if nothing can be read
   */
  record Heads(int http, int status, @Nullable String message, @Nullable Duration hint) {
    static final int NONE = -1;

    static Heads of(Http2Headers headers) {
      CharSequence status = headers.get("grpc-status");
      CharSequence message = headers.get("grpc-message");
      CharSequence details = headers.get(RetryHint.DETAILS);
      return new Heads(
          number(headers.status(), 0),
          status == null ? NONE : number(status, GrpcCode.UNKNOWN),
          message == null ? null : message.toString(),
          RetryHint.inDetails(details == null ? null : details.toString()));
    }

    /** That an answer is on its way, RFC 9110, section 15.2. */
    boolean informational() {
      return http / 100 == 1;
    }

    private static int number(@Nullable CharSequence digits, int otherwise) {
      if (digits == null) return otherwise;
      try {
        int number = Integer.parseInt(digits.toString().strip());
        return number < 0 ? otherwise : number;
      } catch (NumberFormatException e) {
        return otherwise;
      }
    }
  }

  private static final int MOST_REMEMBERED = 32;
  private static final int INDEX = 0x80; // the first bit of a header that stands in a table

  private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder();
  private final LongObjectMap<Heads> known = new LongObjectHashMap<>(4);

  /** The block is at the reader index; may move it, not beyond the block. */
  Heads read(int stream, ByteBuf in, int size) throws Http2Exception {
    long key = key(in, size);
    Heads heads = key == 0 ? null : known.get(key);
    if (heads != null) return heads;
    if (key == 0 || known.size() == MOST_REMEMBERED) known.clear();
    heads = Heads.of(decoder.decodeHeaders(stream, in.readSlice(size)));
    if (key != 0) known.put(key, heads);
    return heads;
  }

  /** The block's bytes as a number, or 0 if it is long or has anything but one-byte indexes. */
  private static long key(ByteBuf in, int size) {
    if (size > Long.BYTES) return 0;
    long key = 0;
    int from = in.readerIndex();
    for (int i = from; i < from + size; i++) {
      int b = in.getUnsignedByte(i);
      if (b <= INDEX || b == 0xFF) return 0; // 0xFF: the index goes on in the next byte
      key = key << Byte.SIZE | b;
    }
    return key;
  }
}
