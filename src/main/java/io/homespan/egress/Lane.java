package io.homespan.egress;

import io.homespan.mesh.Peer;

/**
 * A peer, what waits for it, and whether it can be reached. Belongs to one event loop, but for the
 * circuit, which all share.
 */
final class Lane {
  final Line line;
  final Circuit circuit;

  /** As the newest table has it: an id may move to another address. */
  Peer peer;

  /** Whether somebody will look at the line when its first part has waited long enough. */
  boolean timerSet;

  Lane(Peer peer, Line line, Circuit circuit) {
    this.peer = peer;
    this.line = line;
    this.circuit = circuit;
  }

  String id() {
    return peer.id();
  }
}
