package io.homespan.demo;

import io.opentelemetry.api.trace.SpanId;
import io.opentelemetry.api.trace.TraceId;
import io.opentelemetry.sdk.trace.IdGenerator;
import java.util.random.RandomGenerator;

/** Random ids that a seed repeats. Not thread safe: belongs to the thread that makes the spans. */
record SeededIds(RandomGenerator random) implements IdGenerator {
  @Override
  public String generateSpanId() {
    return SpanId.fromLong(notZero());
  }

  @Override
  public String generateTraceId() {
    return TraceId.fromLongs(random.nextLong(), notZero());
  }

  /** Ids of zeros are invalid. */
  private long notZero() {
    long id = random.nextLong();
    return id == 0 ? 1 : id;
  }
}
