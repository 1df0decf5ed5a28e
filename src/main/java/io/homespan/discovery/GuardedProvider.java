package io.homespan.discovery;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A provider of somebody else's making, which may do what it should not: it is made and called on a
 * worker thread of its own, for a limited time, and what it answers is looked at first. While one
 * call blocks that thread no other is made. Belongs to the context that made it.
 */
final class GuardedProvider implements PeerProvider {
  private final String kind;
  private final Supplier<PeerProvider> maker;
  private final Duration limit;
  private final Context context;
  private final WorkerExecutor worker;
  private volatile @Nullable PeerProvider made;
  private @Nullable Future<Boolean> begun;
  private boolean busy;

  GuardedProvider(Vertx vertx, String kind, Supplier<PeerProvider> maker, Duration limit) {
    this.kind = kind;
    this.maker = maker;
    this.limit = limit;
    this.context = vertx.getOrCreateContext();
    // of its own, or one that hangs would hold up the one that replaces it
    String name = "homespan-provider-" + kind + "-" + UUID.randomUUID();
    this.worker = vertx.createSharedWorkerExecutor(name, 1);
  }

  @Override
  public String kind() {
    return kind;
  }

  /** As {@link #start}, which may take its time here. */
  Future<Boolean> begin(Listener listener) {
    if (begun == null || begun.failed()) {
      begun = call(() -> provider().start(listener)); // one that is late is not begun twice
    }
    return within(begun);
  }

  private PeerProvider provider() throws LookupException {
    PeerProvider provider = made == null ? maker.get() : made;
    if (provider == null) throw new LookupException("error", "create() returned null");
    made = provider;
    return provider;
  }

  @Override
  public Future<Found> find() {
    return within(call(() -> provider().find()).compose(found -> present(found, "find()")))
        .compose(found -> present(found == null ? null : Future.succeededFuture(found), "find()"));
  }

  @Override
  public Future<Void> leave() {
    return end(PeerProvider::leave);
  }

  @Override
  public Future<Void> close() {
    return end(PeerProvider::close).eventually(worker::close);
  }

  private Future<Void> end(java.util.function.Function<PeerProvider, Future<Void>> ending) {
    PeerProvider provider = made;
    if (provider == null) return Future.succeededFuture();
    // behind a call that is under way, and not instead of one: it must have its say
    return within(
        worker
            .executeBlocking(() -> ending.apply(provider), false)
            .compose(ended -> ended == null ? Future.succeededFuture() : ended));
  }

  private static <T> Future<T> present(@Nullable Future<T> answer, String call) {
    return answer == null
        ? Future.failedFuture(new LookupException("error", call + " returned null"))
        : answer;
  }

  private <T> Future<T> call(Callable<T> call) {
    if (busy) {
      return Future.failedFuture(new LookupException("timeout", "is still at its last call"));
    }
    busy = true;
    return worker.executeBlocking(call, false).onComplete(done -> busy = false);
  }

  /** Within the limit, and heard on the context, wherever it comes from. */
  private <T> Future<T> within(Future<T> answer) {
    Promise<T> heard = Promise.promise();
    answer
        .timeout(limit.toMillis(), TimeUnit.MILLISECONDS)
        .onComplete(
            value -> context.runOnContext(go -> heard.complete(value)),
            cause -> context.runOnContext(go -> heard.fail(plain(cause))));
    return heard.future();
  }

  private static Throwable plain(Throwable cause) {
    return cause instanceof TimeoutException
        ? new LookupException("timeout", "no answer within discovery.look_up_timeout")
        : cause;
  }
}
