package io.homespan.rpc;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.concurrent.ScheduledFuture;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One call under way, and what has come of its answer. Belongs to one event loop. */
final class Call {
  private static final int PREFIX = 5; // gRPC over HTTP/2: compressed flag, four bytes of length

  final String fullMethod;
  final Map<String, String> metadata;
  final Message message;
  final long timeoutMillis;

  /** Of the stream that it was given; 0 as long as it waits for the connection. */
  int stream;

  @Nullable ScheduledFuture<?> timer;
  private final Promise<Reply> reply;
  private boolean ended;
  private @Nullable Http2Headers head;
  private @Nullable Buffer body;
  private boolean tooLong;

  Call(
      String fullMethod,
      Map<String, String> metadata,
      Message message,
      long timeoutMillis,
      Promise<Reply> reply) {
    this.fullMethod = fullMethod;
    this.metadata = metadata;
    this.message = message;
    this.timeoutMillis = timeoutMillis;
    this.reply = reply;
  }

  boolean ended() {
    return ended;
  }

  /**
   * The message behind its prefix, in memory that the socket reads; whoever gets it releases it.
   */
  ByteBuf framed(ByteBufAllocator alloc) {
    int size = message.size();
    ByteBuf framed = alloc.directBuffer(PREFIX + size, PREFIX + size);
    try {
      framed.writeByte(0).writeInt(size);
      message.writeTo(framed.internalNioBuffer(PREFIX, size));
      return framed.writerIndex(PREFIX + size);
    } catch (RuntimeException e) {
      framed.release();
      throw e;
    }
  }

  /** The first end counts. */
  void end(Reply how) {
    if (ended) return;
    ended = true;
    if (timer != null) timer.cancel(false);
    reply.complete(how);
  }

  /** Headers, or trailers if there were headers before. */
  void heads(Http2Headers headers, boolean last) {
    CharSequence status = headers.status();
    if (!last && status != null && status.length() > 0 && status.charAt(0) == '1') return; // 1xx
    if (last) end(answered(head == null ? headers : head, headers));
    else head = headers;
  }

  /** Bytes of the body, of which it keeps no more than may come. */
  void bytes(ByteBuf data, int maxAnswerBytes, boolean last) {
    if (body == null) body = Buffer.buffer();
    if (data.readableBytes() > PREFIX + maxAnswerBytes - body.length()) {
      tooLong = true;
    } else {
      byte[] more = new byte[data.readableBytes()];
      data.getBytes(data.readerIndex(), more);
      body.appendBytes(more);
    }
    if (last) {
      end(
          head == null
              ? new Reply.Lost("an answer without headers")
              : answered(head, head)); // without trailers
    }
  }

  private Reply answered(Http2Headers first, Http2Headers last) {
    String status = field(first, last, "grpc-status");
    Duration hint = RetryHint.inDetails(field(first, last, RetryHint.DETAILS));
    if (status == null) {
      // not gRPC: a proxy's page, perhaps; these codes mean "not now"
      int http = code(String.valueOf(first.status()), 0);
      boolean notNow = http == 429 || (http >= 502 && http <= 504);
      return new Reply.Answered(
          notNow ? GrpcCode.UNAVAILABLE : GrpcCode.UNKNOWN,
          "HTTP " + http + " without grpc-status",
          hint,
          Buffer.buffer());
    }
    int code = code(status, GrpcCode.UNKNOWN);
    if (code != GrpcCode.OK) {
      String message = field(first, last, "grpc-message");
      return new Reply.Answered(
          code, message == null ? "" : decoded(message), hint, Buffer.buffer());
    }
    Buffer whole = body == null ? Buffer.buffer() : body;
    boolean readable =
        !tooLong
            && whole.length() >= PREFIX
            && whole.getByte(0) == 0
            && whole.getInt(1) == whole.length() - PREFIX;
    return readable
        ? new Reply.Answered(GrpcCode.OK, "", null, whole.getBuffer(PREFIX, whole.length()))
        : new Reply.Lost("an OK whose message can't be read");
  }

  private static int code(String digits, int otherwise) {
    try {
      return Integer.parseInt(digits.strip());
    } catch (NumberFormatException e) {
      return otherwise;
    }
  }

  private static String decoded(String percent) {
    try {
      return URLDecoder.decode(percent.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return percent;
    }
  }

  /** Of the trailers, or of the headers where the answer is Trailers-Only. */
  private static @Nullable String field(Http2Headers first, Http2Headers last, String name) {
    CharSequence value = last.get(name);
    if (value == null) value = first.get(name);
    return value == null ? null : value.toString();
  }
}
