package io.homespan.mesh;

import java.util.Arrays;

/**
 * Who stays, comes and goes from one peer set to the next, by their places in the two. Who has
 * another weight has gone and come.
 */
final class PeerChange {
  private final int[] newPlaces;
  private final int[] newcomers;

  private PeerChange(int[] newPlaces, int[] newcomers) {
    this.newPlaces = newPlaces;
    this.newcomers = newcomers;
  }

  static PeerChange between(PeerSet before, PeerSet after) {
    int[] newPlaces = new int[before.size()];
    Arrays.fill(newPlaces, Places.NONE);
    int[] newcomers = new int[after.size()];
    int came = 0;
    int old = 0;
    for (int place = 0; place < newcomers.length; place++) {
      Peer peer = after.peers().get(place);
      while (old < newPlaces.length && order(before, old, peer.id()) < 0) old++; // went
      boolean was = old < newPlaces.length && order(before, old, peer.id()) == 0;
      if (was && before.peers().get(old).weight() == peer.weight()) newPlaces[old] = place;
      else newcomers[came++] = place;
      if (was) old++;
    }
    return new PeerChange(newPlaces, Arrays.copyOf(newcomers, came));
  }

  /** By old place: the new one, or {@link Places#NONE} of who went. */
  int[] newPlaces() {
    return newPlaces;
  }

  /** The new places of who stays, in order. */
  int[] survivors() {
    return Arrays.stream(newPlaces).filter(place -> place != Places.NONE).toArray();
  }

  /** The new places of who came. */
  int[] newcomers() {
    return newcomers;
  }

  private static int order(PeerSet peers, int place, String id) {
    return PeerSet.BYTEWISE.compare(peers.peers().get(place).id(), id);
  }
}
