package io.homespan.chaos;

import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Sends requests to nodes at random, and each again, whole, until it is answered OK: after the
 * node's hint, or after a back-off with jitter where nobody knows how it ended; to the same node or
 * to another. It takes a bounded number of requests.
 */
final class Sender {
  /** A node and its port for senders. */
  record Target(int node, String address) {}

  private static final long FIRST_BACK_OFF = 300;
  private static final long LONGEST_BACK_OFF = 5_000;
  private static final int LONGEST_DETAIL = 200;

  private final int id;
  private final Exporter exporter;
  private final Book attempts;
  private final Random random; // this sender's thread's
  private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();
  private final AtomicInteger waiting = new AtomicInteger();
  private final AtomicLong okSpans = new AtomicLong();
  private volatile List<Target> targets = List.of();

  Sender(int id, Exporter exporter, Book attempts, Random random) {
    this.id = id;
    this.exporter = exporter;
    this.attempts = attempts;
    this.random = random;
  }

  String name() {
    return exporter.name();
  }

  int waiting() {
    return waiting.get();
  }

  long okSpans() {
    return okSpans.get();
  }

  void members(List<Target> members) {
    targets = List.copyOf(members);
  }

  boolean hasRoom() {
    return waiting.get() < exporter.most();
  }

  void take(Batch batch) {
    waiting.incrementAndGet();
    thread.execute(() -> attempt(batch, 1, anyOf(targets)));
  }

  private Target anyOf(List<Target> members) {
    return members.get(random.nextInt(members.size()));
  }

  private void attempt(Batch batch, int number, Target target) {
    int begin = attempts.now();
    var unused =
        exporter
            .send(target.address(), batch)
            .exceptionally(e -> new Exporter.Result(Exporter.End.UNKNOWN, e.toString(), 0, 0))
            .thenAcceptAsync(result -> ended(batch, number, target, begin, result), thread);
  }

  private void ended(Batch batch, int number, Target target, int begin, Exporter.Result result) {
    int end = attempts.now();
    String said = result.detail();
    String detail = said.length() > LONGEST_DETAIL ? said.substring(0, LONGEST_DETAIL) : said;
    attempts.add(
        to -> {
          to.writeInt(batch.id);
          to.writeByte(id);
          to.writeByte(target.node());
          to.writeInt(begin);
          to.writeInt(end);
          to.writeByte(result.end().code);
          to.writeInt((int) result.rejected());
          to.writeUTF(detail);
        });
    if (result.end() == Exporter.End.OK) {
      okSpans.addAndGet(batch.numbers.length);
      waiting.decrementAndGet();
      return;
    }
    long backOff = Math.min(LONGEST_BACK_OFF, FIRST_BACK_OFF << Math.min(number, 5));
    long wait = Math.max(result.hintMillis(), backOff / 2 + random.nextLong(backOff));
    var unused =
        thread.schedule(
            () -> {
              List<Target> members = targets;
              boolean same = members.contains(target) && random.nextBoolean();
              attempt(batch, number + 1, same ? target : anyOf(members));
            },
            wait,
            TimeUnit.MILLISECONDS);
  }
}
