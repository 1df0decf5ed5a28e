package io.homespan.bus;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import io.vertx.core.internal.ContextInternal;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * One question on its way over the bus, which carries the way of its answer with it: the bus' own
 * way back would register an address for each. May be answered on any thread; the asker hears it on
 * the context where it asked, at once if that is on the same event loop. The only class of the
 * package that knows the inside of Vert.x, which has no other way to tell that.
 */
final class Question<A> {
  private final ContextInternal context;
  private final Questions open;
  private final String address;
  private final Object message;
  private final Class<A> type;
  private final Promise<A> promise;
  private boolean ended;

  /** In {@link Questions}: the tick when it is given up, and its neighbours. */
  long due;

  @Nullable Question<?> previous;
  @Nullable Question<?> next;

  private Question(
      ContextInternal context, Questions open, String address, Object message, Class<A> type) {
    this.context = context;
    this.open = open;
    this.address = address;
    this.message = message;
    this.type = type;
    this.promise = context.promise();
  }

  /** Belongs to the context of the caller; its time runs from now. */
  static <A> Question<A> of(
      Vertx vertx, String address, Object message, Class<A> type, long timeoutMillis) {
    ContextInternal context = (ContextInternal) vertx.getOrCreateContext();
    Questions open = Questions.of(vertx, context);
    Question<A> question = new Question<>(context, open, address, message, type);
    if (context.inThread()) open.add(question, timeoutMillis);
    else context.execute(question, asked -> open.add(asked, timeoutMillis));
    return question;
  }

  Object message() {
    return message;
  }

  /** Fails with a {@link ReplyException}. */
  Future<A> future() {
    return promise.future();
  }

  /** The first end counts. */
  void answer(@Nullable Object reply) {
    if (reply != null && !type.isInstance(reply)) {
      fail(new ClassCastException("an answer from " + address + " is a " + reply.getClass()));
      return;
    }
    hand(asked -> asked.end(type.cast(reply), null));
  }

  /** The first end counts. */
  void fail(Throwable cause) {
    Throwable failure =
        cause instanceof ReplyException
            ? cause
            : new ReplyException(ReplyFailure.RECIPIENT_FAILURE, 1, cause.toString());
    hand(asked -> asked.end(null, failure));
  }

  private void hand(Handler<Question<A>> end) {
    try {
      context.execute(this, end);
    } catch (RejectedExecutionException e) {
      // the asker's event loop has ended, and nobody is left to hear it
    }
  }

  /** Its time is up. On the asker's event loop. */
  void giveUp() {
    end(null, new ReplyException(ReplyFailure.TIMEOUT, "no answer in time from " + address));
  }

  private void end(@Nullable A reply, @Nullable Throwable failure) {
    if (ended) return;
    ended = true;
    open.remove(this);
    if (failure == null) promise.complete(reply);
    else promise.fail(failure);
  }
}
