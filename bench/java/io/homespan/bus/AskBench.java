package io.homespan.bus;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.internal.VertxInternal;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a hand-over costs: a question on the bus and its answer, one after the other, between two
 * contexts of one event loop or of two; and for comparison a bare hop to a context and back.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class AskBench {
  private static final int ROUNDS = 20_000;
  private static final long TIMEOUT_MILLIS = 10_000;
  private static final Topic<String, String> HERE = new Topic<>("here", String.class, String.class);
  private static final Topic<String, String> THERE =
      new Topic<>("there", String.class, String.class);

  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(2));
  private final Context asker = loop(vertx);
  private final Context other = loop(vertx);

  /** An event loop of its own each time: they are dealt in turn. */
  private static Context loop(Vertx vertx) {
    return ((VertxInternal) vertx).createEventLoopContext();
  }

  /** Puts one who answers on each loop. */
  @Setup
  public void listen() throws InterruptedException {
    Topic.register(vertx);
    asker.runOnContext(go -> HERE.answer(vertx, Future::succeededFuture));
    other.runOnContext(go -> THERE.answer(vertx, Future::succeededFuture));
    CountDownLatch both = new CountDownLatch(2);
    asker.runOnContext(go -> both.countDown());
    other.runOnContext(go -> both.countDown());
    both.await();
  }

  /** Ends the loops. */
  @TearDown
  public void close() {
    vertx.close().await();
  }

  /** As a node hands over: who asks and who answers are on one event loop. */
  @Benchmark
  @OperationsPerInvocation(ROUNDS)
  public void askOnOneLoop() throws InterruptedException {
    CountDownLatch done = new CountDownLatch(1);
    asker.runOnContext(go -> ask(HERE, ROUNDS, done));
    done.await();
  }

  /** Who answers is on another event loop, which must be woken for each question. */
  @Benchmark
  @OperationsPerInvocation(ROUNDS)
  public void askAcrossLoops() throws InterruptedException {
    CountDownLatch done = new CountDownLatch(1);
    asker.runOnContext(go -> ask(THERE, ROUNDS, done));
    done.await();
  }

  /** No bus: a task for one's own event loop. */
  @Benchmark
  @OperationsPerInvocation(ROUNDS)
  public void hopOnOneLoop() throws InterruptedException {
    CountDownLatch done = new CountDownLatch(1);
    asker.runOnContext(go -> hop(asker, asker, ROUNDS, done));
    done.await();
  }

  /** No bus: a task for another event loop, and one back. */
  @Benchmark
  @OperationsPerInvocation(ROUNDS)
  public void hopThereAndBack() throws InterruptedException {
    CountDownLatch done = new CountDownLatch(1);
    asker.runOnContext(go -> hop(other, asker, 2 * ROUNDS, done));
    done.await();
  }

  /** Not by composing, as that would keep a chain of all the futures. */
  private void ask(Topic<String, String> topic, int rounds, CountDownLatch done) {
    if (rounds == 0) {
      done.countDown();
      return;
    }
    topic.ask(vertx, "?", TIMEOUT_MILLIS).onSuccess(answer -> ask(topic, rounds - 1, done));
  }

  private static void hop(Context next, Context after, int rounds, CountDownLatch done) {
    if (rounds == 0) done.countDown();
    else next.runOnContext(go -> hop(after, next, rounds - 1, done));
  }
}
