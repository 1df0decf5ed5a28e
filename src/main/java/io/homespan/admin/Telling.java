package io.homespan.admin;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * Writes an answer that is too large to be held: a piece is made, off the event loop, when the one
 * before has left for the reader, however slow that is. Belongs to the event loop of the answer.
 */
final class Telling {
  private final Vertx vertx;
  private final HttpServerResponse to;
  private final Iterator<Buffer> pieces;
  private final Promise<Void> done = Promise.promise();

  private Telling(Vertx vertx, HttpServerResponse to, Iterator<Buffer> pieces) {
    this.vertx = vertx;
    this.to = to;
    this.pieces = pieces;
  }

  /** Completes when all has left; fails when the reader has gone, or a piece can't be made. */
  static Future<Void> tell(Vertx vertx, HttpServerResponse to, Iterator<Buffer> pieces) {
    Telling telling = new Telling(vertx, to, pieces);
    to.setChunked(true);
    telling.next();
    return telling.done.future();
  }

  private void next() {
    vertx.executeBlocking(this::piece, false).onComplete(this::write, done::fail);
  }

  private @Nullable Buffer piece() {
    return pieces.hasNext() ? pieces.next() : null;
  }

  private void write(@Nullable Buffer piece) {
    if (to.closed()) done.fail("the reader has gone");
    else if (piece == null) to.end().onComplete(done);
    else to.write(piece).onComplete(written -> next(), done::fail);
  }
}
