package io.homespan.bus;

import java.time.Duration;

/**
 * Asks the heartbeat for what was measured.
 *
 * @param window over how long, back from now
 */
public record MeshQuestion(Duration window) {}
