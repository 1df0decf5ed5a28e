package io.homespan.rpc;

import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;

/**
 * What a call sends. It writes itself into the memory that goes to the socket, so that its bytes
 * are copied once on their way out.
 */
public interface Message {
  /** How many bytes {@link #writeTo} puts. */
  int size();

  /** Puts its bytes at the position; there is room for exactly {@link #size} of them. */
  void writeTo(ByteBuffer out);

  /** These bytes, which stay as they are until the call has ended. */
  static Message of(Buffer bytes) {
    return new Message() {
      @Override
      public int size() {
        return bytes.length();
      }

      @Override
      public void writeTo(ByteBuffer out) {
        out.put(bytes.getBytes());
      }
    };
  }
}
