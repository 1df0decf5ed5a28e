package io.homespan.discovery;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.random.RandomGenerator;

/** Asks one provider again and again. Belongs to the context that starts it. */
final class LookupLoop {
  private final Vertx vertx;
  private final PeerProvider provider;
  private final RefreshSchedule schedule;
  private final RandomGenerator random;
  private final PeerProvider.Listener listener;
  private long timer;
  private int failures;
  private boolean stopped;

  LookupLoop(
      Vertx vertx,
      PeerProvider provider,
      RefreshSchedule schedule,
      RandomGenerator random,
      PeerProvider.Listener listener) {
    this.vertx = vertx;
    this.provider = provider;
    this.schedule = schedule;
    this.random = random;
    this.listener = listener;
  }

  void start() {
    Future.succeededFuture()
        .compose(go -> provider.find()) // what it throws is a failure too
        .onComplete(this::found, this::missed);
  }

  private void found(PeerProvider.Found found) {
    if (stopped) return;
    failures = 0;
    if (found.ttl() != null) again(schedule.afterAnswer(found.ttl(), random.nextDouble()));
    listener.found(found);
  }

  private void missed(Throwable cause) {
    if (stopped) return;
    failures++;
    again(schedule.afterFailure(failures, random.nextDouble()));
    listener.missed(failure(cause));
  }

  static LookupException failure(Throwable cause) {
    return cause instanceof LookupException known
        ? known
        : new LookupException("error", cause.toString());
  }

  private void again(Duration wait) {
    timer = vertx.setTimer(Math.max(1, wait.toMillis()), id -> start());
  }

  /** Asks no more. The provider stays open. */
  void stop() {
    stopped = true; // a look-up may be under way; it must not set the timer again
    vertx.cancelTimer(timer);
  }
}
