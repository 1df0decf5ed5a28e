package io.homespan.mesh;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Who comes before whom in a slot, among the peers of a set, named by their places in it.
 *
 * <p>Each peer draws a number in each slot. With equal weights the highest number wins. With
 * different ones the highest score of {@code -weight / ln(number)} does, the number scaled to lie
 * between 0 and 1: the shares are then as the weights (weighted rendezvous hashing: Mosharaf and
 * others, "Weighted distributed hash tables", SPAA 2005; Schindelhauer and Schomaker). The
 * logarithm is {@link StrictMath}'s, which gives the same bits on every machine.
 *
 * <p>Among peers of one weight the score orders as the number does, so a logarithm is only taken
 * between peers of different weights, and a peer whose weight changes moves nothing between the
 * others. Immutable.
 */
final class Ranking {
  private final long[] hashes;
  private final int[] weights;
  private final boolean even;

  private Ranking(long[] hashes, int[] weights) {
    this.hashes = hashes;
    this.weights = weights;
    this.even = Arrays.stream(weights).distinct().count() < 2;
  }

  static Ranking of(PeerSet peers) {
    return new Ranking(
        peers.peers().stream().mapToLong(peer -> Rendezvous.peerHash(peer.id())).toArray(),
        peers.peers().stream().mapToInt(Peer::weight).toArray());
  }

  /** How many peers there are. */
  int size() {
    return hashes.length;
  }

  /** Peers of one weight. */
  static final class Group {
    /** In order. */
    final int[] places;

    /** Beside their places. */
    final long[] hashes;

    Group(int[] places, long[] hashes) {
      this.places = places;
      this.hashes = hashes;
    }
  }

  /** Some peers by their weights. */
  List<Group> groups(int[] places) {
    List<Group> groups = new ArrayList<>();
    int[] distinct = Arrays.stream(places).map(place -> weights[place]).distinct().toArray();
    for (int weight : distinct) {
      int[] some = Arrays.stream(places).filter(place -> weights[place] == weight).toArray();
      groups.add(new Group(some, Arrays.stream(some).mapToLong(place -> hashes[place]).toArray()));
    }
    return groups;
  }

  /** Whether the peer at one place comes before the one at another. */
  boolean isBefore(long slotHash, int place, int other) {
    long number = Rendezvous.number(slotHash, hashes[place]);
    long otherNumber = Rendezvous.number(slotHash, hashes[other]);
    if (!even && weights[place] != weights[other]) {
      double score = score(number, weights[place]);
      double otherScore = score(otherNumber, weights[other]);
      if (score != otherScore) return score > otherScore;
    }
    return number == otherNumber
        ? place < other
        : number + Long.MIN_VALUE > otherNumber + Long.MIN_VALUE;
  }

  /** The upper 52 bits and a half: exact, and neither 0 nor 1. */
  private static double score(long number, int weight) {
    double between0And1 = ((number >>> 12) + 0.5) * 0x1p-52;
    return -weight / StrictMath.log(between0And1);
  }
}
