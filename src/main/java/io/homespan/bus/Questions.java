package io.homespan.bus;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What one event loop's context has asked and is not answered yet. Questions whose time is up at
 * about the same time lie in one slot of a wheel that turns while there are any: a timer for each
 * would cost more than the question. Belongs to the event loop of the context.
 */
final class Questions {
  /** How late a question may be given up at most, beside what the event loop is late itself. */
  private static final long TICK_MILLIS = 10;

  private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(TICK_MILLIS);
  private static final int SLOTS = 1 << 10; // 10 s; what lasts longer is passed over by the way

  private final Vertx vertx;
  private final @Nullable Question<?>[] slots = new Question<?>[SLOTS];
  private int open;
  private boolean turning;
  private long turned; // the tick up to which it has been looked after

  private Questions(Vertx vertx) {
    this.vertx = vertx;
  }

  /** Those of a context and all its duplicates; made when it asks for the first time. */
  static Questions of(Vertx vertx, Context context) {
    Questions there = context.get(Questions.class);
    if (there != null) return there;
    Questions made = new Questions(vertx);
    context.put(Questions.class, made);
    return made;
  }

  /** Gives it up when its time is up, unless it is removed before. */
  void add(Question<?> question, long timeoutMillis) {
    long now = System.nanoTime();
    long due = Math.floorDiv(now + TimeUnit.MILLISECONDS.toNanos(timeoutMillis), TICK_NANOS) + 1;
    question.due = due;
    int slot = slot(due);
    Question<?> next = slots[slot];
    question.next = next;
    if (next != null) next.previous = question;
    slots[slot] = question;
    open++;
    if (turning) return;
    turned = Math.floorDiv(now, TICK_NANOS);
    turn();
  }

  /** Once for each question that was added. */
  void remove(Question<?> question) {
    Question<?> previous = question.previous;
    Question<?> next = question.next;
    if (previous == null) slots[slot(question.due)] = next;
    else previous.next = next;
    if (next != null) next.previous = previous;
    open--;
  }

  private static int slot(long tick) {
    return (int) tick & (SLOTS - 1);
  }

  private void turn() {
    turning = open > 0;
    if (turning) vertx.setTimer(TICK_MILLIS, id -> tick());
  }

  private void tick() {
    long now = Math.floorDiv(System.nanoTime(), TICK_NANOS);
    long from = Math.max(turned + 1, now - SLOTS + 1); // once round is enough
    turned = now;
    for (long tick = from; tick <= now; tick++) giveUp(slot(tick), now);
    turn();
  }

  private void giveUp(int slot, long now) {
    Question<?> question = slots[slot];
    while (question != null) {
      Question<?> next = question.next;
      if (question.due <= now) question.giveUp();
      question = next;
    }
  }
}
