package io.homespan.rpc;

import static io.netty.handler.codec.http2.Http2Error.FRAME_SIZE_ERROR;
import static io.netty.handler.codec.http2.Http2Error.PROTOCOL_ERROR;
import static io.netty.handler.codec.http2.Http2Exception.connectionError;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.Http2Exception;

/** The names, heads and form of HTTP/2 frames (RFC 9113, sections 4 and 6). */
final class Frames {
  static final int HEAD = 9; // bytes before the payload of each frame

  static final int DATA = 0;
  static final int HEADERS = 1;
  static final int PRIORITY_FRAME = 2;
  static final int RST_STREAM = 3;
  static final int SETTINGS = 4;
  static final int PUSH_PROMISE = 5;
  static final int PING = 6;
  static final int GOAWAY = 7;
  static final int WINDOW_UPDATE = 8;
  static final int CONTINUATION = 9;

  static final int ACK = 0x1;
  static final int END_STREAM = 0x1;
  static final int END_HEADERS = 0x4;
  static final int PADDED = 0x8;
  static final int PRIORITY = 0x20;

  static final int HEADER_TABLE_SIZE = 1;
  static final int ENABLE_PUSH = 2;
  static final int MAX_CONCURRENT_STREAMS = 3;
  static final int INITIAL_WINDOW_SIZE = 4;
  static final int MAX_FRAME_SIZE = 5;
  static final int MAX_HEADER_LIST_SIZE = 6;

  /** Of every window, as long as nobody says otherwise. */
  static final int USUAL_WINDOW = 65_535;

  /** The largest payload, as long as nobody says otherwise. */
  static final int USUAL_PAYLOAD = 16_384;

  private Frames() {}

  static void head(ByteBuf to, int payload, int type, int flags, int stream) {
    to.writeMedium(payload).writeByte(type).writeByte(flags).writeInt(stream);
  }

  /** The same at an index, without moving the writer's. */
  static void head(ByteBuf to, int at, int payload, int type, int flags, int stream) {
    to.setMedium(at, payload).setByte(at + 3, type).setByte(at + 4, flags).setInt(at + 5, stream);
  }

  /** How many bytes there must be, as far as one can tell, before a frame is whole. */
  static int needed(ByteBuf in) throws Http2Exception {
    if (in.readableBytes() < HEAD) return HEAD;
    int size = in.getUnsignedMedium(in.readerIndex());
    if (size > USUAL_PAYLOAD) { // neither of our sides announces larger ones
      throw connectionError(FRAME_SIZE_ERROR, "a frame of %d bytes", size);
    }
    return HEAD + size;
  }

  /** Takes the length of the padding off the payload's beginning; counts it in. */
  static int padding(ByteBuf in, int size, int flags, int type) throws Http2Exception {
    if ((flags & PADDED) == 0) return 0;
    check(size >= 1, type);
    int padding = 1 + in.readUnsignedByte();
    if (padding > size) throw connectionError(PROTOCOL_ERROR, "padding without end");
    return padding;
  }

  static void check(boolean right, int type) throws Http2Exception {
    if (!right) throw connectionError(FRAME_SIZE_ERROR, "a malformed frame of type %d", type);
  }
}
