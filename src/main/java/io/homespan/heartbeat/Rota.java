package io.homespan.heartbeat;

import io.homespan.heartbeat.Measurement.Place;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Whom to visit, and when; a visit is one probe of each kind, one after the other. A round lasts an
 * interval, its visits lie evenly in it, each a little off by chance, and nodes begin at times of
 * their own: so they never ping together. When the budget is not enough for all, whom a visit found
 * failing is visited in the next round as well. Times are nanoseconds of {@link System#nanoTime}'s
 * scale. Not thread safe.
 */
final class Rota {
  /** Never less between two probes of a kind to one peer, whatever is configured. */
  static final Duration FLOOR = Duration.ofSeconds(1);

  /** A probe of a visit begins when the one before has ended, or after this. */
  static final Duration PATIENCE = Duration.ofMillis(50);

  /** Connections, classes and compiled code are cold in the first rounds: tens of milliseconds. */
  static final int WARM_UP = 2;

  private static final int KINDS = Probe.values().length;
  private static final long APART = FLOOR.plus(PATIENCE.multipliedBy(KINDS - 1)).toNanos();

  private final long intervalNanos;
  private final double budget;
  private final RandomGenerator random;

  private List<Place> members = List.of();
  private Set<Place> there = Set.of();
  private int self = -1;
  private boolean alone;
  private long round;
  private long roundEnds;
  private boolean begun;
  private final PriorityQueue<Due> due =
      new PriorityQueue<>((a, b) -> Long.signum(a.atNanos - b.atNanos)); // nanoTime may overflow
  private final Map<String, Long> last = new HashMap<>(); // by id: a zone is learnt later
  private final Set<Place> suspects = new LinkedHashSet<>();

  /**
   * One visit to make.
   *
   * @param atNanos when
   */
  record Due(Place to, long atNanos) {}

  /**
   * For one node.
   *
   * @param interval of the rounds
   * @param perSecond probes of this node at most
   */
  Rota(Duration interval, double perSecond, RandomGenerator random) {
    this.intervalNanos = Math.max(interval.toNanos(), FLOOR.toNanos());
    this.budget = perSecond;
    this.random = random;
  }

  /** Peers of a round at most; this node itself takes a share of the budget as well. */
  int peersPerRound() {
    return (int) Math.max(1, budget * intervalNanos / 1e9 / KINDS - 1);
  }

  /** Of those, when they are not all: an eighth is kept for whom the last visit found failing. */
  int peersByTurns() {
    int most = peersPerRound();
    return members.size() - 1 <= most || most == 1 ? most : most - Math.max(1, most / 8);
  }

  /**
   * So many first results of a peer count for nothing. Who is measured by turns would have none for
   * minutes, and each time a connection that is opened anew: there the node's own first rounds are
   * what is dropped.
   */
  int warmUp() {
    if (rounds() == 1) return WARM_UP;
    return round <= WARM_UP ? Integer.MAX_VALUE : 0;
  }

  /** After so many rounds at most each pair has been measured by one of the two. */
  long rounds() {
    return Subset.rounds(Math.max(2, members.size()), peersByTurns(), alone);
  }

  /**
   * Over how long results are told unless somebody asks for another time: a minute, or as many as
   * it takes to visit each that is this node's to measure twice; an hour at most.
   */
  Duration window() {
    long seconds = 2 * rounds() * intervalNanos / TimeUnit.SECONDS.toNanos(1);
    return Duration.ofMinutes(Math.max(1, Math.min(60, (seconds + 59) / 60)));
  }

  /**
   * Who is there now, in the order of their ids; what is due to who is gone is forgotten.
   *
   * @param self this node, which stands in the list; else nobody is measured
   * @param alone whether some of them tell nobody what they measure
   */
  void members(List<Place> members, Place self, boolean alone) {
    this.alone = alone;
    this.members = List.copyOf(members);
    this.self = members.indexOf(self);
    there = Set.copyOf(members);
    Set<String> ids = new HashSet<>();
    for (Place one : members) ids.add(one.id());
    due.removeIf(one -> !there.contains(one.to()));
    last.keySet().retainAll(ids);
    suspects.retainAll(there);
  }

  /** How a visit ended. */
  void visited(Place peer, boolean failed) {
    if (!failed) suspects.remove(peer);
    else if (there.contains(peer) && !peer.equals(members.get(self))) suspects.add(peer);
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
      last.put(next.to().id(), now);
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
    Set<Place> peers =
        new LinkedHashSet<>(Subset.of(members, self, round++, peersByTurns(), alone));
    peers.addAll(takeSuspects(peersPerRound() - peersByTurns()));
    peers.add(members.get(self)); // the baseline: what a probe takes without a network
    long slot = intervalNanos / peers.size();
    long begin = now;
    for (Place peer : peers) {
      long at = begin + (long) (random.nextDouble() * slot / 2);
      @Nullable Long before = last.get(peer.id());
      if (before != null && at - before < APART) at = before + APART;
      due.add(new Due(peer, at));
      begin += slot;
    }
  }

  /** By turns, if there are more: each goes to the end, unless its visit takes it out. */
  private List<Place> takeSuspects(int most) {
    List<Place> first = suspects.stream().limit(most).toList();
    first.forEach(suspects::remove);
    suspects.addAll(first);
    return first;
  }
}
