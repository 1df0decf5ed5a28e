package io.homespan.demo;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.IdGenerator;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Lets the shop's services send traces. What happens in a trace takes no time here: spans get the
 * times that they would have had. Not thread safe, but for {@link #close}.
 */
final class Traffic {
  /** Spans without an answer; with more the shop waits. */
  static final int MAX_OPEN_SPANS = 10_000;

  private final Map<String, Service> services = new HashMap<>();
  private final Shop shop;
  private final RandomGenerator random;
  private @Nullable SpanContext failed; // the last one; who tries again links to it

  Traffic(List<URI> ingest, Ledger ledger, long seed) {
    SplittableRandom seeds = new SplittableRandom(seed);
    this.shop = new Shop(seeds.split());
    this.random = seeds.split();
    IdGenerator ids = new SeededIds(seeds.split());
    for (String name : Shop.SERVICES) {
      int place = services.size();
      String compression = place % 2 == 0 ? "gzip" : "none";
      var exporter = new ScatteringExporter(ingest, compression, place, ledger);
      services.put(name, new Service(name, exporter, exportEvery(place), ids, ledger));
    }
  }

  /** Different ones: exports in step would measure how they wait for one another. */
  private static Duration exportEvery(int place) {
    return Duration.ofMillis(150 + 17L * place);
  }

  /** One trace, which begins at {@code startNanos} since 1970. */
  void send(long startNanos) {
    Step visit = shop.visit();
    play(visit, Context.root(), startNanos);
  }

  /** Completes when everything is exported; fails if an export failed. */
  CompletableResultCode flush() {
    return CompletableResultCode.ofAll(services.values().stream().map(Service::flush).toList());
  }

  /** Lets the SDKs' threads end. */
  CompletableResultCode close() {
    return CompletableResultCode.ofAll(services.values().stream().map(Service::shutdown).toList());
  }

  /** The step's span and those below it; returns when it ended. */
  private long play(Step step, Context parent, long startNanos) {
    Service service = Objects.requireNonNull(services.get(step.service()));
    SpanBuilder builder =
        service
            .tracer(step.kind())
            .spanBuilder(step.name())
            .setParent(parent)
            .setSpanKind(step.kind())
            .setAllAttributes(step.attributes())
            .setStartTimestamp(startNanos, TimeUnit.NANOSECONDS);
    boolean root = parent == Context.root();
    if (root && failed != null && step.name().equals("POST /checkout")) {
      builder.addLink(failed);
      failed = null;
    }
    Span span = builder.startSpan();
    long now = startNanos + pause();
    for (Step inner : step.inner()) now = play(inner, parent.with(span), now) + pause();
    if (step.failure() != null) {
      span.addEvent("attempt failed", now, TimeUnit.NANOSECONDS);
      span.recordException(new IllegalStateException(step.failure()));
    }
    if (step.failed()) span.setStatus(StatusCode.ERROR);
    if (root && step.failed()) failed = span.getSpanContext();
    span.end(now, TimeUnit.NANOSECONDS);
    return now;
  }

  /** 0.1 to 4 ms. */
  private long pause() {
    return random.nextLong(100_000, 4_000_000);
  }
}
