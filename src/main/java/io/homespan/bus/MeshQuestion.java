package io.homespan.bus;

import java.time.Duration;

/**
 * Asks the heartbeat for what was measured.
 *
 * @param window over how long, back from now; zero: for as long as it takes to measure all
 */
public record MeshQuestion(Duration window) {
  /** The code of a refusal: so many windows are asked for already that one more must wait. */
  public static final int FULL = 503;
}
