/**
 * What {@code bench/chaos} is made of, each a process of its own: {@link io.homespan.chaos.Senders}
 * sends spans and writes down which were answered OK, {@link io.homespan.chaos.Backend} is the sink
 * of every node and writes down which came from whom, {@link io.homespan.chaos.FaultProxy} stands
 * before the nodes' peer ports and does to connections what networks do, and {@link
 * io.homespan.chaos.Judge} compares the two books when all is over.
 *
 * <pre>
 * Senders ──► node ──► FaultProxy ──► node ──► Backend, or a file
 *    │                                            │
 *    └── requests.bin, attempts.bin ──► Judge ◄── arrivals.bin
 * </pre>
 *
 * <p>A span's ids are made from its number and back ({@link io.homespan.chaos.SpanIds}), so the
 * books are numbers and times, 9 bytes for an arrival. Nothing here shares code with the server.
 */
@NullMarked
package io.homespan.chaos;

import org.jspecify.annotations.NullMarked;
