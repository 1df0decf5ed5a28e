package io.homespan.rpc;

import static io.netty.handler.codec.http2.Http2Error.FLOW_CONTROL_ERROR;
import static io.netty.handler.codec.http2.Http2Exception.connectionError;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.Http2Exception;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collection;
import java.util.Deque;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What goes back to a caller on one connection: the answers to its calls, as far as the windows
 * that it opens allow (RFC 9113, section 5.2). The connection's window is shared with what else
 * answers there, Vert.x, which is lent as much of it as it needs and never sees the rest. Belongs
 * to one event loop.
 */
final class Answers {
  /** Of the connection's window, what is left to Vert.x's answers. */
  private static final int RESERVE = 16 << 10;

  private static final byte[] NONE = {};

  /** {@code :status: 200}, {@code content-type: application/grpc}. */
  private static final byte[] HEAD = head().toByteArray();

  private static final byte[] OK =
      new HeaderBlock().literal(false, "grpc-status", "0").toByteArray();

  private final Outbox out;
  private final Consumer<Incoming> sent;
  private final Deque<Incoming> held = new ArrayDeque<>(); // by the windows
  private int table = 4096; // bytes of the caller's table for headers
  private int least; // bytes that it was to shrink to
  private byte[] resize = NONE; // what is to be said of that before the next block
  private int streamWindow = Frames.USUAL_WINDOW; // for an answer
  private int window = Frames.USUAL_WINDOW; // of the connection
  private int lent = Frames.USUAL_WINDOW; // what Vert.x believes of it

  /** {@code sent} hears of each answer that was held and has left. */
  Answers(Outbox out, Consumer<Incoming> sent) {
    this.out = out;
    this.sent = sent;
  }

  private static HeaderBlock head() {
    HeaderBlock block = new HeaderBlock();
    block.number(0x80, 7, 8); // :status: 200
    return block.literal(false, 31, "application/grpc"); // content-type
  }

  /** With what window a new call's answer begins. */
  int streamWindow() {
    return streamWindow;
  }

  /** Whether answers wait for windows. */
  boolean isHolding() {
    return !held.isEmpty();
  }

  /** A message, which is copied, and OK. */
  void answer(Incoming call, ByteBuf message) {
    int length = message.readableBytes();
    int size = Incoming.PREFIX + length;
    if (held.isEmpty() && size <= atOnce(call)) {
      window -= size;
      out.answer(call.stream, resized(HEAD), message, OK);
    } else {
      out.headers(call.stream, resized(HEAD), false);
      ByteBuf rest = out.buffer(size).writeByte(0).writeInt(length);
      call.rest = rest.writeBytes(message, message.readerIndex(), length);
      held.add(call);
      sendHeld();
    }
  }

  /** An error, in the frame that ends the stream. */
  void refuse(Incoming call, Map<String, String> headers) {
    HeaderBlock block = head();
    headers.forEach((name, value) -> block.literal(false, name, value));
    headers(call.stream, block.toByteArray());
  }

  /** Headers that end a stream. */
  void headers(int stream, byte[] block) {
    out.headers(stream, resized(block), true);
  }

  /** No more of it is wanted. */
  void drop(Incoming call) {
    if (call.rest != null) held.remove(call);
  }

  /** None are wanted any more. */
  void clear() {
    held.clear();
  }

  private int atOnce(Incoming call) {
    return Math.min(Math.min(call.window, window - RESERVE), Frames.USUAL_PAYLOAD);
  }

  // ---- the caller's windows ----

  /** All calls begin with another window, and those that are open have as much more. */
  void streamWindow(int next, Collection<Incoming> open) throws Http2Exception {
    int more = next - streamWindow;
    streamWindow = next;
    for (Incoming call : open) call.window = grown(call.window, more);
    sendHeld();
  }

  /** A call's own has grown. */
  void grew(Incoming call) {
    if (call.rest == null) return;
    while (send(call)) {}
    if (call.rest == null) held.remove(call);
  }

  /** The connection's grows. */
  void grow(int more) throws Http2Exception {
    boolean none = window <= RESERVE;
    window = grown(window, more);
    if (none) sendHeld();
  }

  /** Vert.x has written so much of a body. */
  void othersSent(int bytes) {
    window -= bytes;
    lent -= bytes;
  }

  /** Whether Vert.x may soon need more of the connection's window. */
  boolean isLentLittle() {
    return lent <= Frames.USUAL_WINDOW / 2;
  }

  /**
   * By how much Vert.x's window grows now. It is told of as much as its answers need, and again
   * when it has used that: what callers open in one step may be all they open for long.
   */
  int lend() {
    int more = Math.max(0, Math.min(Frames.USUAL_WINDOW, window) - lent);
    lent += more;
    return more;
  }

  private static int grown(int window, int more) throws Http2Exception {
    long grown = (long) window + more;
    if (grown > Integer.MAX_VALUE) throw connectionError(FLOW_CONTROL_ERROR, "a window too large");
    return (int) grown;
  }

  /** As much as the windows allow, each in its turn. */
  private void sendHeld() {
    boolean more = true;
    while (more) more = sendPieces();
  }

  /** One piece of each; whether there was any. */
  private boolean sendPieces() {
    boolean any = false;
    for (int i = held.size(); i > 0 && window > RESERVE; i--) {
      Incoming call = held.remove();
      any |= send(call);
      if (call.rest != null) held.add(call);
    }
    return any;
  }

  /** One piece of an answer, and its end after the last; whether there was any. */
  private boolean send(Incoming call) {
    ByteBuf rest = call.rest;
    int piece = rest == null ? 0 : Math.min(rest.readableBytes(), atOnce(call));
    if (rest == null || piece <= 0) return false;
    window -= piece;
    call.window -= piece;
    out.data(call.stream, rest, piece);
    if (rest.isReadable()) return true;
    rest.release();
    call.rest = null;
    headers(call.stream, OK);
    sent.accept(call);
    return true;
  }

  // ---- the caller's table for headers, which nobody here uses ----

  /**
   * After its table got smaller, the caller wants to read so at the beginning of the next block
   * (RFC 7541, section 4.2), whoever writes that.
   */
  void tableSize(long size) {
    int now = (int) Math.min(Integer.MAX_VALUE, size);
    if (now >= table && resize.length == 0) {
      table = now;
      return;
    }
    least = resize.length == 0 ? now : Math.min(least, now);
    table = now;
    HeaderBlock block = new HeaderBlock();
    block.number(0x20, 5, least);
    if (now > least) block.number(0x20, 5, now);
    resize = block.toByteArray();
  }

  /** Vert.x has written a block, and so said what is to be said of the table. */
  void othersSentHeaders() {
    resize = NONE;
  }

  private byte[] resized(byte[] block) {
    if (resize.length == 0) return block;
    byte[] all = Arrays.copyOf(resize, resize.length + block.length);
    System.arraycopy(block, 0, all, resize.length, block.length);
    resize = NONE;
    return all;
  }
}
