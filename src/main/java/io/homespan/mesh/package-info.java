/**
 * Who is in the tier, and who of them owns a trace. Peers come in from discovery as a {@link
 * io.homespan.mesh.PeerSet}; out goes an {@link io.homespan.mesh.OwnerTable} that all nodes with
 * the same peer ids build alike. Plain values: no I/O, no clock, no Vert.x. It does not know
 * whether a peer can be reached, and reachability never changes a table.
 */
@NullMarked
package io.homespan.mesh;

import org.jspecify.annotations.NullMarked;
