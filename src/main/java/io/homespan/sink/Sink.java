package io.homespan.sink;

import io.homespan.otlp.Part;
import io.vertx.core.Future;

/**
 * One place where kept spans go. Belongs to one verticle: every method is called on its event loop,
 * and every future completes there.
 */
interface Sink {
  /** Gets ready; a failure says in one line which key of the configuration is wrong. */
  Future<Void> open();

  /**
   * Keeps a part, and completes when it is as safe as this sink makes it; it never fails. Work that
   * was not begun at the deadline is refused with TIMEOUT; what is under way then may end later.
   *
   * @param deadline on the scale of the clock that the sink was made with, in nanoseconds
   */
  Future<Outcome> keep(Part part, long deadline);

  /** Finishes what it has, then closes. Nothing is kept after this call. */
  Future<Void> close();
}
