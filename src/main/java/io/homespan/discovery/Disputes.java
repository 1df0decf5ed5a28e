package io.homespan.discovery;

import io.homespan.discovery.Problem.Kind;
import io.homespan.mesh.PeerSet;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Sees in what the addresses answered during one round where nodes contradict each other. Within
 * one round, because a restart between two of them is no contradiction. Not thread safe: belongs to
 * one {@link Roster}.
 */
final class Disputes {
  /** For so many rounds another owner table is taken for news under way. */
  private static final int ROUNDS_TO_AGREE = 3;

  private final String instance;
  private List<Problem> ofLastRound = List.of();

  /** {@code instance} is this process. */
  Disputes(String instance) {
    this.instance = instance;
  }

  List<Problem> problems() {
    return ofLastRound;
  }

  void roundEnded(int round, Collection<Seat> seats, @Nullable String ownId, String tableHash) {
    List<Problem> problems = sameIds(round, seats, ownId);
    for (Seat seat : seats) {
      if (seat.isVirtual()) problems.add(virtual(seat));
      Hello last = seat.last();
      if (seat.disagreeing(tableHash) > ROUNDS_TO_AGREE && last != null) {
        problems.add(tablesDiffer(seat.id(), last.table(), tableHash));
      }
    }
    ofLastRound = problems;
  }

  private List<Problem> sameIds(int round, Collection<Seat> seats, @Nullable String ownId) {
    Map<String, Map<String, String>> whereById = new TreeMap<>(PeerSet.BYTEWISE);
    if (ownId != null) claim(whereById, ownId, instance, "this node");
    for (Seat seat : seats) {
      Hello last = seat.last();
      if (last == null || last.id() == null || !seat.answeredIn(round) || seat.isGone()) continue;
      claim(whereById, last.id(), last.instance(), seat.address().listed());
    }
    List<Problem> problems = new ArrayList<>();
    whereById.forEach(
        (id, where) -> {
          if (where.size() > 1) problems.add(Strangers.sameId(id, where.values()));
        });
    return problems;
  }

  private static void claim(
      Map<String, Map<String, String>> whereById, String id, String instance, String where) {
    whereById.computeIfAbsent(id, i -> new TreeMap<>()).putIfAbsent(instance, where);
  }

  private static Problem virtual(Seat seat) {
    String listed = seat.address().listed();
    return new Problem(
        Kind.VIRTUAL_ADDRESS,
        listed,
        listed
            + " answers as different nodes in turn; it looks like a virtual address: list the nodes"
            + " themselves");
  }

  private static Problem tablesDiffer(String id, String theirs, String ours) {
    return new Problem(
        Kind.TABLES_DIFFER, id, id + " has owner table " + theirs + ", this node has " + ours);
  }
}
