/**
 * The ping mesh: every node measures its way to every other.
 *
 * <pre>
 * peers.current ──► Targets ──► Rota ──(who is due)──► Pinger ──(measurement)──► Cells ──► row ──┐
 *                                                                                                ├─► Matrix ──► findings
 * peers, asked over the peer port ─────────────────────────────────────────────(their rows)──────┘
 * </pre>
 *
 * <p>{@link io.homespan.heartbeat.Targets} are all whom there is to measure; a {@link
 * io.homespan.heartbeat.Rota} says which peer is due for a visit, spread over the interval, and
 * when there are many, by turns ({@link io.homespan.heartbeat.Subset}); a {@code Pinger} makes the
 * probes of a visit, on an event loop of its own, so that a busy node does not measure itself;
 * {@link io.homespan.heartbeat.Cells} remember an hour of it for each pair. A node's cells are its
 * row; all rows are the {@link io.homespan.heartbeat.Matrix}, and {@link
 * io.homespan.heartbeat.Reading} says in sentences what is wrong with it.
 *
 * <p>Beside the peers it measures agents, told on {@code agents.current}, with the ping of the
 * Distributed-trace agent ({@code AgentPing}). Those of another kind have no row to tell, and are
 * not blamed for it.
 *
 * <p>After Guo et al., Pingmesh: A Large-Scale System for Data Center Network Latency Measurement
 * and Analysis, SIGCOMM 2015: a new connection and source port for each TCP probe, a floor under
 * the interval, loss told from failure by the time that a connect took.
 */
@NullMarked
package io.homespan.heartbeat;

import org.jspecify.annotations.NullMarked;
