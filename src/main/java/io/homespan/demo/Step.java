package io.homespan.demo;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.SpanKind;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A span to be, with those below it.
 *
 * @param service whose span it is
 * @param failure what went wrong, or null
 * @param inner what it calls, one after the other
 */
record Step(
    String service,
    SpanKind kind,
    String name,
    Attributes attributes,
    @Nullable String failure,
    List<Step> inner) {
  Step {
    inner = List.copyOf(inner);
  }

  static Step of(String service, SpanKind kind, String name, Attributes attributes, Step... inner) {
    return new Step(service, kind, name, attributes, null, List.of(inner));
  }

  Step failing(String why) {
    return new Step(service, kind, name, attributes, why, inner);
  }

  /** Whether it or anything below went wrong. */
  boolean failed() {
    return failure != null || inner.stream().anyMatch(Step::failed);
  }
}
