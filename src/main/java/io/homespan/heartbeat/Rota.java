package io.homespan.heartbeat;

import io.homespan.heartbeat.Measurement.Place;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Who is due for which probe, and when. A round lasts an interval, its probes lie evenly in it,
 * each a little off by chance, and nodes begin at times of their own: so they never ping together.
 * Between two probes of a kind to one peer there is always {@link #FLOOR}. Times are nanoseconds of
 * {@link System#nanoTime}'s scale. Not thread safe.
 */
final class Rota {
  /** Never less between two probes of a kind to one peer, whatever is configured. */
  static final Duration FLOOR = Duration.ofSeconds(1);

  private final long intervalNanos;
  private final List<Probe> probes;
  private final double budget;
  private final RandomGenerator random;

  private List<Place> members = List.of();
  private int self = -1;
  private long round;
  private long roundEnds;
  private boolean begun;
  private final PriorityQueue<Due> due =
      new PriorityQueue<>((a, b) -> Long.signum(a.atNanos - b.atNanos)); // nanoTime may overflow
  private final Map<Due.Pair, Long> last = new HashMap<>();

  /**
   * One probe to make.
   *
   * @param atNanos when
   */
  record Due(Place to, Probe probe, long atNanos) {
    record Pair(Place to, Probe probe) {}

    Pair pair() {
      return new Pair(to, probe);
    }
  }

  /**
   * For one node.
   *
   * @param interval of the rounds
   * @param probes of which each peer of a round gets one each
   * @param perSecond probes of this node at most
   */
  Rota(Duration interval, List<Probe> probes, double perSecond, RandomGenerator random) {
    this.intervalNanos = Math.max(interval.toNanos(), FLOOR.toNanos());
    this.probes = List.copyOf(probes);
    this.budget = perSecond;
    this.random = random;
  }

  /** Peers of a round at most. */
  int peersPerRound() {
    double probesPerRound = budget * intervalNanos / 1e9;
    return (int) Math.max(1, probesPerRound / probes.size());
  }

  /**
   * Who is there now, in the order of their ids; what is due to who is gone is forgotten.
   *
   * @param self this node, which stands in the list; else nobody is measured
   */
  void members(List<Place> members, Place self) {
    this.members = List.copyOf(members);
    this.self = members.indexOf(self);
    Set<Place> there = new HashSet<>(members);
    due.removeIf(one -> !there.contains(one.to()));
    last.keySet().removeIf(pair -> !there.contains(pair.to()));
  }

  /** What is due at this time, taken off the rota. */
  List<Due> take(long now) {
    if (!begun) {
      begun = true;
      roundEnds = now + (long) (random.nextDouble() * intervalNanos); // not all nodes together
    }
    if (now - roundEnds >= 0) plan(now);
    List<Due> taken = new ArrayList<>();
    for (Due next = due.peek(); next != null && now - next.atNanos >= 0; next = due.peek()) {
      due.remove();
      last.put(next.pair(), now);
      taken.add(next);
    }
    return taken;
  }

  /** When to call {@link #take} again. */
  long nextAt() {
    Due next = due.peek();
    if (next == null || next.atNanos - roundEnds > 0) return roundEnds;
    return next.atNanos;
  }

  /** A round that was slept through, by a frozen process or a stopped clock, is not made up for. */
  private void plan(long now) {
    due.clear();
    roundEnds = now + intervalNanos;
    if (self < 0 || members.size() < 2) return;
    List<Place> peers = new ArrayList<>(Subset.of(members, self, round++, peersPerRound()));
    peers.add(members.get(self)); // the baseline: what a probe takes without a network
    int all = peers.size() * probes.size();
    long slot = intervalNanos / all;
    for (int i = 0; i < all; i++) {
      // the kinds of a peer lie far apart, so that one does not wait for the other
      Due one = new Due(peers.get(i % peers.size()), probes.get(i / peers.size()), 0);
      long at = now + i * slot + (long) (random.nextDouble() * slot / 2);
      @Nullable Long before = last.get(one.pair());
      if (before != null && at - before < FLOOR.toNanos()) at = before + FLOOR.toNanos();
      due.add(new Due(one.to(), one.probe(), at));
    }
  }
}
