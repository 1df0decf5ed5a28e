package io.homespan.otlp;

import io.vertx.core.buffer.Buffer;

/**
 * What one request has for one owner.
 *
 * @param id recognises a repeat
 * @param bytes serialized {@code resource_spans} fields: in itself a whole {@code
 *     ExportTraceServiceRequest}. Shared by reference between event loops, so never written to
 * @param spans how many spans are in it, at least 1
 */
public record Part(PartId id, Buffer bytes, int spans) {
  /** Refuses a part without spans. */
  public Part {
    if (spans < 1) throw new IllegalArgumentException("a part of " + spans + " spans");
  }

  /** Its size in bytes. */
  public int size() {
    return bytes.length();
  }
}
