package io.homespan.discovery.udp;

import java.util.Locale;

/** What became of a datagram. The name in lower case is a metric's label. */
enum Heard {
  /** Believed. */
  OK,
  /** Believed: its sender leaves. */
  GOOD_BYE,
  /** Longer than any beacon. */
  OVERSIZED,
  /** No beacon. */
  GARBAGE,
  /** A beacon of a format that this node does not read. */
  OTHER_VERSION,
  /** A beacon that names another cluster; nobody knows whether rightly so. */
  OTHER_CLUSTER,
  /** A beacon without the seal of the secret. */
  FORGED,
  /** Sealed, but not newer than what its process has sent before. */
  REPLAYED,
  /** Sealed, but its time stamp is far from this node's time. */
  CLOCK,
  /** Sealed, but there is no room for one more. */
  TOO_MANY;

  private final String label = name().toLowerCase(Locale.ROOT);

  String label() {
    return label;
  }
}
