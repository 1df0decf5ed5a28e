package io.homespan.rpc;

import static io.netty.handler.codec.http2.Http2Error.ENHANCE_YOUR_CALM;
import static io.netty.handler.codec.http2.Http2Error.PROTOCOL_ERROR;
import static io.netty.handler.codec.http2.Http2Exception.connectionError;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.Http2Exception;

/**
 * Takes what a server sends apart into frames and checks their form. A frame that has come in part
 * only is kept, so it holds one frame and one block of headers at most. Belongs to one event loop.
 */
final class FrameReader {
  /** Hears of frames in their order. What it throws ends the connection. */
  interface Listener {
    /** A setting of the server's, not an acknowledgement. */
    void setting(int id, long value) throws Http2Exception;

    /** All settings of a frame have been told. */
    void settingsEnd();

    /**
     * A whole block of headers.
     *
     * @param in has it at its reader index; need not be read
     * @param size of the block in bytes
     */
    void headers(int stream, ByteBuf in, int size, boolean last) throws Http2Exception;

    /**
     * A piece of a body.
     *
     * @param in has it at its reader index; need not be read
     * @param size of the piece in bytes
     * @param counted what it takes of the windows, padding included
     */
    void data(int stream, ByteBuf in, int size, int counted, boolean last) throws Http2Exception;

    void reset(int stream, long code);

    void ping(boolean answer, long data) throws Http2Exception;

    void goAway(int lastStream, long code);

    /** A window grows; stream 0 is the connection. */
    void window(int stream, int more) throws Http2Exception;
  }

  /** Of a block of headers in several frames: what it says is bounded by its decoder. */
  private static final int MOST_OF_A_BLOCK = 64 << 10;

  private final Listener listener;
  private final ByteBuf part = Unpooled.buffer(0, Frames.HEAD + Frames.USUAL_PAYLOAD);
  private final ByteBuf block = Unpooled.buffer(0, MOST_OF_A_BLOCK);
  private boolean begun;
  private int blockStream; // 0: no block is under way
  private boolean blockEnds;

  FrameReader(Listener listener) {
    this.listener = listener;
  }

  /** Reads all there is. */
  void read(ByteBuf in) throws Http2Exception {
    while (in.isReadable()) {
      if (!part.isReadable() && in.readableBytes() >= Frames.needed(in)) {
        frame(in);
        continue;
      }
      int missing = (part.isReadable() ? Frames.needed(part) : Frames.HEAD) - part.readableBytes();
      part.writeBytes(in, Math.min(missing, in.readableBytes()));
      if (part.readableBytes() < Frames.needed(part)) continue;
      frame(part);
      part.clear();
    }
  }

  private void frame(ByteBuf in) throws Http2Exception {
    int size = in.readUnsignedMedium();
    int type = in.readUnsignedByte();
    int flags = in.readUnsignedByte();
    int stream = in.readInt() & Integer.MAX_VALUE;
    int end = in.readerIndex() + size;
    boolean ack = (flags & Frames.ACK) != 0;
    if (!begun && (type != Frames.SETTINGS || ack)) throw wrong("the server begins", type);
    begun = true;
    if (blockStream != 0 && (type != Frames.CONTINUATION || stream != blockStream)) {
      throw wrong("a block of headers is cut", type);
    }
    switch (type) {
      case Frames.DATA -> data(in, size, flags, stream);
      case Frames.HEADERS -> headers(in, size, flags, stream);
      case Frames.CONTINUATION -> continued(in, size, flags, stream);
      case Frames.RST_STREAM -> {
        Frames.check(stream != 0 && size == 4, type);
        listener.reset(stream, in.readUnsignedInt());
      }
      case Frames.SETTINGS -> {
        Frames.check(stream == 0 && (ack ? size == 0 : size % 6 == 0), type);
        if (!ack) settings(in, end);
      }
      case Frames.PING -> {
        Frames.check(stream == 0 && size == 8, type);
        listener.ping(ack, in.readLong());
      }
      case Frames.GOAWAY -> {
        Frames.check(stream == 0 && size >= 8, type);
        listener.goAway(in.readInt() & Integer.MAX_VALUE, in.readUnsignedInt());
      }
      case Frames.WINDOW_UPDATE -> {
        Frames.check(size == 4, type);
        listener.window(stream, in.readInt() & Integer.MAX_VALUE);
      }
      case Frames.PUSH_PROMISE -> throw wrong("pushes are not allowed", type);
      default -> {} // priorities, extensions
    }
    in.readerIndex(end);
  }

  private void settings(ByteBuf in, int end) throws Http2Exception {
    while (in.readerIndex() < end) listener.setting(in.readUnsignedShort(), in.readUnsignedInt());
    listener.settingsEnd();
  }

  private void data(ByteBuf in, int size, int flags, int stream) throws Http2Exception {
    Frames.check(stream != 0, Frames.DATA);
    int piece = size - Frames.padding(in, size, flags, Frames.DATA);
    listener.data(stream, in, piece, size, (flags & Frames.END_STREAM) != 0);
  }

  private void headers(ByteBuf in, int size, int flags, int stream) throws Http2Exception {
    Frames.check(stream != 0, Frames.HEADERS);
    int piece = size - Frames.padding(in, size, flags, Frames.HEADERS);
    if ((flags & Frames.PRIORITY) != 0) {
      piece -= 5;
      Frames.check(piece >= 0, Frames.HEADERS);
      in.skipBytes(5);
    }
    boolean last = (flags & Frames.END_STREAM) != 0;
    if ((flags & Frames.END_HEADERS) != 0) {
      listener.headers(stream, in, piece, last);
      return;
    }
    block.clear().writeBytes(in, piece);
    blockStream = stream;
    blockEnds = last;
  }

  private void continued(ByteBuf in, int size, int flags, int stream) throws Http2Exception {
    if (blockStream == 0) throw wrong("nothing is continued", Frames.CONTINUATION);
    boolean whole = (flags & Frames.END_HEADERS) != 0;
    if (size > block.maxWritableBytes() || (size == 0 && !whole)) {
      throw connectionError(ENHANCE_YOUR_CALM, "headers without end");
    }
    block.writeBytes(in, size);
    if (!whole) return;
    blockStream = 0;
    listener.headers(stream, block, block.readableBytes(), blockEnds);
  }

  private static Http2Exception wrong(String what, int type) {
    return connectionError(PROTOCOL_ERROR, "%s by a frame of type %d", what, type);
  }
}
