package io.homespan.heartbeat;

import io.homespan.heartbeat.Measurement.Place;

/**
 * Where a member is measured.
 *
 * @param host a name or an address, IPv6 without brackets
 * @param port its peer port
 * @param name what its certificate must hold, if there is one
 */
record Target(Place place, String host, int port, String name) {
  /** "host:port", brackets round IPv6. */
  String address() {
    return host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ":" + port;
  }
}
