package io.homespan.mesh;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * The peers of the tier, in the bytewise order of their ids, no id twice. Equal sets are equal
 * whatever the order in which their members came.
 *
 * @param peers the members, sorted
 */
public record PeerSet(List<Peer> peers) {
  /**
   * By their bytes in UTF-8, so that every node sorts alike whatever its locale. That is the order
   * of code points, in which a pair of surrogates comes after all single characters; no bytes are
   * made.
   */
  public static final Comparator<String> BYTEWISE =
      (a, b) -> {
        int common = Math.min(a.length(), b.length());
        for (int i = 0; i < common; i++) {
          char one = a.charAt(i);
          char two = b.charAt(i);
          if (one == two) continue;
          boolean paired = Character.isSurrogate(one);
          if (paired != Character.isSurrogate(two)) return paired ? 1 : -1;
          return Character.compare(one, two);
        }
        return Integer.compare(a.length(), b.length());
      };

  /** The set before anything is known. */
  public static final PeerSet EMPTY = new PeerSet(List.of());

  /** Sorts, and refuses an id that stands twice. */
  public PeerSet {
    peers = peers.stream().sorted(Comparator.comparing(Peer::id, BYTEWISE)).toList();
    for (int i = 1; i < peers.size(); i++) {
      if (peers.get(i).id().equals(peers.get(i - 1).id())) {
        throw new IllegalArgumentException("peer id " + peers.get(i).id() + " stands twice");
      }
    }
  }

  /** The set of these peers. */
  public static PeerSet of(Collection<Peer> peers) {
    return new PeerSet(List.copyOf(peers));
  }

  /** Their ids, in order. */
  public List<String> ids() {
    return peers.stream().map(Peer::id).toList();
  }

  /** Whether the same ids have the same weights there; addresses may differ. */
  boolean isWeighedAs(PeerSet other) {
    if (size() != other.size()) return false;
    for (int i = 0; i < size(); i++) {
      Peer one = peers.get(i);
      Peer two = other.peers.get(i);
      if (!one.id().equals(two.id()) || one.weight() != two.weight()) return false;
    }
    return true;
  }

  /** How many there are. */
  public int size() {
    return peers.size();
  }

  /** Whether there is none. */
  public boolean isEmpty() {
    return peers.isEmpty();
  }

  /** The place of this id in the order, or -1. */
  public int indexOf(String id) {
    int low = 0;
    int high = peers.size() - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      int order = BYTEWISE.compare(peers.get(middle).id(), id);
      if (order == 0) return middle;
      if (order < 0) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }
}
