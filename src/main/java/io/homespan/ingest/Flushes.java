package io.homespan.ingest;

import io.netty.handler.flush.FlushConsolidationHandler;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.impl.HttpServerConnection;

/**
 * Has the answers on a connection leave together: Vert.x flushes each answer by itself, but the
 * parts of many requests are confirmed in one turn of the event loop, and each flush is a system
 * call. The only class of the package that knows the inside of Vert.x, which has no setting for
 * this.
 */
final class Flushes {
  /** So many answers wait for one another at most. */
  private static final int MOST = 64;

  private Flushes() {}

  /** To be called once, when the connection has come; what is not Vert.x's own stays as it is. */
  static void gather(HttpConnection connection) {
    if (!(connection instanceof HttpServerConnection ours)) return;
    ours.channelHandlerContext()
        .pipeline()
        .addFirst("flushes", new FlushConsolidationHandler(MOST, true));
  }
}
