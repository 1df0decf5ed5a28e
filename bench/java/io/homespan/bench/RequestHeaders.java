package io.homespan.bench;

import static io.homespan.bench.HeaderBlocks.literal;
import static io.homespan.bench.Http2Connection.END_HEADERS;
import static io.homespan.bench.Http2Connection.HEADERS;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;

/**
 * The headers of a call, encoded: in full for a connection's first, which puts them into the
 * dynamic table, and as indexes for all that follow; that is what gRPC clients send.
 */
final class RequestHeaders {
  private static final int PATH = 4;
  private static final int AUTHORITY = 1;
  private static final int CONTENT_TYPE = 31;
  private static final int USER_AGENT = 58;
  private static final int FIRST_DYNAMIC = 62;

  private final byte[] remembered;
  private final byte[] forgotten;
  private final byte[] indexed;

  RequestHeaders(boolean gzip) {
    remembered = full(true, gzip);
    forgotten = full(false, gzip);
    int fields = gzip ? 6 : 5;
    indexed = new byte[2 + fields];
    indexed[0] = remembered[0];
    indexed[1] = remembered[1];
    for (int i = 0; i < fields; i++) {
      indexed[2 + i] = (byte) (0x80 | FIRST_DYNAMIC + fields - 1 - i);
    }
  }

  private static byte[] full(boolean keep, boolean gzip) {
    ByteBuf block = HeaderBlocks.buffer();
    block.writeByte(0x83).writeByte(0x86); // :method POST, :scheme http
    literal(block, keep, PATH, SinkConnection.EXPORT);
    literal(block, keep, AUTHORITY, "bench.example:4317");
    literal(block, keep, CONTENT_TYPE, "application/grpc");
    literal(block, keep, "te", "trailers");
    literal(block, keep, USER_AGENT, "homespan-bench");
    if (gzip) literal(block, keep, "grpc-encoding", "gzip");
    byte[] bytes = ByteBufUtil.getBytes(block);
    block.release();
    return bytes;
  }

  /** The size of the frame that {@link #indexed} writes. */
  int indexedSize() {
    return Http2Connection.FRAME_HEADER + indexed.length;
  }

  void indexed(ByteBuf to) {
    frame(to, 0, indexed);
  }

  /**
   * A frame with all headers in full.
   *
   * @param keep whether the peer is to put them into its table
   */
  void full(ByteBuf to, int stream, boolean keep) {
    frame(to, stream, keep ? remembered : forgotten);
  }

  void indexed(ByteBuf to, int stream) {
    frame(to, stream, indexed);
  }

  private static void frame(ByteBuf to, int stream, byte[] block) {
    Http2Connection.frame(to, block.length, HEADERS, END_HEADERS, stream);
    to.writeBytes(block);
  }
}
