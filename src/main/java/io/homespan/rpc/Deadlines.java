package io.homespan.rpc;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Calls in the order in which their time is up, and one timer for all of them: most calls end long
 * before, and a timer for each would cost more than the rest of its book-keeping. Belongs to one
 * event loop.
 */
final class Deadlines {
  private final EventLoop loop;
  private final Consumer<Call> up;
  private @Nullable Call first;
  private @Nullable Call last;
  private @Nullable ScheduledFuture<?> timer;
  private long timerAt;

  /**
   * Sets no timer yet.
   *
   * @param up hears of each call whose time is up
   */
  Deadlines(EventLoop loop, Consumer<Call> up) {
    this.loop = loop;
    this.up = up;
  }

  /** Calls mostly have the same time-out, so its place is mostly the last. */
  void add(Call call, long now) {
    Call before = last;
    while (before != null && before.deadline - call.deadline > 0) before = before.earlier;
    Call after = before == null ? first : before.later;
    call.earlier = before;
    call.later = after;
    if (before == null) first = call;
    else before.later = call;
    if (after == null) last = call;
    else after.earlier = call;
    if (timer != null && timerAt - call.deadline <= 0) return;
    if (timer != null) timer.cancel(false);
    set(call.deadline, now);
  }

  /** Once for each call that was added, unless its time was up. */
  void remove(Call call) {
    Call before = call.earlier;
    Call after = call.later;
    if (before == null) first = after;
    else before.later = after;
    if (after == null) last = before;
    else after.earlier = before;
    call.earlier = null;
    call.later = null;
  }

  /** No call is left. */
  void close() {
    if (timer != null) timer.cancel(false);
    timer = null;
  }

  private void set(long at, long now) {
    timerAt = at;
    timer = loop.schedule(this::due, Math.max(0, at - now), TimeUnit.NANOSECONDS);
  }

  /** The call that it was set for has mostly ended; the next one is due much later. */
  private void due() {
    timer = null;
    long now = System.nanoTime();
    for (Call call = first; call != null && call.deadline - now <= 0; call = first) up.accept(call);
    if (first != null && timer == null) set(first.deadline, now);
  }
}
