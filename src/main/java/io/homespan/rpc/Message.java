package io.homespan.rpc;

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
}
