package io.homespan.sink;

import static io.homespan.sink.ScriptedBackend.fail;
import static io.homespan.sink.ScriptedBackend.unavailableFor;
import static io.homespan.sink.TestParts.names;
import static io.homespan.sink.TestParts.part;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.homespan.Pulse;
import io.homespan.config.Config;
import io.homespan.metrics.RefuseReason;
import io.homespan.otlp.Part;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class OtlpSinkTest {
  /** For what is to happen before. */
  private static final Duration LONG = Duration.ofSeconds(60);

  private final Vertx vertx = Vertx.vertx();
  private final Context context = vertx.getOrCreateContext();
  private final CountedMetrics metrics = new CountedMetrics();
  private ScriptedBackend backend;
  private OtlpSink sink;

  @BeforeEach
  void open() throws Exception {
    backend = new ScriptedBackend(0);
    sink = sink(LONG);
  }

  private OtlpSink sink(Duration timeOut) throws Exception {
    Config.OtlpSink config =
        new Config.OtlpSink(
            new Config.Endpoint("127.0.0.1", backend.port()), timeOut, timeOut, 100, 2);
    return on(() -> new OtlpSink(vertx, config, metrics, System::nanoTime, new Random(1)));
  }

  @AfterEach
  void close() throws Exception {
    await(vertx.close());
    backend.close();
  }

  @Test
  void partsAreGathered_whileTheBackendIsSlow_andEachSpanArrivesOnce() throws Exception {
    BlockingQueue<Runnable> held = new LinkedBlockingQueue<>();
    for (int i = 0; i < 2; i++) {
      backend.then((request, to) -> held.add(() -> backend.ok().answer(request, to)));
    }
    List<Future<Outcome>> kept = keep(60_000, IntStream.range(0, 50).toArray());
    Runnable first = held.poll(60, SECONDS);
    assertThat(first).isNotNull();
    Runnable second = held.poll(60, SECONDS);
    second.run();
    first.run();
    for (Future<Outcome> outcome : kept) assertThat(await(outcome)).isEqualTo(Outcome.CONFIRMED);
    assertThat(backend.calls).hasSizeLessThan(5);
    assertThat(names(backend.taken))
        .containsExactlyInAnyOrder(
            IntStream.range(0, 50).mapToObj(i -> "span-" + i).toArray(String[]::new));
  }

  @Test
  void aBackendThatIsBusy_isAskedAgainAfterItsHint() throws Exception {
    backend.then(unavailableFor(400));
    long before = Pulse.now();
    assertThat(await(keep(60_000, 1).get(0))).isEqualTo(Outcome.CONFIRMED);
    assertThat(Duration.ofNanos(System.nanoTime() - before))
        .isGreaterThanOrEqualTo(Duration.ofMillis(400));
    assertThat(Pulse.since(before)).isLessThan(Duration.ofSeconds(5));
    assertThat(backend.calls).hasSize(2);
    assertThat(backend.taken).hasSize(1);
    assertThat(metrics.counts).containsEntry("homespan_sink_errors_totalsink,otlp", 1);
  }

  @Test
  void onePoisonPart_isDropped_andTakesNoOtherWithIt() throws Exception {
    ScriptedBackend.Step picky =
        (request, to) -> {
          boolean bad = names(List.of(request)).anyMatch("span-3"::equals);
          (bad ? fail(Status.INVALID_ARGUMENT.withDescription("bad")) : backend.ok())
              .answer(request, to);
        };
    for (int i = 0; i < 100; i++) backend.then(picky);
    List<Future<Outcome>> kept = keep(60_000, 0, 1, 2, 3, 4, 5);
    for (int i = 0; i < kept.size(); i++) {
      Outcome outcome = await(kept.get(i));
      if (i == 3) assertThat(outcome).isEqualTo(new Outcome.Dropped(1, "INVALID_ARGUMENT bad"));
      else assertThat(outcome).isEqualTo(Outcome.CONFIRMED);
    }
    assertThat(names(backend.taken))
        .containsExactlyInAnyOrder("span-0", "span-1", "span-2", "span-4", "span-5");
  }

  @Test
  void aPartialSuccess_dropsSoManySpans() throws Exception {
    backend.then(backend.okRejecting(2, "no"));
    Future<Outcome> kept = keep(part(1, 5), 60_000);
    assertThat(await(kept)).isEqualTo(new Outcome.Dropped(2, "no"));
  }

  @Test
  void aBackendThatComesBack_getsWhatWaited() throws Exception {
    assertThat(await(keep(60_000, 1).get(0))).isEqualTo(Outcome.CONFIRMED);
    int port = backend.port();
    backend.close();
    List<Future<Outcome>> kept = keep(60_000, 2, 3);
    while (!metrics.counts.containsKey("homespan_sink_errors_totalsink,otlp")) Thread.onSpinWait();
    backend = new ScriptedBackend(port);
    for (Future<Outcome> outcome : kept) assertThat(await(outcome)).isEqualTo(Outcome.CONFIRMED);
    assertThat(names(backend.taken)).containsExactlyInAnyOrder("span-2", "span-3");
  }

  @Test
  void whatABackendThatStaysAwayHasNotTaken_isRefusedAtItsDeadline() throws Exception {
    backend.close();
    Outcome outcome = await(keep(300, 1).get(0));
    assertThat(outcome).isInstanceOf(Outcome.Refused.class);
    assertThat(((Outcome.Refused) outcome).reason()).isEqualTo(RefuseReason.TIMEOUT);
  }

  @Test
  void aCallThatIsAnsweredWhenItsPartsTimeIsUp_isHeard_andNotRepeated() throws Exception {
    assertThat(await(keep(60_000, 0).get(0))).isEqualTo(Outcome.CONFIRMED); // so it is connected
    BlockingQueue<Runnable> held = new LinkedBlockingQueue<>();
    backend.then((request, to) -> held.add(() -> backend.ok().answer(request, to)));
    long deadline = System.nanoTime() + MILLISECONDS.toNanos(2000);
    Future<Outcome> kept = keep(2000, 1).get(0);
    Runnable answer = held.poll(60, SECONDS);
    while (System.nanoTime() - deadline < MILLISECONDS.toNanos(100)) Thread.onSpinWait();
    answer.run();
    assertThat(await(kept)).isEqualTo(Outcome.CONFIRMED);
    assertThat(backend.calls).hasSize(2);
  }

  @Test
  void aCallThatIsNeverAnswered_endsWithItsOwnTimeOut() throws Exception {
    sink = sink(Duration.ofSeconds(2));
    for (int i = 0; i < 10; i++) backend.then((request, to) -> {});
    assertThat(await(keep(300, 1).get(0))).isInstanceOf(Outcome.Refused.class);
  }

  @Test
  void closing_waitsForWhatIsUnderWay() throws Exception {
    BlockingQueue<Runnable> held = new LinkedBlockingQueue<>();
    backend.then((request, to) -> held.add(() -> backend.ok().answer(request, to)));
    List<Future<Outcome>> kept = keep(60_000, 1, 2);
    Runnable answer = held.poll(60, SECONDS);
    Future<Void> closed = on(sink::close);
    assertThat(closed.isComplete()).isFalse();
    answer.run();
    await(closed);
    assertThat(kept).allMatch(Future::succeeded);
  }

  private List<Future<Outcome>> keep(long millis, int... numbers) throws Exception {
    return on(
        () -> {
          List<Future<Outcome>> kept = new ArrayList<>();
          long deadline = System.nanoTime() + MILLISECONDS.toNanos(millis);
          for (int number : numbers) kept.add(sink.keep(part(number, 1), deadline));
          return kept;
        });
  }

  private Future<Outcome> keep(Part part, long millis) throws Exception {
    return on(() -> sink.keep(part, System.nanoTime() + MILLISECONDS.toNanos(millis)));
  }

  /** On the event loop, as the verticle does. */
  private <T> T on(Callable<T> action) throws Exception {
    io.vertx.core.Promise<T> done = io.vertx.core.Promise.promise();
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

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(60, SECONDS);
  }
}
