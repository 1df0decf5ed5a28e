package io.homespan.rpc;

import io.homespan.rpc.AnswerHeads.Heads;
import io.netty.buffer.ByteBuf;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One call under way, and what has come of its answer. Belongs to one event loop. */
final class Call {
  static final int PREFIX = 5; // gRPC over HTTP/2: compressed flag, four bytes of length

  final String fullMethod;
  final Map<String, String> metadata;
  final Message message;
  final long timeoutMillis;

  /** Of the stream that it was given; 0 as long as it waits for the connection. */
  int stream;

  /** How many bytes of it the server takes yet, beside the connection's window. */
  int window;

  /** What the windows have not let out yet. */
  @Nullable ByteBuf rest;

  /** Bytes of the answer since its stream's window was opened. */
  int received;

  /** When its time is up; its neighbours in {@link Deadlines}. */
  long deadline;

  @Nullable Call earlier;
  @Nullable Call later;

  private final Promise<Reply> reply;
  private boolean ended;
  private @Nullable Heads head;
  private int prefixed; // bytes of the prefix that have come
  private int compressed;
  private int announced; // by the prefix: the message's length
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

  /** Whether more of the answer has come than may. */
  boolean isTooLong() {
    return tooLong;
  }

  /**
   * Puts the message behind its prefix; there is room for them, and the indexes don't move.
   *
   * @param size of the message
   */
  void writeTo(ByteBuf out, int at, int size) {
    out.setByte(at, 0).setInt(at + 1, size);
    message.writeTo(out.internalNioBuffer(at + PREFIX, size));
  }

  /** The first end counts. */
  void end(Reply how) {
    if (ended) return;
    ended = true;
    reply.complete(how);
  }

  /** Headers, or trailers if there were headers before. Says whether that was the answer's end. */
  @Nullable Reply heads(Heads heads, boolean last) {
    if (!last && heads.informational()) return null;
    if (last) return answered(head == null ? heads : head, heads);
    head = heads;
    return null;
  }

  /**
   * Bytes of the body, of which it keeps no more than may come. Says whether they were the answer's
   * end.
   *
   * @param in has them at its reader index, which does not move
   */
  @Nullable Reply bytes(ByteBuf in, int size, int maxAnswerBytes, boolean last) {
    int at = in.readerIndex();
    int end = at + size;
    for (; prefixed < PREFIX && at < end; at++) {
      int b = in.getUnsignedByte(at);
      if (prefixed++ == 0) compressed = b;
      else announced = announced << Byte.SIZE | b;
    }
    if (at < end) more(in, at, end - at, maxAnswerBytes);
    if (!last) return null;
    return head == null
        ? new Reply.Lost("an answer without headers")
        : answered(head, head); // without trailers
  }

  private void more(ByteBuf in, int at, int size, int maxAnswerBytes) {
    Buffer to = body;
    if (to == null) {
      to = Buffer.buffer();
      body = to;
    }
    if (size > maxAnswerBytes - to.length()) {
      tooLong = true;
      return;
    }
    byte[] more = new byte[size];
    in.getBytes(at, more);
    to.appendBytes(more);
  }

  private Reply answered(Heads first, Heads last) {
    Heads heads = last.status() == Heads.NONE ? first : last; // Trailers-Only: the same
    Duration hint = last.hint() == null ? first.hint() : last.hint();
    if (heads.status() == Heads.NONE) {
      // not gRPC: a proxy's page, perhaps; these codes mean "not now"
      int http = first.http();
      boolean notNow = http == 429 || (http >= 502 && http <= 504);
      return new Reply.Answered(
          notNow ? GrpcCode.UNAVAILABLE : GrpcCode.UNKNOWN,
          "HTTP " + http + " without grpc-status",
          hint,
          Buffer.buffer());
    }
    if (heads.status() != GrpcCode.OK) {
      String message = last.message() == null ? first.message() : last.message();
      return new Reply.Answered(
          heads.status(), message == null ? "" : decoded(message), hint, Buffer.buffer());
    }
    Buffer whole = body == null ? Buffer.buffer() : body;
    boolean readable =
        !tooLong && prefixed == PREFIX && compressed == 0 && announced == whole.length();
    return readable
        ? new Reply.Answered(GrpcCode.OK, "", null, whole)
        : new Reply.Lost("an OK whose message can't be read");
  }

  private static String decoded(String percent) {
    try {
      return URLDecoder.decode(percent.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return percent;
    }
  }
}
