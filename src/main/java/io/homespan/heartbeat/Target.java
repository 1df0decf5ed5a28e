package io.homespan.heartbeat;

import io.homespan.heartbeat.Measurement.Place;

/**
 * Where a member is measured.
 *
 * @param host a name or an address, IPv6 without brackets
 * @param port its peer port
 * @param name what its certificate must hold, if there is one
 * @param tongue what it understands
 */
record Target(Place place, String host, int port, String name, Tongue tongue) {
  /** What a member understands of the mesh's calls. */
  enum Tongue {
    /** All of them. */
    NODE,
    /** The ping of the Distributed-trace agent, by which it is pinged; and the others as well. */
    HOMESPAN_AGENT,
    /** That ping alone, and never by TLS. */
    AGENT;

    /** Whether a payload comes back, and a row is told. */
    boolean isHomespan() {
      return this != AGENT;
    }
  }

  /** A node. */
  Target(Place place, String host, int port, String name) {
    this(place, host, port, name, Tongue.NODE);
  }

  /** "host:port", brackets round IPv6. */
  String address() {
    return host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ":" + port;
  }
}
