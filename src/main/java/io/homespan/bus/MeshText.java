package io.homespan.bus;

import io.vertx.core.buffer.Buffer;
import java.util.Iterator;

/**
 * What all nodes have measured, as JSON in UTF-8. It grows with the square of the tier, so nobody
 * holds the whole text: who tells it takes a piece, and the next one when that is gone. Immutable;
 * any thread may ask.
 */
public interface MeshText {
  /**
   * All of it, from the beginning. A piece is made when it is taken, which takes a moment: not on
   * an event loop. The iterator is not thread safe.
   */
  Iterator<Buffer> pieces();
}
