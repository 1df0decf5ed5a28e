package io.homespan.otlp;

import io.homespan.otlp.Cutter.Cut;
import io.homespan.otlp.Cutter.Owners;
import io.vertx.core.buffer.Buffer;

/** A way to cut requests: what decides on where a span goes. Not thread safe. */
public sealed interface Cutting permits Cutter, KeyCutter {
  /**
   * Cuts a serialized {@code ExportTraceServiceRequest}. If all its spans are valid and have one
   * owner, that owner's part is the request's own buffer.
   *
   * @throws MalformedException if the bytes are no such request, or one that would grow out of all
   *     proportion
   */
  Cut cut(Buffer request, Owners owners) throws MalformedException;
}
