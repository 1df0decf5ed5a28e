package io.homespan.heartbeat;

import io.homespan.rpc.Message;
import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Bytes that are sent as they are. */
final class Payload implements Message {
  static final Payload NONE = new Payload(new byte[0]);

  private final byte[] bytes;

  /** The array is not copied. */
  Payload(byte[] bytes) {
    this.bytes = bytes;
  }

  boolean cameBackAs(Buffer answer) {
    return Arrays.equals(answer.getBytes(), bytes);
  }

  @Override
  public int size() {
    return bytes.length;
  }

  @Override
  public void writeTo(ByteBuffer out) {
    out.put(bytes);
  }
}
