/**
 * Delivers parts to peers.
 *
 * <p>In: {@code Forward} on the bus, a part with the peer that owns it; {@code peers.current}. Out:
 * Export calls to peer ports, {@code Keep} for what this node itself has to stand in for, and the
 * part's fates back to who asked. It does not decide who owns a trace, and it keeps nothing.
 *
 * <p>A {@code Line} gathers parts for one peer; a {@code Circuit} remembers whether that peer can
 * be reached; {@code Receipt} reads what a peer said about each part, and {@code AfterCall} says
 * what comes next for it; {@code StandIns} cuts a part anew for those who come next in the order.
 * {@code Courier} holds them together, with the world behind {@code Road}; all of it belongs to one
 * event loop, but the circuits, which all share: one loop's time-outs are enough for all.
 *
 * <p>The peers of a gateway are receivers that are no nodes: they get plain OTLP, {@code
 * ReceiversRoad} gives back what nobody takes, and {@code Arrivals} recognises repeats for them.
 *
 * <p>Each row of the design's table of delivery is a state of {@code AfterCall}, and each state is
 * counted as a {@code ForwardStep}. What can be kept twice all the same is counted by {@code
 * Doubt}.
 */
@NullMarked
package io.homespan.egress;

import org.jspecify.annotations.NullMarked;
