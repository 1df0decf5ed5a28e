package io.homespan.sink;

import io.homespan.bus.Fate;
import io.homespan.bus.Fates;
import io.homespan.bus.Keep;
import io.homespan.bus.Strain;
import io.homespan.bus.Topics;
import io.homespan.config.Config;
import io.homespan.guard.BackendKeys;
import io.homespan.metrics.Metrics;
import io.homespan.metrics.RefuseReason;
import io.homespan.otlp.Part;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.eventbus.MessageConsumer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps parts: answers {@link Topics#SPANS_KEEP} with their fates once every configured sink has
 * said what it did, and lets no repeat through. One instance a node, since a repeat may come on any
 * port.
 *
 * <p>It fails to start when a sink cannot open. It stops when what is being kept has ended, at the
 * latest when the last deadline and a sink's time-out have passed; so those who ask are stopped
 * first.
 */
public final class SinkVerticle extends VerticleBase {
  static final String ERRORS = "homespan_sink_errors_total";
  static final String ERRORS_HELP =
      "Attempts of a sink that failed; what they held was tried again, refused or dropped";

  static final String FORGOTTEN = "homespan_repeats_forgotten";
  private static final String FORGOTTEN_HELP =
      "Kept parts that were forgotten before repeats.remember was over, for repeats.max_parts";
  private static final long TELL_EVERY_NANOS = 1_000_000_000;
  private static final String LATE = "homespan_spans_kept_late_total";
  private static final String LATE_HELP =
      "Spans that the sinks confirmed when their time was up: refused, and recognised when they"
          + " come again";

  private static final Logger LOG = LoggerFactory.getLogger(SinkVerticle.class);

  private final Config config;
  private final Metrics metrics;
  private final LongSupplier nanoClock;
  private final RandomGenerator random;
  private final Function<Config.OtlpSink, BackendKeys> keys;
  private final List<Sink> sinks = new ArrayList<>();
  private final RepeatMemory memory;
  private final AtomicLong inFlightSpans = new AtomicLong(); // written here, read at a scrape
  private final AtomicLong remembered = new AtomicLong();
  private final Promise<Void> idle = Promise.promise();
  private @Nullable MessageConsumer<?> asked;
  private final Strain strain = new Strain();
  private long forgottenTold;
  private long toldAt;
  private boolean stopping;

  /**
   * Made by the root, which deploys it.
   *
   * @param nanoClock the scale of the deadlines in {@link Keep}
   * @param random for the jitter of hints and of back-off; called on this verticle's event loop
   */
  public SinkVerticle(
      Config config, Metrics metrics, LongSupplier nanoClock, RandomGenerator random) {
    this(config, metrics, nanoClock, random, otlp -> BackendKeys.NONE);
  }

  /**
   * The same.
   *
   * @param keys for calls to a backend
   */
  public SinkVerticle(
      Config config,
      Metrics metrics,
      LongSupplier nanoClock,
      RandomGenerator random,
      Function<Config.OtlpSink, BackendKeys> keys) {
    this.keys = keys;
    this.config = config;
    this.metrics = metrics;
    this.nanoClock = nanoClock;
    this.random = random;
    this.memory =
        new RepeatMemory(
            config.sinks().size(), config.repeats().maxParts(), config.repeats().remember());
  }

  @Override
  public Future<?> start() {
    Future<Void> opened = Future.succeededFuture();
    for (Config.Sink sink : config.sinks()) {
      opened = opened.compose(go -> open(make(sink)));
    }
    return opened
        .onSuccess(
            open -> {
              metrics.gauge(
                  "homespan_sink_in_flight_spans",
                  "Spans that the sinks have not confirmed yet",
                  inFlightSpans::get);
              metrics.gauge(
                  "homespan_repeats_remembered",
                  "Parts that are remembered to recognise repeats",
                  remembered::get);
              metrics.count(FORGOTTEN, FORGOTTEN_HELP, 0);
              metrics.count(LATE, LATE_HELP, 0);
              asked = Topics.SPANS_KEEP.answer(vertx, this::keep);
            })
        .recover(cause -> closeSinks().transform(closed -> Future.failedFuture(cause)));
  }

  @Override
  public Future<?> stop() {
    stopping = true;
    Future<?> deaf = asked == null ? Future.succeededFuture() : asked.unregister();
    if (memory.beingKept() == 0) idle.tryComplete();
    return deaf.eventually(idle::future).eventually(this::closeSinks);
  }

  private Sink make(Config.Sink sink) {
    if (sink instanceof Config.FileSink file) return new FileSink(vertx, file, metrics, nanoClock);
    if (sink instanceof Config.OtlpSink otlp) {
      return new OtlpSink(vertx, otlp, metrics, nanoClock, random, keys.apply(otlp));
    }
    return new LogSink(vertx);
  }

  private Future<Void> open(Sink sink) {
    return sink.open().onSuccess(open -> sinks.add(sink));
  }

  private Future<Void> closeSinks() {
    return Future.join(sinks.stream().map(Sink::close).toList())
        .onFailure(cause -> LOG.warn("a sink did not close well cause={}", cause.toString()))
        .mapEmpty();
  }

  private Future<Fates> keep(Keep keep) {
    Part part = keep.part();
    long now = nanoClock.getAsLong();
    RepeatMemory.Seen seen = memory.look(part.id(), now);
    remembered.set(memory.remembered());
    if (seen instanceof RepeatMemory.Seen.Settled settled) {
      return Future.succeededFuture(
          settled.verdict().repeated(part.spans(), hint(settled.verdict())));
    }
    if (seen instanceof RepeatMemory.Seen.Keeping) {
      Promise<Fates> fates = Promise.promise();
      memory.await(
          part.id(), verdict -> fates.complete(verdict.repeated(part.spans(), hint(verdict))));
      return fates.future();
    }
    if (keep.deadline() - now <= 0) {
      Outcome.Refused expired = Outcome.expired();
      return Future.succeededFuture(
          Fates.of(
              new Fate.Refused(
                  expired.reason(),
                  strain.refuse(random.nextDouble()),
                  expired.why(),
                  part.spans())));
    }
    return begin(keep, seen);
  }

  private Future<Fates> begin(Keep keep, RepeatMemory.Seen seen) {
    Part part = keep.part();
    memory.begin(part.id());
    inFlightSpans.addAndGet(part.spans());
    List<Future<Outcome>> asked = new ArrayList<>(sinks.size());
    for (int i = 0; i < sinks.size(); i++) {
      Outcome before =
          seen instanceof RepeatMemory.Seen.Unfinished unfinished
              ? unfinished.before().bySink().get(i)
              : null;
      asked.add(
          before == null || before instanceof Outcome.Refused
              ? ask(sinks.get(i), keep)
              : Future.succeededFuture(before));
    }
    return Future.all(asked)
        .map(
            all -> {
              Verdict verdict = new Verdict(all.list());
              ended(keep, verdict);
              return verdict.fates(part.spans(), keep.as(), hint(verdict));
            });
  }

  /** Never fails: a sink's fault refuses the part. */
  private Future<Outcome> ask(Sink sink, Keep keep) {
    return Future.<Outcome>succeededFuture()
        .compose(go -> sink.keep(keep.part(), keep.deadline()))
        .otherwise(
            cause -> {
              LOG.error("a fault in a sink sink={}", sink.getClass().getSimpleName(), cause);
              return new Outcome.Refused(RefuseReason.ERROR, "a fault in a sink: " + cause);
            });
  }

  private void ended(Keep keep, Verdict verdict) {
    Part part = keep.part();
    long now = nanoClock.getAsLong();
    memory.ended(part.id(), verdict, now);
    tellForgotten(now);
    if (now - keep.deadline() >= 0 && verdict.keptWhole()) {
      metrics.count(LATE, LATE_HELP, part.spans());
    }
    inFlightSpans.addAndGet(-part.spans());
    remembered.set(memory.remembered());
    if (stopping && memory.beingKept() == 0) idle.tryComplete();
  }

  /** Now and then: in a memory that is full each part forgets one. */
  private void tellForgotten(long now) {
    long more = memory.forgottenEarly() - forgottenTold;
    if (more == 0 || (forgottenTold > 0 && now - toldAt < TELL_EVERY_NANOS)) return;
    metrics.count(FORGOTTEN, FORGOTTEN_HELP, more);
    forgottenTold += more;
    toldAt = now;
  }

  /** Of use only if some sink refused. */
  private Duration hint(Verdict verdict) {
    if (verdict.refusal() != null) return strain.refuse(random.nextDouble());
    strain.took();
    return Duration.ZERO;
  }
}
