/**
 * Nodes of one network find one another by beacons: small datagrams to a multicast group or a
 * broadcast address, sent every {@code discovery.udp.interval} by every node. In come whatever
 * datagrams the port receives; out goes the set of addresses that are being announced.
 *
 * <pre>
 * group, port ──datagrams──► UdpProvider ──► BeaconReader (whole? ours? sealed?) ──► BeaconBook ──► addresses
 *      ▲                         │
 *      └──────own beacons────────┘
 * </pre>
 *
 * <p>A beacon is believed only if it carries the cluster's name and an HMAC-SHA-256 with the shared
 * secret, if its sequence number is above all that its process has sent before, and if its time
 * stamp is near. Nothing that fails one of these leaves anything behind but a count and one
 * sentence for the operator. {@link io.homespan.discovery.udp.BeaconBook} has the rules; it knows
 * no socket and no clock.
 *
 * <p>A node hears itself, as everybody else does: so it finds itself, and so it knows that its ears
 * work. While it does not hear itself, it takes nobody out: the silence of others then says nothing
 * about them.
 */
@NullMarked
package io.homespan.discovery.udp;

import org.jspecify.annotations.NullMarked;
