package io.homespan.discovery;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * What one provider gives, whether it tells or must be asked again and again. What it throws is a
 * failure like any other, and what it tells on a thread of its own is heard on the context that
 * made this.
 */
final class Feed {
  private final Vertx vertx;
  private final Context context;
  private final PeerProvider provider;
  private final RefreshSchedule schedule;
  private final RandomGenerator random;
  private final PeerProvider.Listener listener;
  private final LookupLoop loop;
  private long timer;
  private int failures;
  private boolean stopped;

  Feed(
      Vertx vertx,
      PeerProvider provider,
      RefreshSchedule schedule,
      RandomGenerator random,
      PeerProvider.Listener listener) {
    this.vertx = vertx;
    this.context = vertx.getOrCreateContext();
    this.provider = provider;
    this.schedule = schedule;
    this.random = random;
    this.listener = listener;
    this.loop = new LookupLoop(vertx, provider, schedule, random, listener);
  }

  void start() {
    Future.succeededFuture()
        .compose(go -> begin(new Ear()))
        .onComplete(this::started, this::notStarted);
  }

  private Future<Boolean> begin(PeerProvider.Listener ear) {
    return provider instanceof GuardedProvider guarded
        ? guarded.begin(ear)
        : Future.succeededFuture(provider.start(ear));
  }

  private void started(boolean tells) {
    if (!stopped && !tells) loop.start();
  }

  private void notStarted(Throwable cause) {
    if (stopped) return;
    failures++;
    long wait = schedule.afterFailure(failures, random.nextDouble()).toMillis();
    timer = vertx.setTimer(Math.max(1, wait), id -> start());
    listener.missed(LookupLoop.failure(cause));
  }

  /** Nothing is asked or heard any more. The provider stays open. */
  void stop() {
    stopped = true;
    vertx.cancelTimer(timer);
    loop.stop();
  }

  /** Brings what is told to the context. */
  private final class Ear implements PeerProvider.Listener {
    @Override
    public void found(PeerProvider.Found found) {
      // what is told holds until something else is, and is not asked for again
      hear(to -> to.found(found == null ? found : withoutTtl(found)));
    }

    private static PeerProvider.Found withoutTtl(PeerProvider.Found found) {
      return new PeerProvider.Found(found.addresses(), null, found.notes());
    }

    @Override
    public void missed(LookupException why) {
      hear(to -> to.missed(why));
    }

    private void hear(Consumer<PeerProvider.Listener> news) {
      boolean here = Context.isOnEventLoopThread() && Vertx.currentContext() == context;
      if (here) pass(news);
      else context.runOnContext(go -> pass(news));
    }

    private void pass(Consumer<PeerProvider.Listener> news) {
      if (!stopped) news.accept(listener);
    }
  }
}
