/**
 * The two ends of the load bench, each a process of its own: {@link io.homespan.bench.Load} sends
 * requests and takes the time, {@link io.homespan.bench.Sinks} answers OK and counts. They share a
 * core while the contestant has another, so both do as little as they can: requests are made and
 * framed before the clock starts, received DATA is never copied.
 *
 * <pre>
 * Load ── LoadRun ── LoadConnection ──► contestant ──► SinkConnection ── Sinks
 *   Corpus                  └──────── Http2Connection ────────┘   SpanCounter
 * </pre>
 *
 * Nothing here knows anything of Homespan but OTLP.
 */
@NullMarked
package io.homespan.bench;

import org.jspecify.annotations.NullMarked;
