package io.homespan;

import io.opentelemetry.sdk.trace.data.SpanData;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Spans for the SDK's exporters. */
final class SdkSpans {
  private static final int SPANS_EACH = 6;

  private SdkSpans() {}

  /** So many traces, each over so many batches. */
  static List<List<SpanData>> scattered(int batches, int traces) {
    Random random = new Random();
    List<List<SpanData>> all = new ArrayList<>();
    for (int i = 0; i < batches; i++) all.add(new ArrayList<>());
    for (int t = 0; t < traces; t++) {
      String trace = Sdk.id(random, 16);
      for (int s = 0; s < SPANS_EACH; s++) {
        all.get((t + s) % batches).add(Sdk.span(new Spans.Ref(trace, Sdk.id(random, 8))));
      }
    }
    return all;
  }

  static List<Spans.Ref> in(List<SpanData> batch) {
    return batch.stream().map(one -> new Spans.Ref(one.getTraceId(), one.getSpanId())).toList();
  }
}
