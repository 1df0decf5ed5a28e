package io.homespan.demo;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** What the services have sent, and what was answered. Thread safe. */
final class Ledger {
  private final Map<String, Set<String>> spans = new HashMap<>();
  private final Map<String, Set<Integer>> doors = new HashMap<>();
  private long ended;
  private long answered;
  private long failedCalls;
  private int calls;
  private long[] nanos = new long[1024];

  /** A span has ended: from now on it must arrive. */
  synchronized void ended(String traceId, String spanId) {
    spans.computeIfAbsent(traceId, id -> new HashSet<>()).add(spanId);
    ended++;
  }

  /** A span is on its way through this node. */
  synchronized void sent(String traceId, int node) {
    doors.computeIfAbsent(traceId, id -> new HashSet<>()).add(node);
  }

  /** An export call has ended; a client's own retries are inside its time. */
  synchronized void answered(int count, long tookNanos, boolean success) {
    if (calls == nanos.length) nanos = Arrays.copyOf(nanos, 2 * calls);
    nanos[calls++] = tookNanos;
    answered += count;
    if (!success) failedCalls++;
  }

  /** Spans whose export call has ended. */
  synchronized long answered() {
    return answered;
  }

  /** Spans that have ended and are not answered for. */
  synchronized long open() {
    return ended - answered;
  }

  synchronized long failedCalls() {
    return failedCalls;
  }

  synchronized int calls() {
    return calls;
  }

  /** Traces whose spans were sent to more than one node. */
  synchronized long scattered() {
    return doors.values().stream().filter(nodes -> nodes.size() > 1).count();
  }

  /** Span ids by trace id, as of now. */
  synchronized Map<String, Set<String>> spans() {
    Map<String, Set<String>> copy = new HashMap<>();
    spans.forEach((trace, ids) -> copy.put(trace, Set.copyOf(ids)));
    return copy;
  }

  /** The nearest-rank quantile of the export calls' times in nanoseconds; 0 without calls. */
  synchronized long latency(double quantile) {
    if (calls == 0) return 0;
    long[] sorted = Arrays.copyOf(nanos, calls);
    Arrays.sort(sorted);
    return sorted[Math.max(0, (int) Math.ceil(quantile * calls) - 1)];
  }
}
