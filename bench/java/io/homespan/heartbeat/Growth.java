package io.homespan.heartbeat;

import io.homespan.heartbeat.Measurement.Place;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/**
 * How the mesh grows with the tier: an hour of one node's rota and results, with a clock that is
 * made up, and the rounds of all nodes until every pair was measured.
 *
 * <pre>
 * java io.homespan.heartbeat.Growth PROBES_PER_SECOND INTERVAL_SECONDS PEERS...
 * </pre>
 *
 * Prints a line of JSON.
 */
public final class Growth {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
  private static final int NODES_IN_A_ZONE = 70;

  private Growth() {}

  /** See the class. */
  public static void main(String[] args) {
    double budget = Double.parseDouble(args[0]);
    Duration interval = Duration.ofSeconds(Long.parseLong(args[1]));
    JsonArray rows = new JsonArray();
    for (int i = 2; i < args.length; i++) {
      rows.add(row(Integer.parseInt(args[i]), interval, budget));
    }
    System.out.println(rows.encode());
  }

  private static JsonObject row(int peers, Duration interval, double budget) {
    List<Place> members = members(peers + 1);
    Place self = members.get(peers / 2);
    Rota rota = new Rota(interval, budget, new SplittableRandom(7));
    rota.members(members, self, false);
    Cells cells = new Cells();
    Map<Probe, Long> byKind = new EnumMap<>(Probe.class);
    BitSet met = new BitSet();
    int most = 0;
    long heapBefore = usedHeap();
    for (long now = 0, sequence = 0; now < 3600 * SECOND; now = later(now, rota)) {
      List<Rota.Due> due = rota.take(now);
      most = Math.max(most, due.size());
      for (Rota.Due one : due) {
        met.set(members.indexOf(one.to()));
        for (Probe probe : Probe.values()) {
          if (!one.to().equals(self)) byKind.merge(probe, 1L, Long::sum);
          cells.add(
              new Measurement(
                  self, one.to(), "", "", probe, ++sequence, 0, 0, 300_000, Outcome.OK, 0, 0, 1),
              now,
              rota.warmUp());
        }
      }
    }
    long heap = usedHeap() - heapBefore;
    JsonObject row =
        new JsonObject()
            .put("peers", peers)
            .put("peers_a_round", Math.min(peers, rota.peersPerRound()))
            .put("most_at_once", most)
            .put("measured_in_an_hour", met.cardinality() - 1)
            .put("rounds_bound", rota.rounds())
            .put("rounds_until_every_pair", rounds(members, rota.peersByTurns()))
            .put("zones", members.stream().map(Place::zone).distinct().count())
            .put("results_bytes", cells.bytes())
            .put("results_heap", heap);
    for (Probe probe : Probe.values()) {
      row.put(probe.word() + "_per_second", byKind.getOrDefault(probe, 0L) / 3600.0);
    }
    return row;
  }

  private static long later(long now, Rota rota) {
    return Math.max(now + SECOND / 1000, rota.nextAt());
  }

  /** By looking, not by the formula. */
  private static int rounds(List<Place> members, int most) {
    int n = members.size();
    BitSet pairs = new BitSet(n * n);
    int wanted = n * (n - 1) / 2;
    int seen = 0;
    for (int round = 0; ; round++) {
      for (int self = 0; self < n; self++) {
        for (Place one : Subset.of(members, self, round, most, false)) {
          int other = Integer.parseInt(one.id().substring(1));
          int pair = Math.min(self, other) * n + Math.max(self, other);
          if (!pairs.get(pair)) seen++;
          pairs.set(pair);
        }
      }
      if (seen == wanted) return round + 1;
    }
  }

  private static List<Place> members(int n) {
    List<Place> all = new ArrayList<>();
    int zones = 1 + n / NODES_IN_A_ZONE;
    for (int i = 0; i < n; i++) all.add(new Place(String.format("n%05d", i), "z" + i % zones));
    return all;
  }

  private static long usedHeap() {
    for (int i = 0; i < 3; i++) System.gc();
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }
}
