package io.homespan.ingest;

import io.homespan.otlp.ExportResponse;
import io.vertx.core.buffer.Buffer;

/** Writes the one answer to a request in the caller's protocol, and counts it. */
sealed interface Answer permits GrpcAnswer, HttpAnswer {
  /** The export as a whole succeeded; spans may have been rejected for good. */
  void accepted(Verdict verdict);

  /** The request is not taken. */
  void rejected(Rejection rejection);

  /** Whether nobody waits for it any more. */
  boolean isClosed();

  /** Nobody reads the request any more: each of its spans is somewhere else, or copied. */
  void spent();

  /** What protobuf says of a success. */
  static Buffer message(Verdict verdict) {
    return verdict.rejected() == 0 && verdict.message().isEmpty()
        ? ExportResponse.ok()
        : ExportResponse.partial(verdict.rejected(), verdict.message());
  }
}
