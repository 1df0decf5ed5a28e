package io.homespan.bus;

import io.homespan.mesh.Peer;
import io.homespan.otlp.Part;

/**
 * Asks egress to bring a part to its owner, or to who stands in; answered with its {@link Fates}.
 *
 * @param owner whose the part is by the table it was cut with
 * @param deadline when the asker stops waiting, on {@link System#nanoTime()}'s scale. Work whose
 *     time is up is not begun
 */
public record Forward(Part part, Peer owner, long deadline) {}
