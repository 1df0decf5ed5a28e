package io.homespan.heartbeat;

import io.homespan.bus.Finding;
import io.homespan.bus.Findings;
import io.homespan.bus.Membership;
import java.util.HashSet;
import java.util.Set;

/**
 * Whom a node measures. As a rule all peers; while nobody tells any more who they are, only those
 * who confirm it themselves: an address that was another's all along, or has become it, would be
 * told as a dead node, and be pinged for ever. Pings are answered all the same.
 */
final class Census {
  /** For people. */
  static final String SOURCE_LOST =
      "no provider of addresses has answered for longer than discovery.max_staleness; only peers"
          + " that say themselves who they are are measured";

  /** States of members that answer the exchange of identities. */
  private static final Set<String> CONFIRMED = Set.of("self", "answered", "leaving");

  private Census() {}

  /** Whether all providers of addresses have failed for too long; none is none. */
  static boolean isSourceLost(Findings findings) {
    return !findings.providers().isEmpty()
        && findings.providers().stream().allMatch(Finding::stale);
  }

  /** Ids of those to measure; who stands outside the owner table is not asked for. */
  static Set<String> measured(Membership membership, boolean sourceLost) {
    Set<String> ids = new HashSet<>();
    membership.peers().peers().forEach(peer -> ids.add(peer.id()));
    if (!sourceLost) return ids;
    Set<String> confirmed = new HashSet<>();
    for (Membership.Member one : membership.members()) {
      if (CONFIRMED.contains(one.state())) confirmed.add(one.id());
    }
    ids.retainAll(confirmed);
    return ids;
  }
}
