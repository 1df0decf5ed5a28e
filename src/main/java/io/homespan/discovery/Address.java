package io.homespan.discovery;

import io.homespan.config.Config.Endpoint;

/**
 * Where a peer may be.
 *
 * @param listed how the provider wrote it, with port: the peer's id as long as nothing better is
 *     known, so it must be equal on every node with the same provider
 * @param host what is dialled: a name, an IPv4 or a bare IPv6 address
 * @param port the peer port
 */
public record Address(String listed, String host, int port) {
  /** An address that is dialled as it is listed. {@code host} is a name or an IP address. */
  public static Address of(String host, int port) {
    return of(new Endpoint(host, port));
  }

  static Address of(Endpoint endpoint) {
    return new Address(endpoint.toString(), endpoint.host(), endpoint.port());
  }
}
