/**
 * Who is in the tier. In come the configuration, answers of name servers, and identity exchanges
 * with other nodes (those this node makes, and those the peer port passes on); out goes one {@link
 * io.homespan.bus.Membership} after the other on {@code peers.current}.
 *
 * <pre>
 * provider ──addresses──► Roster ──peer set──► OwnerTable (built off the event loop) ──► Membership
 *                          ▲  │
 *               answers    │  └─addresses to ask──► IdentityClient ──► the peer port of each address
 *                          └───────────────────────────────┘
 * </pre>
 *
 * <p>A provider ({@code static}, {@code self}, {@code dns}, {@code udp}) finds <em>addresses</em>.
 * The exchange asks each of them who it is, so that a node has one id however it was found: behind
 * a service name, behind NAT, or on {@code localhost} next to others. {@link
 * io.homespan.discovery.Roster} holds the rules; it is plain, and everything that it decides can be
 * read in its tests. The verticle is the shell round it with the timers and sockets.
 *
 * <p>Being reachable and being a member are two things: an address that does not answer stays in
 * the owner table for as long as a provider lists it, because all nodes must hold equal tables and
 * cannot agree on who reaches whom. Only a node that says it is leaving is taken out before that.
 *
 * <p>This package sends no spans, opens no port and does not watch whether peers work; egress sees
 * that by their calls.
 */
@NullMarked
package io.homespan.discovery;

import org.jspecify.annotations.NullMarked;
