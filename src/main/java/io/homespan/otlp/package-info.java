/**
 * The OTLP wire format: find spans, cut by owner, join. Bytes in, bytes out; no I/O and nothing of
 * Vert.x but its {@code Buffer}.
 *
 * <pre>
 * JSON ──OtlpJson──► request ──Cutter──► parts ──Batch.write─► request to a peer ──Batch.split──► parts
 *                                                                  answer ◄──ExportResponse
 * </pre>
 *
 * In come requests as senders made them, {@link io.homespan.otlp.MalformedException} says what is
 * wrong with one and where. Out go {@link io.homespan.otlp.Part parts} with an id by which a repeat
 * is known. Who owns a trace is asked of the caller. What lies inside a span, beside its two ids,
 * is neither checked nor changed: only {@link io.homespan.otlp.OtlpJson} decodes it, and where
 * another {@link io.homespan.otlp.RoutingKey} than the trace id decides, {@code KeyCutter} reads
 * attributes.
 *
 * <p>Buffers are read without copying and must not be written to while they are, or while parts
 * made from them live: a part is a list of ranges of its request, which it keeps in memory until it
 * is written out; a request of one owner is its own part, a batch's parts are slices of it.
 */
@NullMarked
package io.homespan.otlp;

import org.jspecify.annotations.NullMarked;
