/**
 * Passes kept spans on, and confirms. In come parts, on {@code spans.keep}; out go lines on the
 * log, OTLP/JSON lines in a file, calls to an OTLP/gRPC backend; back goes each part's fates.
 *
 * <pre>
 * spans.keep ──► SinkVerticle ── seen before? ──► RepeatMemory
 *                     │
 *                     ├──► LogSink    printed
 *                     ├──► FileSink   ──► LineFile (on a worker)      written to the operating system
 *                     └──► OtlpSink   ──► OtlpBatches (what goes when) the backend said OK
 * </pre>
 *
 * <p>All configured sinks must confirm. When one of them refuses, the part is refused, and what the
 * others have confirmed is remembered: a resend asks only the missing ones.
 *
 * <p>It does not ask whose a part is, never forwards, and nothing of it outlives the process but
 * what is in the file and at the backend.
 */
@NullMarked
package io.homespan.sink;

import org.jspecify.annotations.NullMarked;
