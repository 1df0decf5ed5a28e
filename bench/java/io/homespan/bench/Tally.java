package io.homespan.bench;

import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;

/** What became of a run's requests. Belongs to one event loop until the run has ended. */
final class Tally {
  private static final long LONGEST_NANOS = 600_000_000_000L;

  private final Histogram latency = new Histogram(LONGEST_NANOS, 3);
  private final Map<String, Long> errors = new TreeMap<>();
  private long offered;
  private long requests;
  private long spans;
  private long bytes;
  private long refused;
  private long unsent;
  private long latest; // nanoseconds
  private long requestsInTime; // answered before the last one was due
  private long spansInTime;

  void offered() {
    offered++;
  }

  /** The load was that much behind its schedule. */
  void late(long nanos) {
    latest = Math.max(latest, nanos);
  }

  void unsent() {
    unsent++;
  }

  void refused() {
    refused++;
  }

  void error(String kind) {
    errors.merge(kind, 1L, Long::sum);
  }

  void ok(int spansOfIt, int size, long nanos, boolean inTime) {
    requests++;
    spans += spansOfIt;
    bytes += size;
    latency.recordValue(Math.min(Math.max(nanos, 0), LONGEST_NANOS));
    if (!inTime) return;
    requestsInTime++;
    spansInTime += spansOfIt;
  }

  void add(Tally other) {
    latency.add(other.latency);
    other.errors.forEach((kind, count) -> errors.merge(kind, count, Long::sum));
    offered += other.offered;
    requests += other.requests;
    spans += other.spans;
    bytes += other.bytes;
    refused += other.refused;
    unsent += other.unsent;
    latest = Math.max(latest, other.latest);
    requestsInTime += other.requestsInTime;
    spansInTime += other.spansInTime;
  }

  /**
   * The run as Load prints it.
   *
   * @param window seconds in which requests were sent
   * @param seconds the same until the last answer
   */
  JsonObject report(double window, double seconds) {
    JsonObject kinds = new JsonObject();
    errors.forEach(kinds::put);
    return new JsonObject()
        .put("offered", offered)
        .put("requests_ok", requests)
        .put("spans_ok", spans)
        .put("bytes_ok", bytes)
        .put("refused", refused)
        .put("unsent", unsent)
        .put("latest_send_ns", latest)
        .put("errors", kinds)
        .put("error_count", errors.values().stream().mapToLong(Long::longValue).sum())
        .put("window_seconds", window)
        .put("seconds", seconds)
        .put("requests_per_second", requestsInTime / window)
        .put("spans_per_second", spansInTime / window)
        .put(
            "latency_ns",
            new JsonObject()
                .put("p50", latency.getValueAtPercentile(50))
                .put("p90", latency.getValueAtPercentile(90))
                .put("p99", latency.getValueAtPercentile(99))
                .put("p99.9", latency.getValueAtPercentile(99.9))
                .put("max", latency.getMaxValue())
                .put("mean", latency.getMean()));
  }
}
