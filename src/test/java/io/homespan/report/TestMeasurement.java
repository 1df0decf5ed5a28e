package io.homespan.report;

import io.homespan.heartbeat.Measurement;
import io.homespan.heartbeat.Measurement.Place;
import io.homespan.heartbeat.Outcome;
import io.homespan.heartbeat.Probe;

/** Results as probes find them. */
final class TestMeasurement {
  private TestMeasurement() {}

  /** A call that was answered. */
  static Measurement ok(long sequence) {
    return of(sequence, "b:1", "west", Probe.GRPC, Outcome.OK, 5_453_533);
  }

  static Measurement failed(long sequence, Outcome how) {
    return of(sequence, "b:1", "west", Probe.GRPC, how, 0);
  }

  /** Of itself. */
  static Measurement baseline(long sequence) {
    return of(sequence, "a:1", "east", Probe.GRPC, Outcome.OK, 50_000);
  }

  static Measurement of(
      long sequence, String to, String zone, Probe probe, Outcome outcome, long nanos) {
    return new Measurement(
        new Place("a:1", "east"),
        new Place(to, zone),
        "service-node2:4000",
        "service-node3:4000",
        probe,
        sequence,
        1_763_000_000_000L + sequence,
        probe == Probe.TCP ? nanos : 0,
        nanos,
        outcome,
        2,
        16,
        7);
  }
}
