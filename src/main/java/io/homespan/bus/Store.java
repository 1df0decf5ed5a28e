package io.homespan.bus;

import io.homespan.otlp.Part;

/**
 * Asks the journal to make spans safe, whoever owns them; answered with {@link Stored}.
 *
 * @param part a request's valid spans, not cut by owner
 * @param deadline when the asker stops waiting, on {@link System#nanoTime()}'s scale. Work whose
 *     time is up is not begun
 */
public record Store(Part part, long deadline) {}
