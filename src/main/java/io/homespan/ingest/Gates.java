package io.homespan.ingest;

import io.homespan.config.Config;
import io.homespan.guard.Keyring;
import io.homespan.metrics.Metrics;

/**
 * The two admissions of a node, the bounds of its connections, and who may come. Peers have one of
 * their own, so that senders who fill this node can't keep out what other nodes have accepted
 * already: a tier whose nodes are all full empties by itself.
 */
public final class Gates {
  private final Keyring keyring;
  private final Admission senders;
  private final Admission peers;
  private final Connections senderConnections;
  private final Connections peerConnections;

  /** The same, with files that are read here. Blocks if there are any. */
  public Gates(Config config, Metrics metrics) {
    this(config, metrics, Keyring.open(config, metrics));
  }

  /** Made once a node, and shared by the instances of both ports. */
  public Gates(Config config, Metrics metrics, Keyring keyring) {
    this.keyring = keyring;
    this.senders = new Admission(config.ingest().admission());
    this.peers = new Admission(config.peerForwarder().server().admission());
    this.senderConnections =
        new Connections(config.ingest().admission().maxConnections(), metrics, "sender");
    this.peerConnections =
        new Connections(
            config.peerForwarder().server().admission().maxConnections(), metrics, "peer");
    show(metrics, "sender", senders);
    show(metrics, "peer", peers);
  }

  Keyring keyring() {
    return keyring;
  }

  Admission senders() {
    return senders;
  }

  Admission peers() {
    return peers;
  }

  Connections senderConnections() {
    return senderConnections;
  }

  Connections peerConnections() {
    return peerConnections;
  }

  private static void show(Metrics metrics, String from, Admission admission) {
    metrics.gauge(
        "homespan_requests_in_flight",
        "Requests that are admitted and not answered yet",
        admission::requests,
        "from",
        from);
    metrics.gauge(
        "homespan_bytes_in_flight",
        "Bytes of requests that are admitted and not answered yet",
        admission::bytes,
        "from",
        from);
  }
}
