package io.homespan.bench;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;

/**
 * Takes a connection's bytes apart into HTTP/2 frames (RFC 9113) and gathers what is to be written
 * until there is nothing more to read. Payloads of DATA frames are handed on in the pieces in which
 * they come; other frames are put together first. Answers PING and SETTINGS. Belongs to one event
 * loop.
 */
@SuppressWarnings(
    "FutureReturnValueIgnored") // a failed write closes the connection, which is noticed
abstract class Http2Connection extends ChannelInboundHandlerAdapter {
  static final int FRAME_HEADER = 9;

  static final int DATA = 0;
  static final int HEADERS = 1;
  static final int RST_STREAM = 3;
  static final int SETTINGS = 4;
  static final int PING = 6;
  static final int GOAWAY = 7;
  static final int WINDOW_UPDATE = 8;
  static final int CONTINUATION = 9;

  static final int END_STREAM = 1;
  static final int ACK = 1;
  static final int END_HEADERS = 4;
  static final int PADDED = 8;
  static final int PRIORITY = 0x20;

  static final int HEADER_TABLE_SIZE = 1;
  static final int MAX_CONCURRENT_STREAMS = 3;
  static final int INITIAL_WINDOW_SIZE = 4;

  /** The initial value of connection windows, and of stream windows without a setting. */
  static final int DEFAULT_WINDOW = 65_535;

  static final int DEFAULT_TABLE = 4096;

  /** More than a frame may have, since nobody here announces a MAX_FRAME_SIZE. */
  private static final int LARGEST_FRAME = 16_384;

  private static final int OUT_BYTES = 1024; // grows

  /** The connection's window is opened again when this much was received. */
  private static final int WINDOW_STEP = 1 << 29;

  private @Nullable ChannelHandlerContext context;
  private @Nullable ByteBuf out;
  private boolean unflushed;

  private int preface; // bytes of it still to come
  private int headFilled;
  private int length;
  private int type;
  private int flags;
  private int stream;
  private int left; // of the payload
  private @Nullable ByteBuf partial;
  private @Nullable ByteBuf block; // of headers that go on in CONTINUATION
  private boolean blockEnds;

  private long received;

  Http2Connection(int preface) {
    this.preface = preface;
  }

  /** A complete header block. */
  abstract void headers(int id, ByteBuf block, boolean end) throws Http2Exception;

  /**
   * A piece of a DATA frame.
   *
   * @param in to be read from its reader index; what is left unread is skipped
   * @param size of the piece in bytes, may be 0
   * @param end whether the stream ends with this piece
   */
  abstract void data(int id, ByteBuf in, int size, boolean end);

  void reset(int id, long code) {}

  void goAway(int last) {}

  void window(int id, int increment) {}

  void setting(int id, long value) {}

  void settingsEnd() {}

  /** Everything that was at hand has been read; what is written now goes out at once. */
  void readEnd() {}

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
  }

  final ChannelHandlerContext context() {
    ChannelHandlerContext ctx = context;
    if (ctx == null) throw new IllegalStateException("not connected");
    return ctx;
  }

  /** Where frames are appended; goes out with {@link #flush()}. */
  final ByteBuf out() {
    ByteBuf to = out;
    if (to == null) {
      to = context().alloc().directBuffer(OUT_BYTES);
      out = to;
    }
    return to;
  }

  /** Appends bytes without copying them; takes over the reference. */
  final void write(ByteBuf bytes) {
    writeOut();
    context().write(bytes, context().voidPromise());
    unflushed = true;
  }

  final void flush() {
    writeOut();
    if (unflushed) {
      unflushed = false;
      context().flush();
    }
  }

  private void writeOut() {
    ByteBuf bytes = out;
    if (bytes != null) {
      out = null;
      context().write(bytes, context().voidPromise());
      unflushed = true;
    }
  }

  static void frame(ByteBuf to, int size, int type, int flags, int id) {
    to.writeMedium(size).writeByte(type).writeByte(flags).writeInt(id);
  }

  static void windowUpdate(ByteBuf to, int id, int increment) {
    frame(to, 4, WINDOW_UPDATE, 0, id);
    to.writeInt(increment);
  }

  @Override
  public final void channelRead(ChannelHandlerContext ctx, Object message) throws Http2Exception {
    ByteBuf in = (ByteBuf) message;
    try {
      while (in.isReadable()) step(in);
    } finally {
      ReferenceCountUtil.release(in);
    }
  }

  private void step(ByteBuf in) throws Http2Exception {
    if (preface > 0) {
      int skipped = Math.min(preface, in.readableBytes());
      in.skipBytes(skipped);
      preface -= skipped;
    } else if (headFilled < FRAME_HEADER) {
      head(in);
    } else if (type == DATA && (flags & PADDED) == 0) {
      piece(in);
    } else {
      put(in);
    }
  }

  private void head(ByteBuf in) throws Http2Exception {
    if (headFilled == 0 && in.readableBytes() >= FRAME_HEADER) {
      length = in.readUnsignedMedium();
      type = in.readUnsignedByte();
      flags = in.readUnsignedByte();
      stream = in.readInt() & Integer.MAX_VALUE;
      headFilled = FRAME_HEADER;
    } else {
      int b = in.readUnsignedByte();
      if (headFilled == 0) length = type = flags = stream = 0;
      if (headFilled < 3) length = length << 8 | b;
      else if (headFilled == 3) type = b;
      else if (headFilled == 4) flags = b;
      else stream = stream << 8 | b;
      headFilled++;
      if (headFilled < FRAME_HEADER) return;
      stream &= Integer.MAX_VALUE;
    }
    if (length > LARGEST_FRAME) throw new IllegalStateException("a frame of " + length + " bytes");
    left = length;
    if (type == DATA) received(length);
    if (length == 0) {
      if (type == DATA) {
        headFilled = 0;
        data(stream, in, 0, (flags & END_STREAM) != 0);
      } else {
        whole(in.slice(in.readerIndex(), 0));
      }
    }
  }

  private void piece(ByteBuf in) {
    int size = Math.min(left, in.readableBytes());
    int end = in.readerIndex() + size;
    left -= size;
    if (left == 0) headFilled = 0;
    data(stream, in, size, left == 0 && (flags & END_STREAM) != 0);
    in.readerIndex(end);
  }

  private void put(ByteBuf in) throws Http2Exception {
    ByteBuf kept = partial;
    if (kept == null && in.readableBytes() >= left) {
      whole(in.readSlice(left));
      return;
    }
    if (kept == null) {
      kept = context().alloc().buffer(left);
      partial = kept;
    }
    int size = Math.min(left, in.readableBytes());
    kept.writeBytes(in, size);
    left -= size;
    if (left == 0) {
      partial = null;
      try {
        whole(kept);
      } finally {
        kept.release();
      }
    }
  }

  private void whole(ByteBuf payload) throws Http2Exception {
    headFilled = 0;
    switch (type) {
      case DATA -> padded(payload);
      case HEADERS -> headersFrame(payload);
      case CONTINUATION -> headersPiece(payload);
      case RST_STREAM -> reset(stream, payload.readUnsignedInt());
      case SETTINGS -> settings(payload);
      case PING -> {
        if ((flags & ACK) == 0) {
          frame(out(), 8, PING, ACK, 0);
          out().writeBytes(payload, payload.readerIndex(), 8);
        }
      }
      case GOAWAY -> goAway(payload.readInt() & Integer.MAX_VALUE);
      case WINDOW_UPDATE -> window(stream, payload.readInt() & Integer.MAX_VALUE);
      default -> {} // PRIORITY, PUSH_PROMISE (never comes), extensions
    }
  }

  private void padded(ByteBuf payload) {
    int padding = payload.readUnsignedByte();
    data(stream, payload, payload.readableBytes() - padding, (flags & END_STREAM) != 0);
  }

  private void headersFrame(ByteBuf payload) throws Http2Exception {
    if ((flags & PADDED) != 0) {
      int padding = payload.readUnsignedByte();
      payload.writerIndex(payload.writerIndex() - padding);
    }
    if ((flags & PRIORITY) != 0) payload.skipBytes(5);
    blockEnds = (flags & END_STREAM) != 0;
    if ((flags & END_HEADERS) != 0) headers(stream, payload, blockEnds);
    else block = payload.copy();
  }

  private void headersPiece(ByteBuf payload) throws Http2Exception {
    ByteBuf begun = block;
    if (begun == null) throw new IllegalStateException("CONTINUATION of nothing");
    begun.writeBytes(payload);
    if ((flags & END_HEADERS) == 0) return;
    block = null;
    try {
      headers(stream, begun, blockEnds);
    } finally {
      begun.release();
    }
  }

  private void settings(ByteBuf payload) {
    if ((flags & ACK) != 0) return;
    while (payload.isReadable()) setting(payload.readUnsignedShort(), payload.readUnsignedInt());
    frame(out(), 0, SETTINGS, ACK, 0);
    settingsEnd();
  }

  private void received(int bytes) {
    received += bytes;
    if (received >= WINDOW_STEP) {
      windowUpdate(out(), 0, (int) received);
      received = 0;
    }
  }

  @Override
  public final void channelReadComplete(ChannelHandlerContext ctx) {
    readEnd();
    flush();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    ReferenceCountUtil.release(out);
    ReferenceCountUtil.release(partial);
    ReferenceCountUtil.release(block);
    out = null;
    partial = null;
    block = null;
  }
}
