package io.homespan;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.common.ComponentLoader;
import io.opentelemetry.sdk.common.InstrumentationScopeInfo;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.testing.trace.TestSpanData;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.data.StatusData;
import java.util.HexFormat;
import java.util.Random;
import java.util.stream.StreamSupport;

/** Spans as the OpenTelemetry SDK's exporters take them, and its parts. */
final class Sdk {
  private Sdk() {}

  static SpanData span(Spans.Ref span) {
    return TestSpanData.builder()
        .setSpanContext(
            SpanContext.create(
                span.trace(), span.span(), TraceFlags.getSampled(), TraceState.getDefault()))
        .setName("GET /orders")
        .setKind(SpanKind.SERVER)
        .setStartEpochNanos(1_790_000_000_000_000_000L)
        .setEndEpochNanos(1_790_000_000_000_500_000L)
        .setHasEnded(true)
        .setStatus(StatusData.ok())
        .setResource(Resource.create(Attributes.builder().put("service.name", "shop").build()))
        .setInstrumentationScopeInfo(InstrumentationScopeInfo.create("shop.http"))
        .build();
  }

  /** Of the HTTP clients on the class path, this one. */
  static ComponentLoader only(String client) {
    ComponentLoader all = ComponentLoader.forClassLoader(Sdk.class.getClassLoader());
    return new ComponentLoader() {
      @Override
      public <T> Iterable<T> load(Class<T> spi) {
        return StreamSupport.stream(all.load(spi).spliterator(), false)
            .filter(one -> one.getClass().getName().contains("." + client + "."))
            .toList();
      }
    };
  }

  /** An id of so many bytes, in hexadecimal. */
  static String id(Random random, int bytes) {
    byte[] id = new byte[bytes];
    random.nextBytes(id);
    return HexFormat.of().formatHex(id);
  }
}
