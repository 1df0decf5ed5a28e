package io.homespan.mesh;

import java.util.stream.IntStream;

/** Peers to measure with. */
final class Neighbours {
  private Neighbours() {}

  /** The first so many of an endless row of peers. */
  static PeerSet first(int count) {
    return PeerSet.of(IntStream.range(0, count).mapToObj(Neighbours::peer).toList());
  }

  private static Peer peer(int number) {
    String host = "10.0." + number / 256 + "." + number % 256;
    return new Peer(host + ":21891", host, 21891);
  }
}
