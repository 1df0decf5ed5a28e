package io.homespan.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homespan.Pulse;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import io.vertx.core.internal.VertxInternal;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class TopicTest {
  private static final long LONG = 60_000;
  private static final Duration SHORT = Duration.ofMillis(150);
  private static final Topic<String, String> TOPIC =
      new Topic<>("topic", String.class, String.class);

  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(2));
  private final Context asker = ((VertxInternal) vertx).createEventLoopContext();
  private final Context other = ((VertxInternal) vertx).createEventLoopContext();
  private final Promise<String> never = Promise.promise();

  @BeforeEach
  void register() {
    Topic.register(vertx);
  }

  @AfterEach
  void close() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
  }

  @Test
  void anAnswer_fromThisLoopOrAnother_isHeardWhereItWasAsked() throws Exception {
    for (Context answerer : new Context[] {asker, other}) {
      Topic<String, String> topic = TOPIC.lane(answerer == asker ? 1 : 2);
      on(answerer, () -> topic.answer(vertx, asked -> Future.succeededFuture(asked + "!")));
      CompletableFuture<String> heard = new CompletableFuture<>();
      asker.runOnContext(
          go ->
              topic
                  .ask(vertx, "hey", LONG)
                  .onSuccess(answer -> heard.complete(answer + (Vertx.currentContext() == asker))));
      assertThat(heard.get(60, TimeUnit.SECONDS)).isEqualTo("hey!true");
    }
  }

  @Test
  void nobodyThere_fails() {
    assertFails(ask(LONG), ReplyFailure.NO_HANDLERS);
  }

  @Test
  void whoThrows_orFails_failsTheAsker() throws Exception {
    on(
        other,
        () ->
            TOPIC.answer(
                vertx,
                asked -> {
                  throw new IllegalStateException("thrown");
                }));
    assertFails(ask(LONG), ReplyFailure.RECIPIENT_FAILURE).hasMessageContaining("thrown");
    Topic<String, String> failing = TOPIC.lane(1);
    on(other, () -> failing.answer(vertx, asked -> Future.failedFuture(new Exception("failed"))));
    assertFails(ask(failing, LONG), ReplyFailure.RECIPIENT_FAILURE).hasMessageContaining("failed");
  }

  @Test
  void timeUp_fails_andALateAnswerIsNobodys() throws Exception {
    on(other, () -> TOPIC.answer(vertx, asked -> never.future()));
    long began = Pulse.now();
    CompletableFuture<String> patient = ask(LONG);
    CompletableFuture<String> answer = ask(SHORT.toMillis());
    assertFails(answer, ReplyFailure.TIMEOUT);
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThanOrEqualTo(SHORT);
    assertThat(Pulse.since(began)).isLessThan(Duration.ofSeconds(5));
    never.complete("late");
    assertThat(patient.get(60, TimeUnit.SECONDS)).isEqualTo("late");
  }

  private CompletableFuture<String> ask(long timeoutMillis) {
    return ask(TOPIC, timeoutMillis);
  }

  private CompletableFuture<String> ask(Topic<String, String> topic, long timeoutMillis) {
    CompletableFuture<String> heard = new CompletableFuture<>();
    asker.runOnContext(
        go ->
            topic
                .ask(vertx, "?", timeoutMillis)
                .onComplete(heard::complete, heard::completeExceptionally));
    return heard;
  }

  private static AbstractThrowableAssert<?, ? extends Throwable> assertFails(
      CompletableFuture<String> answer, ReplyFailure how) {
    return assertThatThrownBy(() -> answer.get(60, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOfSatisfying(
            ReplyException.class, e -> assertThat(e.failureType()).isEqualTo(how));
  }

  private static void on(Context context, Runnable work) throws Exception {
    CompletableFuture<Void> done = new CompletableFuture<>();
    context.runOnContext(
        go -> {
          work.run();
          done.complete(null);
        });
    done.get(60, TimeUnit.SECONDS);
  }
}
