package io.homespan.report;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What waits for one reporter's thread: so many at most, and the oldest goes when there is one
 * more. Any thread may use it, and holds it for a moment only.
 */
final class Waiting<T> {
  private final int most;
  private final Deque<T> fresh = new ArrayDeque<>();
  private final Deque<T> again = new ArrayDeque<>(); // older than all that is fresh
  private boolean ended;

  Waiting(int most) {
    this.most = most;
  }

  /** How many had to go for it: none or one. */
  synchronized int add(T one) {
    fresh.addLast(one);
    notifyAll();
    return cut();
  }

  /** Takes back what could not be handed on. How many had to go for it: none or one. */
  synchronized int putBack(T one) {
    again.addLast(one);
    notifyAll();
    return cut();
  }

  private int cut() {
    if (size() <= most) return 0;
    next();
    return 1;
  }

  private T next() {
    return again.isEmpty() ? fresh.removeFirst() : again.removeFirst();
  }

  /** The oldest ones, none if nothing comes in time or all has ended. */
  synchronized List<T> take(int atMost, long nanos) throws InterruptedException {
    long end = System.nanoTime() + nanos;
    while (size() == 0 && !ended) {
      long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      if (left <= 0) break;
      wait(left);
    }
    List<T> some = new ArrayList<>();
    while (size() > 0 && some.size() < atMost) some.add(next());
    return some;
  }

  synchronized int size() {
    return fresh.size() + again.size();
  }

  /** Nobody waits for more from now on. */
  synchronized void end() {
    ended = true;
    notifyAll();
  }

  /** Forgets all; how many there were. */
  synchronized int clear() {
    int gone = size();
    fresh.clear();
    again.clear();
    return gone;
  }
}
