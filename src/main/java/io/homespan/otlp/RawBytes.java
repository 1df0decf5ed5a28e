package io.homespan.otlp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import java.nio.ByteBuffer;

/**
 * Between {@link Buffer} and arrays without a copy. The only class of the package that knows the
 * inside of Vert.x: {@code getBytes()} and {@code Buffer.buffer(byte[])} both copy.
 */
final class RawBytes {
  private RawBytes() {}

  /** The bytes of a buffer, with an array under them; to be read only. */
  static ByteBuffer of(Buffer buffer) {
    ByteBuf inside = ((BufferInternal) buffer).getByteBuf();
    if (!inside.hasArray()) return ByteBuffer.wrap(buffer.getBytes());
    int from = inside.arrayOffset() + inside.readerIndex();
    return ByteBuffer.wrap(inside.array(), from, inside.readableBytes());
  }

  /** A buffer over the array itself, which must not be written to any more. */
  static Buffer wrap(byte[] bytes) {
    return BufferInternal.buffer(Unpooled.wrappedBuffer(bytes));
  }
}
