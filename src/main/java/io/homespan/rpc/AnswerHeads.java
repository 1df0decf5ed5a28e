package io.homespan.rpc;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What the header blocks of one connection's answers say. Belongs to one event loop. */
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

  private final KnownBlocks<Heads> blocks =
      new KnownBlocks<>(new DefaultHttp2HeadersDecoder(), Heads::of);

  /** The block is at the reader index; may move it, not beyond the block. */
  Heads read(int stream, ByteBuf in, int size) throws Http2Exception {
    return blocks.read(stream, in, size);
  }
}
