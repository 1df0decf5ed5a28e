package io.homespan.discovery;

import io.homespan.mesh.PeerSet;
import java.util.Collection;
import java.util.Collections;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * This node's own peer id. What the configuration says; else the bytewise least of the listed
 * addresses at which the node reached itself; else one at which a caller reached it. Once decided
 * it stays: a node that changed its id would move its traces. Not thread safe: belongs to one
 * {@link Roster}.
 */
final class OwnId {
  private static final int MAX_CALLED = 16;

  private final String fallback;
  private final NavigableSet<String> called = new TreeSet<>(PeerSet.BYTEWISE);
  private @Nullable String decided;

  /** {@code fallback} is the interface address and peer port: shown until there is better. */
  OwnId(@Nullable String advertise, String fallback) {
    this.decided = advertise;
    this.fallback = fallback;
  }

  /** A caller says that it reached this node by this text. Returns whether that is new. */
  boolean calledAt(String listed) {
    return called.size() < MAX_CALLED && called.add(listed);
  }

  boolean wasCalledAt(String listed) {
    return called.contains(listed);
  }

  /** Decides if that is possible. To be called only after a whole round of asking. */
  void decide(Collection<String> reached) {
    if (decided != null) return;
    if (!reached.isEmpty()) decided = Collections.min(reached, PeerSet.BYTEWISE);
    else if (!called.isEmpty()) decided = called.first();
  }

  @Nullable String decided() {
    return decided;
  }

  /** The id, or what it would be. */
  String shown() {
    return decided == null ? fallback : decided;
  }
}
