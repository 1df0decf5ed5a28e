package io.homespan.sink;

import static io.homespan.sink.TestParts.part;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What every sink promises. */
abstract class SinkContract {
  private static final long MINUTE = SECONDS.toNanos(60);

  final Vertx vertx = Vertx.vertx();
  private final Context context = vertx.getOrCreateContext();

  /** A new sink that can keep; called on the event loop. */
  abstract Sink sink() throws Exception;

  /** The names of the spans that have arrived; null for a sink that keeps nothing. */
  abstract @Nullable List<String> arrived() throws Exception;

  @AfterEach
  void closeVertx() throws Exception {
    await(vertx.close());
  }

  @Test
  void whatIsConfirmed_hasArrived_onceEach() throws Exception {
    Sink sink = open();
    for (Future<Outcome> kept : keep(sink, 0, 200)) {
      assertThat(await(kept)).isEqualTo(Outcome.CONFIRMED);
    }
    assertArrived(names(0, 200));
    await(on(sink::close));
  }

  @Test
  void closing_finishesWhatWasAskedBefore_andLetsGo() throws Exception {
    Sink sink = open();
    List<Future<Outcome>> kept = keep(sink, 0, 50);
    await(on(sink::close));
    for (Future<Outcome> outcome : kept) assertThat(await(outcome)).isEqualTo(Outcome.CONFIRMED);
    assertArrived(names(0, 50));
    await(on(open()::close));
  }

  @Test
  void anIdleSink_closes() throws Exception {
    await(on(open()::close));
    assertArrived(List.of());
  }

  @Test
  void outcomesComeOnTheEventLoop() throws Exception {
    Sink sink = open();
    Promise<Context> on = Promise.promise();
    context.runOnContext(
        go ->
            sink.keep(part(1, 1), System.nanoTime() + MINUTE)
                .onComplete(kept -> on.complete(Vertx.currentContext())));
    assertThat(await(on.future())).isEqualTo(context);
    await(on(sink::close));
  }

  private void assertArrived(List<String> names) throws Exception {
    List<String> arrived = arrived();
    if (arrived != null) assertThat(arrived).containsExactlyInAnyOrderElementsOf(names);
  }

  private Sink open() throws Exception {
    Sink sink = on(this::sink);
    await(on(sink::open));
    return sink;
  }

  private List<Future<Outcome>> keep(Sink sink, int from, int to) throws Exception {
    return on(
        () -> {
          List<Future<Outcome>> kept = new ArrayList<>();
          for (int i = from; i < to; i++) {
            kept.add(sink.keep(part(i, 1), System.nanoTime() + MINUTE));
          }
          return kept;
        });
  }

  private static List<String> names(int from, int to) {
    return IntStream.range(from, to).mapToObj(i -> "span-" + i).toList();
  }

  <T> T on(Callable<T> action) throws Exception {
    Promise<T> done = Promise.promise();
    context.runOnContext(
        go -> {
          try {
            done.complete(action.call());
          } catch (Exception e) {
            done.fail(e);
          }
        });
    return await(done.future());
  }

  static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(60, SECONDS);
  }
}
