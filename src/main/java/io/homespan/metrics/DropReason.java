package io.homespan.metrics;

/**
 * Every way to lose a span for good. The name in lower case is the label of {@code
 * homespan_spans_dropped_total}: renaming one breaks dashboards.
 */
public enum DropReason {
  /** The span has no valid trace id; the sender is told. */
  INVALID,
  /** Sink or receiver refused it for ever; the sender is told. */
  SINK_REFUSED
}
