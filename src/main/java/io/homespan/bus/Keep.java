package io.homespan.bus;

import io.homespan.metrics.KeptAs;
import io.homespan.otlp.Part;

/**
 * Asks this node's sinks to keep a part; answered with its {@link Fates} once every sink has
 * confirmed or refused.
 *
 * @param deadline when the asker stops waiting, on {@link System#nanoTime()}'s scale. Work whose
 *     time is up is not begun
 */
public record Keep(Part part, KeptAs as, long deadline) {}
