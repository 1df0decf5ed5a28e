package io.homespan.sink;

import static io.homespan.sink.TestParts.part;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homespan.bus.Fate;
import io.homespan.bus.Fates;
import io.homespan.bus.Keep;
import io.homespan.bus.Topic;
import io.homespan.bus.Topics;
import io.homespan.config.Config;
import io.homespan.metrics.DropReason;
import io.homespan.metrics.KeptAs;
import io.homespan.metrics.RefuseReason;
import io.homespan.otlp.Part;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SinkVerticleTest {
  private final Vertx vertx = Vertx.vertx();
  private final CountedMetrics metrics = new CountedMetrics();
  @TempDir private Path directory;

  @BeforeEach
  void allowTopics() {
    Topic.register(vertx);
  }

  @AfterEach
  void close() throws Exception {
    await(vertx.close());
  }

  @Test
  void aKeptPart_isInTheFile_whenItIsConfirmed_andItsRepeatIsNot() throws Exception {
    deploy(new Config.LogSink(), file());
    assertThat(await(keep(part(1, 5), 60)).all())
        .containsExactly(new Fate.Kept(KeptAs.STAND_IN, 5));
    assertThat(Files.readAllLines(path())).hasSize(1);
    assertThat(await(keep(part(1, 5), 60)).all()).containsExactly(new Fate.Repeated(5));
    assertThat(Files.readAllLines(path())).hasSize(1);
    assertThat(gauge("homespan_repeats_remembered")).isEqualTo(1);
    assertThat(gauge("homespan_sink_in_flight_spans")).isZero();
  }

  @Test
  void repeatsOfWhatIsBeingKept_waitAndAreKeptOnce() throws Exception {
    deploy(file());
    List<Future<Fates>> asked = new ArrayList<>();
    for (int i = 0; i < 20; i++) asked.add(keep(part(1, 2), 60));
    await(Future.all(asked));
    assertThat(asked.stream().flatMap(fates -> fates.result().all().stream()))
        .containsOnlyOnce(new Fate.Kept(KeptAs.STAND_IN, 2))
        .filteredOn(new Fate.Repeated(2)::equals)
        .hasSize(19);
    assertThat(Files.readAllLines(path())).hasSize(1);
  }

  @Test
  void aPartWhoseTimeIsUp_isNotBegun() throws Exception {
    deploy(file());
    Fate fate = await(keep(part(1, 3), 0)).all().get(0);
    assertThat(fate).isInstanceOf(Fate.Refused.class);
    Fate.Refused refused = (Fate.Refused) fate;
    assertThat(refused.reason()).isEqualTo(RefuseReason.TIMEOUT);
    assertThat(refused.spans()).isEqualTo(3);
    assertThat(refused.retryAfter()).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(2));
    assertThat(path()).isEmptyFile();
  }

  @Test
  void anUnparsablePart_isDropped_andSoIsItsRepeat() throws Exception {
    deploy(file());
    for (int i = 0; i < 2; i++) {
      Fate fate = await(keep(TestParts.unparsable(1), 60)).all().get(0);
      assertThat(fate).isInstanceOf(Fate.Dropped.class);
      assertThat(((Fate.Dropped) fate).reason()).isEqualTo(DropReason.SINK_REFUSED);
    }
  }

  @Test
  void whatOneSinkHasAndTheOtherRefused_isAskedOfTheOtherAlone() throws Exception {
    try (ScriptedBackend backend = new ScriptedBackend(0)) {
      backend.then(ScriptedBackend.unavailableFor(900));
      deploy(file(), otlp(backend.port()));
      Fate first = await(keep(part(1, 2), MILLISECONDS.toNanos(500))).all().get(0);
      assertThat(first).isInstanceOf(Fate.Refused.class);
      assertThat(await(keep(part(1, 2), 60)).all())
          .containsExactly(new Fate.Kept(KeptAs.STAND_IN, 2));
      assertThat(Files.readAllLines(path())).hasSize(1);
      assertThat(TestParts.names(backend.taken)).hasSize(2);
      assertThat(await(keep(part(1, 2), 60)).all()).containsExactly(new Fate.Repeated(2));
    }
  }

  @Test
  void aPartThatOneSinkDropped_isNotSentAgain() throws Exception {
    try (ScriptedBackend backend = new ScriptedBackend(0)) {
      backend.then(backend.okRejecting(2, "no"));
      deploy(file(), otlp(backend.port()));
      Fate dropped = new Fate.Dropped(DropReason.SINK_REFUSED, "no", 2);
      assertThat(await(keep(part(1, 5), 60)).all())
          .containsExactly(new Fate.Kept(KeptAs.STAND_IN, 3), dropped);
      assertThat(await(keep(part(1, 5), 60)).all()).containsExactly(new Fate.Repeated(3), dropped);
      assertThat(backend.calls).hasSize(1);
    }
  }

  @Test
  void stopping_finishesWhatIsBeingKept() throws Exception {
    String id = deploy(file());
    List<Future<Fates>> asked = new ArrayList<>();
    for (int i = 0; i < 50; i++) asked.add(keep(part(i, 1), 60));
    await(asked.get(0)); // so all have arrived: the bus keeps their order
    await(vertx.undeploy(id));
    assertThat(asked).allMatch(Future::succeeded);
    assertThat(Files.readAllLines(path())).hasSize(50);
    deploy(file()); // the lock is free
  }

  @Test
  void aFileThatCannotBeOpened_isNamed() {
    assertThatThrownBy(() -> deploy(new Config.FileSink(directory.toString(), 0, 0)))
        .hasMessageContaining("sink.file.path: cannot write to " + directory + ": is a directory");
  }

  private Config.FileSink file() {
    return new Config.FileSink(path().toString(), 1 << 20, 0);
  }

  private static Config.OtlpSink otlp(int port) {
    Duration timeOut = Duration.ofSeconds(60);
    return new Config.OtlpSink(new Config.Endpoint("127.0.0.1", port), timeOut, timeOut, 100, 2);
  }

  private Path path() {
    return directory.resolve("spans.json");
  }

  private String deploy(Config.Sink... sinks) throws Exception {
    return await(
        vertx.deployVerticle(
            new SinkVerticle(
                TestConfig.of(List.of(sinks)), metrics, System::nanoTime, new Random(1))));
  }

  private Future<Fates> keep(Part part, int seconds) {
    return keep(part, SECONDS.toNanos(seconds));
  }

  private Future<Fates> keep(Part part, long nanos) {
    long deadline = System.nanoTime() + nanos;
    return Topics.SPANS_KEEP.ask(vertx, new Keep(part, KeptAs.STAND_IN, deadline), 60_000);
  }

  private double gauge(String name) {
    return metrics.gauges.getOrDefault(name, () -> Double.NaN).getAsDouble();
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(60, SECONDS);
  }
}
