package io.homespan.sink;

import io.homespan.config.Config;
import io.homespan.guard.BackendKeys;
import io.homespan.guard.LiveTls;
import io.homespan.metrics.Metrics;
import io.homespan.otlp.Part;
import io.homespan.rpc.Reply;
import io.homespan.rpc.UnaryClient;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends parts to any OTLP/gRPC receiver, and confirms what it has answered OK. {@link OtlpBatches}
 * decides; this does.
 *
 * <p>It carries no part ids, since a foreign receiver can't know them: a part whose call was lost
 * after it was sent is sent again and may be there twice. So no call is cut off at its parts'
 * deadline: what is under way then is waited for until the call's own time-out, since its outcome
 * is worth knowing. If it was taken, a resend is recognised.
 */
final class OtlpSink implements Sink {
  private static final Logger LOG = LoggerFactory.getLogger(OtlpSink.class);
  private static final String METHOD =
      "/opentelemetry.proto.collector.trace.v1.TraceService/Export";

  /** What waits for the backend or is under way to it, in bytes; over it parts are refused. */
  private static final long MAX_BACKLOG_BYTES = 64L << 20;

  /** gRPC servers take 4 MiB unless they are told otherwise. */
  private static final int MAX_BATCH_BYTES = 4_000_000;

  private static final int MAX_ANSWER_BYTES = 4 << 20;
  private static final long NO_TIMER = -1;

  private final Vertx vertx;
  private final Config.OtlpSink config;
  private final Metrics metrics;
  private final LongSupplier nanoClock;
  private final OtlpBatches batches;
  private final UnaryClient client;
  private final Supplier<Map<String, String>> headers;
  private final Promise<Void> idle = Promise.promise();
  private boolean closing;
  private boolean refusing;
  private long timer = NO_TIMER;
  private long timerAt;

  OtlpSink(
      Vertx vertx,
      Config.OtlpSink config,
      Metrics metrics,
      LongSupplier nanoClock,
      RandomGenerator random) {
    this(vertx, config, metrics, nanoClock, random, BackendKeys.NONE);
  }

  /**
   * The same.
   *
   * @param keys what it shows to the backend
   */
  OtlpSink(
      Vertx vertx,
      Config.OtlpSink config,
      Metrics metrics,
      LongSupplier nanoClock,
      RandomGenerator random,
      BackendKeys keys) {
    this.vertx = vertx;
    this.config = config;
    this.metrics = metrics;
    this.nanoClock = nanoClock;
    this.batches =
        new OtlpBatches(
            new OtlpBatches.Limits(
                config.maxBatchSpans(), MAX_BATCH_BYTES, config.maxCalls(), MAX_BACKLOG_BYTES),
            random);
    this.headers = keys.headers();
    LiveTls tls = keys.tls();
    this.client =
        new UnaryClient(
            vertx,
            new UnaryClient.Options(
                config.connectTimeout(), MAX_ANSWER_BYTES, tls == null ? null : tls.client()));
  }

  /** Does not wait for the backend: it may come later than this node. */
  @Override
  public Future<Void> open() {
    return Future.succeededFuture();
  }

  @Override
  public Future<Outcome> keep(Part part, long deadline) {
    Promise<Outcome> outcome = Promise.promise();
    long now = nanoClock.getAsLong();
    batches.offer(part, deadline, now, outcome::complete);
    send();
    return outcome.future();
  }

  @Override
  public Future<Void> close() {
    closing = true;
    if (timer != NO_TIMER && batches.idle()) vertx.cancelTimer(timer);
    if (batches.idle()) idle.tryComplete();
    return idle.future().eventually(client::close);
  }

  /** Sends all that may be sent now, and comes back when there may be more. */
  private void send() {
    long now = nanoClock.getAsLong();
    for (OtlpBatches.Batch batch = batches.next(now); batch != null; batch = batches.next(now)) {
      call(batch);
    }
    wake(batches.wakeAt(now), now);
    if (closing && batches.idle()) idle.tryComplete();
  }

  private void call(OtlpBatches.Batch batch) {
    Config.Endpoint to = config.endpoint();
    Duration timeOut = config.timeOut();
    Future.<Reply>succeededFuture()
        .compose(go -> client.call(to.host(), to.port(), METHOD, headers.get(), batch, timeOut))
        .map(Answer::of)
        .otherwise(cause -> new Answer.Later(null, cause.toString()))
        .onSuccess(answer -> answered(batch, answer));
  }

  private void answered(OtlpBatches.Batch batch, Answer answer) {
    @Nullable String before = batches.trouble();
    batches.answered(batch, answer, nanoClock.getAsLong());
    @Nullable String after = batches.trouble();
    if (before == null && after != null) {
      LOG.warn("the backend takes nothing now endpoint={} cause={}", config.endpoint(), after);
    } else if (before != null && after == null) {
      LOG.info("the backend takes spans again endpoint={}", config.endpoint());
    }
    boolean taken = answer instanceof Answer.Taken all && all.rejected() == 0;
    if (!taken) metrics.count(SinkVerticle.ERRORS, SinkVerticle.ERRORS_HELP, "sink", "otlp");
    if (answer instanceof Answer.Never never && !refusing) {
      LOG.warn("the backend refused spans endpoint={} cause={}", config.endpoint(), never.why());
    }
    if (taken) refusing = false;
    if (answer instanceof Answer.Never) refusing = true;
    send();
  }

  /** A timer that is early does no harm, so one that is set is seldom set again. */
  private void wake(long at, long now) {
    if (at == Long.MAX_VALUE || (timer != NO_TIMER && timerAt - at <= 0)) return;
    if (timer != NO_TIMER) vertx.cancelTimer(timer);
    timerAt = at;
    long millis = Math.max(1, TimeUnit.NANOSECONDS.toMillis(at - now + 999_999));
    timer =
        vertx.setTimer(
            millis,
            id -> {
              timer = NO_TIMER;
              send();
            });
  }
}
