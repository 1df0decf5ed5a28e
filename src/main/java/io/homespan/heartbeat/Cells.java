package io.homespan.heartbeat;

import io.homespan.heartbeat.Row.Cell;
import io.homespan.heartbeat.Row.State;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;

/**
 * What this node has measured in the last hour, by peer and probe. Bounded: {@link Samples#MOST}
 * for each, and peers that are gone are forgotten. Times are nanoseconds of {@link
 * System#nanoTime}'s scale. Not thread safe.
 */
final class Cells {
  /** So many failures in a row, with no success in between, and the cell is failing. */
  static final int FAILING_AFTER = 2;

  private final Map<String, Map<Probe, One>> byPeer = new TreeMap<>();

  /** To 1 %: emptying one of three digits for each cell would be most of what the mesh costs. */
  private final Histogram histogram = new Histogram(Duration.ofMinutes(1).toNanos(), 2);

  private static final class One {
    final Samples samples = new Samples();
    int dropped;
  }

  /**
   * Takes a result. False: it was dropped, as one of the peer's first successes; no failure is.
   *
   * @param warmUp so many of them are dropped
   */
  boolean add(Measurement what, long now, int warmUp) {
    One one =
        byPeer
            .computeIfAbsent(what.to().id(), none -> new EnumMap<>(Probe.class))
            .computeIfAbsent(what.probe(), none -> new One());
    if (!what.isOk()) {
      one.samples.failed(now);
    } else if (one.dropped < warmUp) {
      one.dropped++;
      return false;
    } else {
      one.samples.ok(now, what.roundTripNanos(), what.synRetransmits() > 0);
    }
    return true;
  }

  /** Forgets all others. */
  void retain(Set<String> ids) {
    byPeer.keySet().retainAll(ids);
  }

  /**
   * The row of this node: a cell for each peer and probe that has ever been measured.
   *
   * @param peers whose cells
   * @param staleAfterNanos a cell whose last result is older has no data
   */
  List<Cell> row(Collection<String> peers, long now, long windowNanos, long staleAfterNanos) {
    List<Cell> cells = new ArrayList<>();
    for (String peer : peers) {
      Map<Probe, One> probes = byPeer.getOrDefault(peer, Map.of());
      probes.forEach(
          (probe, one) -> {
            if (!one.samples.isEmpty())
              cells.add(cell(peer, probe, one.samples, now, windowNanos, staleAfterNanos));
          });
    }
    return cells;
  }

  private Cell cell(
      String peer, Probe probe, Samples samples, long now, long windowNanos, long staleNanos) {
    long age = now - samples.lastAt();
    Samples.Window window = samples.window(now, windowNanos, histogram);
    State state = State.OK;
    if (age > staleNanos || window.sent() == 0) state = State.NO_DATA;
    else if (isFailing(samples, window)) state = State.FAILING;
    return new Cell(
        peer,
        probe,
        state,
        window.sent(),
        window.failed(),
        histogram.getValueAtPercentile(50),
        histogram.getValueAtPercentile(99),
        window.dropRate(),
        Math.max(0, age / 1_000_000));
  }

  /** Of many peers together, by one probe. */
  record Together(int peers, int failing, int sent, int failed, long p50Nanos, long p99Nanos) {}

  /** What one probe found of these peers; those without data stay out. */
  Together together(
      Collection<String> peers, Probe probe, long now, long windowNanos, long staleAfterNanos) {
    histogram.reset();
    int known = 0;
    int failing = 0;
    int sent = 0;
    int failed = 0;
    for (String peer : peers) {
      One one = byPeer.getOrDefault(peer, Map.of()).get(probe);
      if (one == null || one.samples.isEmpty()) continue;
      if (now - one.samples.lastAt() > staleAfterNanos) continue;
      Samples.Window window = one.samples.windowToo(now, windowNanos, histogram);
      if (window.sent() == 0) continue;
      known++;
      if (isFailing(one.samples, window)) failing++;
      sent += window.sent();
      failed += window.failed();
    }
    return new Together(
        known,
        failing,
        sent,
        failed,
        histogram.getValueAtPercentile(50),
        histogram.getValueAtPercentile(99));
  }

  private static boolean isFailing(Samples samples, Samples.Window window) {
    return samples.lastFailed(FAILING_AFTER) || window.sent() == window.failed();
  }

  /** All that have been measured and are still there. */
  Collection<String> peers() {
    return byPeer.keySet();
  }

  /** Bytes of heap, about. */
  long bytes() {
    long bytes = histogram.getEstimatedFootprintInBytes();
    for (Map<Probe, One> probes : byPeer.values()) {
      for (One one : probes.values()) bytes += one.samples.bytes();
    }
    return bytes;
  }
}
