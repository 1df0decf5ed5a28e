/**
 * Who is in the tier. In come the configuration, answers of name servers, and identity exchanges
 * with other nodes (those this node makes, and those the peer port passes on); out goes one {@link
 * io.homespan.bus.Membership} after the other on {@code peers.current}.
 *
 * <pre>
 * provider ──addresses──► Listing ──► Roster ──peer set──► OwnerTable (built off the loop) ──► Membership
 *  (a Feed each)        (graces)      ▲  │          (joins gathered)
 *                          answers    │  └─addresses to ask──► IdentityClient ──► each peer port
 *                                     └───────────────────────────┘
 * </pre>
 *
 * <p>A {@link io.homespan.discovery.PeerProvider} finds <em>addresses</em>: it is asked again and
 * again ({@code dns}, {@code dns_srv}), or it tells when something changes ({@code static}, {@code
 * file}, {@code udp}, {@code zookeeper}, {@code kubernetes}). {@code Providers} makes those of
 * ours; others make their own by a {@link io.homespan.discovery.PeerProviderFactory}, and the
 * README has an example. {@code RunningProviders} takes them through changes of the configuration
 * and to their end. The exchange asks each of them who it is, so that a node has one id however it
 * was found: behind a service name, behind NAT, or on {@code localhost} next to others. {@link
 * io.homespan.discovery.Roster} holds the rules; it is plain, and everything that it decides can be
 * read in its tests. The verticle is the shell round it with the timers and sockets.
 *
 * <p>What a provider finds counts at once. What it misses stays for a {@code Grace}, since answers
 * are cut off at times; a failure is no answer, and nothing found is a failure. A peer that says
 * that it leaves needs no grace.
 *
 * <p>Being reachable and being a member are two things: an address that does not answer stays in
 * the owner table for as long as a provider lists it, because all nodes must hold equal tables and
 * cannot agree on who reaches whom. Only a node that says it is leaving is taken out before that.
 *
 * <p>Agents, which only measure the network, are told on {@code agents.current}: those that stand
 * in ZooKeeper in the agents' layout, and those that say so when they are asked who they are. They
 * are in no owner table. A process that is an agent itself has in its table whom it measures.
 *
 * <p>This package sends no spans, opens no port and does not watch whether peers work; egress sees
 * that by their calls.
 */
@NullMarked
package io.homespan.discovery;

import org.jspecify.annotations.NullMarked;
