package io.homespan.heartbeat;

import io.homespan.bus.MeshQuestion;
import io.homespan.bus.MeshText;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Matrices that were gathered a moment ago: all who ask for a window within a second are told the
 * same. Belongs to one event loop.
 */
final class Matrices {
  private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** Windows at a time; there are three. */
  private static final int MOST_WINDOWS = 8;

  private static final String FULL =
      MOST_WINDOWS
          + " windows are asked for at this moment: ask for one of 60, 600 and 3600, or come again in"
          + " a second.";

  private final Vertx vertx;
  private final Function<Duration, Future<MeshText>> gathering;
  private final Map<Duration, Told> told = new HashMap<>();

  private record Told(long at, Future<MeshText> all) {}

  /**
   * None yet.
   *
   * @param gathering asks the tier, for one window
   */
  Matrices(Vertx vertx, Function<Duration, Future<MeshText>> gathering) {
    this.vertx = vertx;
    this.gathering = gathering;
  }

  /** Fails with {@link MeshQuestion#FULL} while too many others are asked for. */
  Future<MeshText> of(Duration window) {
    long now = System.nanoTime();
    Told before = told.get(window);
    if (before != null && now - before.at() < FRESH_NANOS) return before.all();
    if (told.size() >= MOST_WINDOWS) {
      return Future.failedFuture(
          new ReplyException(ReplyFailure.RECIPIENT_FAILURE, MeshQuestion.FULL, FULL));
    }
    Told made = new Told(now, gathering.apply(window));
    told.put(window, made);
    // megabytes at 200 nodes: nobody keeps it for longer than it is told
    vertx.setTimer(1 + TimeUnit.NANOSECONDS.toMillis(FRESH_NANOS), id -> told.remove(window, made));
    return made.all();
  }
}
