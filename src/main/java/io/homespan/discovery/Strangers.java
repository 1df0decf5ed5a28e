package io.homespan.discovery;

import io.homespan.discovery.Problem.Kind;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Callers that should not be: of another cluster, or with this node's own id. Each is remembered
 * for some rounds after its last call, as it calls only once a round. Not thread safe: belongs to
 * one {@link Roster}.
 */
final class Strangers {
  private static final int ROUNDS = 6;
  private static final int MAX = 256;

  private final Map<String, Integer> clusters = new LinkedHashMap<>();
  private final Map<String, Integer> claimants = new LinkedHashMap<>();
  private final Set<String> callers = new LinkedHashSet<>(); // the last to call comes last
  private final int mostCallers;

  /** {@code mostCallers} are remembered: more than there are peers, or each were new each time. */
  Strangers(int mostCallers) {
    this.mostCallers = mostCallers;
  }

  void ofCluster(String cluster, int round) {
    if (clusters.size() < MAX || clusters.containsKey(cluster)) clusters.put(cluster, round);
  }

  void withOwnId(String instance, int round) {
    if (claimants.size() < MAX || claimants.containsKey(instance)) claimants.put(instance, round);
  }

  /** Whether this process calls for the first time, as far as is remembered. */
  boolean isNew(String instance) {
    boolean known = callers.remove(instance);
    callers.add(instance);
    if (callers.size() > mostCallers) callers.remove(callers.iterator().next());
    return !known;
  }

  void roundEnded(int round) {
    clusters.values().removeIf(last -> round - last > ROUNDS);
    claimants.values().removeIf(last -> round - last > ROUNDS);
  }

  List<Problem> problems(String ownCluster, String ownId) {
    List<Problem> problems = new ArrayList<>();
    for (String cluster : clusters.keySet()) {
      problems.add(otherCluster("a node that calls here", cluster, ownCluster));
    }
    if (!claimants.isEmpty()) {
      problems.add(sameId(ownId, new HashSet<>(List.of("this node", "a node that calls here"))));
    }
    return problems;
  }

  static Problem otherCluster(String who, String cluster, String ownCluster) {
    return new Problem(
        Kind.OTHER_CLUSTER,
        who + " " + cluster,
        who + " belongs to cluster \"" + cluster + "\", not to \"" + ownCluster + "\"; refused");
  }

  static Problem sameId(String id, Collection<String> where) {
    return new Problem(
        Kind.SAME_ID,
        id,
        "different processes claim the peer id "
            + id
            + ": "
            + String.join(", ", where.stream().sorted().toList())
            + "; give each its own peer_forwarder.advertise");
  }
}
