/**
 * Homespan: every span of a trace, on one node.
 *
 * <pre>
 *                 OTLP gRPC / HTTP                                          OTLP gRPC, file, log
 * senders ──────────────► ingest ──(spans.keep)────────────────► sink ───────────────► backend
 * peers ────────────────►   │                                     ▲
 *        (one hop only)   ▲ └──(spans.forward)──► egress ─────────┘(stand-in) ────────► a peer's port
 *                         └──(spans.store, journal.deliver)──► [journal]
 *
 * static · dns · self ──► discovery ──(peers.current)──► ingest · egress · heartbeat · admin
 * </pre>
 *
 * <p>The upper lines are data, left to right; the lower one is knowledge of peers. Only replies
 * flow back. With {@code acknowledge: stored} what senders send goes to the journal first and comes
 * back from there to ingest, as often as it takes; else there is no journal. Each package is a step
 * of a span's path or a noun of the tier:
 *
 * <ul>
 *   <li>{@code config}: one YAML file and the environment into one validated record tree
 *   <li>{@code otlp}: the OTLP wire format: find spans, cut by owner, join
 *   <li>{@code mesh}: peers, peer sets, owner tables
 *   <li>{@code bus}: the typed road between the verticles
 *   <li>{@code metrics}: all that a node counts, and the balance between the counts
 *   <li>{@code rpc}: unary gRPC, raw bytes in and out, on Vert.x's HTTP server and event loop
 *   <li>{@code guard}: who may connect and call: certificates, keys and tokens, as their files
 *       change
 *   <li>{@code ingest}: receive, admit, cut, hand over, answer
 *   <li>{@code discovery}: find peers, ask who they are, say when they change
 *   <li>{@code egress}: deliver parts to peers
 *   <li>{@code sink}: pass kept spans on
 *   <li>{@code journal}: keep accepted requests on disk until they are delivered
 *   <li>{@code heartbeat}: measure the way to every other node, and say what is wrong with it
 *   <li>{@code report}: take what the heartbeat measures to a Kafka, a file, an OTLP receiver
 *   <li>{@code admin}: health, metrics, peers
 *   <li>{@code demo}: sends a small shop's traces to running nodes, and proves where they went
 * </ul>
 *
 * <p>This package starts, wires and stops a node. A {@code DataPath} is one instance of both ports
 * and egress on one event loop: a request stays on the thread where it arrived.
 */
@NullMarked
package io.homespan;

import org.jspecify.annotations.NullMarked;
