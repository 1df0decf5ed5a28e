package io.homespan.ingest;

import io.vertx.core.buffer.Buffer;

/**
 * Bytes of a request as they come in. What comes in one piece stays that piece; what comes in
 * several is put together in memory of the right size, if that is told and not too good to be true.
 */
final class Inflow {
  /** Room for more than this is made as bytes come, not because a caller says they will. */
  private static final long MAX_TRUST = 128 << 10;

  private static final Buffer NOTHING = Buffer.buffer();

  private Buffer bytes = NOTHING;
  private boolean ours; // not the network's piece

  int length() {
    return bytes.length();
  }

  /** What has come. Nothing may be added after. */
  Buffer bytes() {
    return bytes;
  }

  /**
   * Adds a piece.
   *
   * @param total how many bytes are said to come in all, before and after included; 0: not said
   */
  void add(Buffer piece, long total) {
    if (bytes.length() == 0) {
      bytes = piece;
      return;
    }
    if (!ours) {
      int least = bytes.length() + piece.length();
      int room = total > least && total <= MAX_TRUST ? (int) total : least;
      bytes = Buffer.buffer(room).appendBuffer(bytes);
      ours = true;
    }
    bytes.appendBuffer(piece);
  }
}
