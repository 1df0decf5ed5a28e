package io.homespan.discovery;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

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

  /**
   * What was told and not heard yet: the last set, and the failure after it if there was one.
   *
   * @param found null: none
   * @param missed null: none since
   * @param agents the last set of them; null: none
   */
  private record News(
      @Nullable Consumer<PeerProvider.Listener> found,
      @Nullable LookupException missed,
      @Nullable List<PeerProvider.Agent> agents) {
    static final News NONE = new News(null, null, null);

    News with(List<PeerProvider.Agent> others) {
      return new News(found, missed, others);
    }
  }

  /**
   * Brings what is told to the context. However fast a provider tells, no more than one {@link
   * News} waits: what is newer takes its place.
   */
  private final class Ear implements PeerProvider.Listener {
    private final AtomicReference<@Nullable News> waiting = new AtomicReference<>();

    @Override
    public void found(PeerProvider.Found found) {
      // what is told holds until something else is, and is not asked for again
      Consumer<PeerProvider.Listener> set =
          to -> to.found(found == null ? found : withoutTtl(found));
      hear(before -> new News(set, null, before == null ? null : before.agents()));
    }

    private static PeerProvider.Found withoutTtl(PeerProvider.Found found) {
      return new PeerProvider.Found(found.addresses(), null, found.notes());
    }

    @Override
    public void missed(LookupException why) {
      hear(
          before ->
              before == null
                  ? new News(null, why, null)
                  : new News(before.found(), why, before.agents()));
    }

    @Override
    public void agents(List<PeerProvider.Agent> agents) {
      List<PeerProvider.Agent> all = List.copyOf(agents);
      hear(before -> (before == null ? News.NONE : before).with(all));
    }

    private void hear(UnaryOperator<@Nullable News> next) {
      boolean first = waiting.getAndUpdate(next) == null;
      boolean here = Context.isOnEventLoopThread() && Vertx.currentContext() == context;
      if (here) pass();
      else if (first) context.runOnContext(go -> pass());
    }

    private void pass() {
      News news = waiting.getAndSet(null);
      if (news == null || stopped) return; // the former: it was heard with what came later
      if (news.agents() != null) listener.agents(news.agents());
      if (news.found() != null) news.found().accept(listener);
      if (news.missed() != null) listener.missed(news.missed());
    }
  }
}
