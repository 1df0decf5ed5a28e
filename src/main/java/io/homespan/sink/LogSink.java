package io.homespan.sink;

import io.homespan.otlp.Part;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Prints how much came, and keeps nothing: a part is confirmed at once.
 *
 * <p>The first part after a quiet second is a line at once; what comes within the second after a
 * line is gathered into the next one. So one sees each request when few come, and a line a second
 * when many do.
 */
final class LogSink implements Sink {
  private static final Logger LOG = LoggerFactory.getLogger(LogSink.class);
  private static final long QUIET_MILLIS = 1000;
  private static final long NO_TIMER = -1;

  private final Vertx vertx;
  private long timer = NO_TIMER;
  private long parts;
  private long spans;
  private long bytes;

  LogSink(Vertx vertx) {
    this.vertx = vertx;
  }

  @Override
  public Future<Void> open() {
    return Future.succeededFuture();
  }

  @Override
  public Future<Outcome> keep(Part part, long deadline) {
    parts++;
    spans += part.spans();
    bytes += part.size();
    if (timer == NO_TIMER) print();
    return Future.succeededFuture(Outcome.CONFIRMED);
  }

  @Override
  public Future<Void> close() {
    if (timer != NO_TIMER) vertx.cancelTimer(timer);
    timer = NO_TIMER;
    if (parts > 0) line();
    return Future.succeededFuture();
  }

  private void print() {
    line();
    timer =
        vertx.setTimer(
            QUIET_MILLIS,
            id -> {
              timer = NO_TIMER;
              if (parts > 0) print();
            });
  }

  private void line() {
    LOG.info("kept spans={} bytes={} parts={}", spans, bytes, parts);
    parts = 0;
    spans = 0;
    bytes = 0;
  }
}
