package io.homespan.rpc;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Error;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Writes the frames of one connection side by side into few large buffers, and lets all that came
 * together in one turn of the event loop go to the socket at its end: what the kernel is asked for
 * costs by the call and by the buffer. Belongs to one event loop.
 */
@SuppressWarnings(
    "FutureReturnValueIgnored") // what can't be written closes the connection, and is heard there
final class Outbox {
  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private static final int LEAST_BUFFER = 1 << 10;
  private static final int LARGEST_BUFFER = 256 << 10;

  /** Of a server that asks for answers and reads none. */
  private static final int MOST_ANSWERS_UNREAD = 10_000;

  private final ChannelHandlerContext ctx;
  private @Nullable ByteBuf out;
  private int usual = LEAST_BUFFER; // bytes of a turn lately
  private int turn; // bytes of this one that have left the buffer
  private boolean flushing;
  private int answers;

  Outbox(ChannelHandlerContext ctx) {
    this.ctx = ctx;
  }

  /** Whether it takes more: if not, much waits for the socket. */
  boolean takesMore() {
    return ctx.channel().isWritable();
  }

  /** What stands before everything else: no pushes, no long lists of headers, please. */
  void begin(int mostOfHeaders) {
    ByteBuf to = room(PREFACE.length + Frames.HEAD + 12);
    to.writeBytes(PREFACE);
    Frames.head(to, 12, Frames.SETTINGS, 0, 0);
    to.writeShort(Frames.ENABLE_PUSH).writeInt(0);
    to.writeShort(Frames.MAX_HEADER_LIST_SIZE).writeInt(mostOfHeaders);
  }

  /** Memory that the socket reads. */
  ByteBuf buffer(int size) {
    return ctx.alloc().directBuffer(size, size);
  }

  /**
   * A call at once: its headers, and its message in DATA frames, written in place.
   *
   * @param size of the message
   * @throws RuntimeException what the message throws; then nothing has been written
   */
  void call(Call call, byte[] headers, int size, int mostPayload) {
    int body = Call.PREFIX + size;
    int frames = (body + mostPayload - 1) / mostPayload;
    ByteBuf to = room(headersSize(headers, mostPayload) + frames * Frames.HEAD + body);
    int begin = to.writerIndex();
    try {
      headers(to, headers, call.stream, mostPayload, false);
      int at = to.writerIndex();
      call.writeTo(to, at + Frames.HEAD, size);
      for (int i = frames - 1; i >= 0; i--) { // the last first, to make room for the heads
        int piece = Math.min(mostPayload, body - i * mostPayload);
        int from = at + Frames.HEAD + i * mostPayload;
        int head = from - Frames.HEAD + i * Frames.HEAD;
        if (i > 0) to.setBytes(head + Frames.HEAD, to, from, piece);
        int flags = i == frames - 1 ? Frames.END_STREAM : 0;
        Frames.head(to, head, piece, Frames.DATA, flags, call.stream);
      }
      to.writerIndex(at + frames * Frames.HEAD + body);
    } catch (RuntimeException e) {
      to.writerIndex(begin);
      throw e;
    }
  }

  /** The headers of a call whose message comes later. */
  void headers(Call call, byte[] headers, int mostPayload) {
    headers(room(headersSize(headers, mostPayload)), headers, call.stream, mostPayload, false);
  }

  /** A piece of a message; takes it over. */
  void piece(Call call, ByteBuf piece, boolean last) {
    int flags = last ? Frames.END_STREAM : 0;
    Frames.head(room(Frames.HEAD), piece.readableBytes(), Frames.DATA, flags, call.stream);
    leave();
    turn += piece.readableBytes();
    ctx.write(piece, ctx.voidPromise());
  }

  /** A block of its own: an answer's head, or with {@code last} its end. */
  void headers(int stream, byte[] block, boolean last) {
    int size = headersSize(block, Frames.USUAL_PAYLOAD);
    headers(room(size), block, stream, Frames.USUAL_PAYLOAD, last);
  }

  /** An answer at once: its head, the message in one frame, its end. Copies the message. */
  void answer(int stream, byte[] head, ByteBuf message, byte[] end) {
    int size = message.readableBytes();
    ByteBuf to = room(3 * Frames.HEAD + head.length + Call.PREFIX + size + end.length);
    headers(to, head, stream, Frames.USUAL_PAYLOAD, false);
    Frames.head(to, Call.PREFIX + size, Frames.DATA, 0, stream);
    to.writeByte(0).writeInt(size).writeBytes(message, message.readerIndex(), size);
    headers(to, end, stream, Frames.USUAL_PAYLOAD, true);
  }

  /** A piece of an answer, which is copied; more of the stream follows. */
  void data(int stream, ByteBuf from, int size) {
    ByteBuf to = room(Frames.HEAD + size);
    Frames.head(to, size, Frames.DATA, 0, stream);
    to.writeBytes(from, size);
  }

  void settingsRead() {
    Frames.head(room(Frames.HEAD), 0, Frames.SETTINGS, Frames.ACK, 0);
    answered();
  }

  void ping(boolean answer, long data) {
    ByteBuf to = room(Frames.HEAD + 8);
    Frames.head(to, 8, Frames.PING, answer ? Frames.ACK : 0, 0);
    to.writeLong(data);
    if (answer) answered();
  }

  void reset(int stream, Http2Error error) {
    ByteBuf to = room(Frames.HEAD + 4);
    Frames.head(to, 4, Frames.RST_STREAM, 0, stream);
    to.writeInt((int) error.code());
  }

  void window(int stream, int more) {
    ByteBuf to = room(Frames.HEAD + 4);
    Frames.head(to, 4, Frames.WINDOW_UPDATE, 0, stream);
    to.writeInt(more);
  }

  void goAway(int lastStream, Http2Error error) {
    ByteBuf to = room(Frames.HEAD + 8);
    Frames.head(to, 8, Frames.GOAWAY, 0, 0);
    to.writeInt(lastStream).writeInt((int) error.code());
  }

  /** All there is. */
  void flush() {
    flushing = false;
    leave();
    usual = Math.max(LEAST_BUFFER, Math.min(LARGEST_BUFFER, Math.max(turn, usual - usual / 8)));
    turn = 0;
    ctx.flush();
    if (takesMore()) answers = 0;
  }

  private void answered() {
    if (++answers > MOST_ANSWERS_UNREAD) ctx.close();
  }

  private static int headersSize(byte[] block, int mostPayload) {
    return block.length + Frames.HEAD * Math.max(1, (block.length - 1) / mostPayload + 1);
  }

  /**
   * A block in as many frames as it needs.
   *
   * @param last whether nothing follows on the stream
   */
  static void headers(ByteBuf to, byte[] block, int stream, int mostPayload, boolean last) {
    int at = 0;
    do {
      int piece = Math.min(mostPayload, block.length - at);
      int flags = at + piece == block.length ? Frames.END_HEADERS : 0;
      if (last && at == 0) flags |= Frames.END_STREAM;
      Frames.head(to, piece, at == 0 ? Frames.HEADERS : Frames.CONTINUATION, flags, stream);
      to.writeBytes(block, at, piece);
      at += piece;
    } while (at < block.length);
  }

  /** Where so many bytes can be written; they go out at the end of this turn. */
  private ByteBuf room(int bytes) {
    if (!flushing) {
      flushing = true;
      ctx.channel().eventLoop().execute(this::flush);
    }
    ByteBuf to = out;
    if (to != null && to.writableBytes() >= bytes) return to;
    leave();
    int size = Math.max(bytes, usual);
    to = buffer(size);
    out = to;
    return to;
  }

  private void leave() {
    ByteBuf full = out;
    if (full == null) return;
    out = null;
    turn += full.readableBytes();
    ctx.write(full, ctx.voidPromise());
  }
}
