package io.homespan.otlp;

import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;

/**
 * What one request has for one owner: serialized {@code resource_spans} fields, in themselves a
 * whole {@code ExportTraceServiceRequest}. Its bytes stay where they arrived, in the request, until
 * it is written out; so a part keeps its request in memory.
 *
 * <p>Immutable, as it is shared by reference between event loops.
 */
public final class Part {
  private final PartId id;
  private final Excerpt bytes;
  private final int spans;

  /**
   * A part whose bytes lie side by side already.
   *
   * @param id recognises a repeat
   * @param bytes never written to from here on
   * @param spans how many spans are in it, at least 1
   */
  public Part(PartId id, Buffer bytes, int spans) {
    this(id, Excerpt.all(bytes), spans);
  }

  Part(PartId id, Excerpt bytes, int spans) {
    if (spans < 1) throw new IllegalArgumentException("a part of " + spans + " spans");
    this.id = id;
    this.bytes = bytes;
    this.spans = spans;
  }

  /** Recognises a repeat. */
  public PartId id() {
    return id;
  }

  /** How many spans are in it, at least 1. */
  public int spans() {
    return spans;
  }

  /** Its size in bytes. */
  public int size() {
    return bytes.size();
  }

  /** Its bytes side by side, to be read only. Copies them unless they lay so already. */
  public Buffer bytes() {
    return bytes.toBuffer();
  }

  /**
   * Puts its bytes at the position; they are {@link #size} many. May scribble on what stands behind
   * them, up to the limit.
   */
  public void writeTo(ByteBuffer out) {
    bytes.writeTo(out);
  }
}
