package io.homespan.bus;

import io.vertx.core.buffer.Buffer;

/**
 * Asks ingest to bring stored spans to their owners, as if they had just come; answered with {@link
 * Delivered}.
 *
 * @param request an {@code ExportTraceServiceRequest}
 * @param deadline when the attempt is over, on {@link System#nanoTime()}'s scale
 */
public record Deliver(Buffer request, long deadline) {}
