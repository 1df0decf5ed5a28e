package io.homespan.ingest;

import io.homespan.bus.Membership;
import io.homespan.mesh.OwnerTable;

/**
 * What ingest needs of a membership.
 *
 * @param self this node's place in the table, or -1: then it forwards everything
 */
record Neighbourhood(OwnerTable table, int self, boolean ready) {
  static final Neighbourhood UNKNOWN = new Neighbourhood(OwnerTable.EMPTY, -1, false);

  static Neighbourhood of(Membership membership) {
    return new Neighbourhood(
        membership.table(),
        membership.peers().indexOf(membership.selfId()),
        membership.ready() && !membership.peers().isEmpty());
  }
}
