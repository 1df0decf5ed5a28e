package io.homespan.discovery;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/** Asks one provider again and again. Belongs to the context that starts it. */
final class LookupLoop {
  private final Vertx vertx;
  private final PeerProvider provider;
  private final RefreshSchedule schedule;
  private final RandomGenerator random;
  private final Consumer<PeerProvider.Found> onFound;
  private final BiConsumer<String, String> onMissed;
  private long timer;
  private int failures;
  private boolean stopped;

  /** {@code onMissed} gets the failure's name and what the provider said of it. */
  LookupLoop(
      Vertx vertx,
      PeerProvider provider,
      RefreshSchedule schedule,
      RandomGenerator random,
      Consumer<PeerProvider.Found> onFound,
      BiConsumer<String, String> onMissed) {
    this.vertx = vertx;
    this.provider = provider;
    this.schedule = schedule;
    this.random = random;
    this.onFound = onFound;
    this.onMissed = onMissed;
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
    onFound.accept(found);
  }

  private void missed(Throwable cause) {
    if (stopped) return;
    failures++;
    again(schedule.afterFailure(failures, random.nextDouble()));
    if (cause instanceof LookupException known) {
      onMissed.accept(known.failure(), String.valueOf(known.getMessage()));
    } else {
      onMissed.accept("error", cause.toString());
    }
  }

  private void again(Duration wait) {
    timer = vertx.setTimer(Math.max(1, wait.toMillis()), id -> start());
  }

  void stop() {
    stopped = true; // a look-up may be under way; it must not set the timer again
    vertx.cancelTimer(timer);
    provider.close();
  }
}
