package io.homespan.bench;

/** How the spans of a request belong together. */
enum Shape {
  /** About 100 traces in each request, as a proxy or a busy service sends them. */
  MIXED,
  /** One trace in each request, or a few when it is large: one for every 50 spans. */
  WHOLE;

  private static final int TRACES_OF_MIXED = 100;
  private static final int SPANS_OF_WHOLE = 50;

  int traces(int spans) {
    return switch (this) {
      case MIXED -> Math.min(TRACES_OF_MIXED, spans);
      case WHOLE -> Math.max(1, spans / SPANS_OF_WHOLE);
    };
  }
}
