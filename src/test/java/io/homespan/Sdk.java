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
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
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

  /** So many traces of six spans, each over so many batches. */
  static List<List<SpanData>> scattered(int batches, int traces) {
    Random random = new Random();
    List<List<SpanData>> all = new ArrayList<>();
    for (int i = 0; i < batches; i++) all.add(new ArrayList<>());
    for (int t = 0; t < traces; t++) {
      String trace = id(random, 16);
      for (int s = 0; s < 6; s++) {
        all.get((t + s) % batches).add(span(new Spans.Ref(trace, id(random, 8))));
      }
    }
    return all;
  }

  static List<Spans.Ref> in(List<SpanData> batch) {
    return batch.stream().map(one -> new Spans.Ref(one.getTraceId(), one.getSpanId())).toList();
  }

  /** An id of so many bytes, in hexadecimal. */
  static String id(Random random, int bytes) {
    byte[] id = new byte[bytes];
    random.nextBytes(id);
    return HexFormat.of().formatHex(id);
  }
}
