package io.homespan.mesh;

/**
 * A member of the tier as another node sees it.
 *
 * @param id the text that is hashed for it; equal on every node
 * @param host where it is reached: a name, an IPv4 or a bare IPv6 address (no brackets)
 * @param port its peer port, 1 to 65535
 * @param weight its share of the traces, against the weights of the others: 1 to {@link
 *     #MAX_WEIGHT}
 */
public record Peer(String id, String host, int port, int weight) {
  /** The largest weight. */
  public static final int MAX_WEIGHT = 100;

  /** A peer of weight 1. */
  public Peer(String id, String host, int port) {
    this(id, host, port, 1);
  }

  /** Checks that the peer can be hashed and reached. */
  public Peer {
    if (id.isBlank()) throw new IllegalArgumentException("peer id is blank");
    if (host.isBlank()) throw new IllegalArgumentException("host of peer " + id + " is blank");
    if (port < 1 || port > 65535) {
      throw new IllegalArgumentException("port of peer " + id + " is " + port);
    }
    if (weight < 1 || weight > MAX_WEIGHT) {
      throw new IllegalArgumentException("weight of peer " + id + " is " + weight);
    }
  }
}
