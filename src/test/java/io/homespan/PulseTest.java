package io.homespan;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class PulseTest {
  @Test
  void itRuns_neverFasterThanTheClockOnTheWall() throws Exception {
    long began = Pulse.now();
    Patience.until(
        "a second",
        () -> {
          Duration lived = Pulse.since(began);
          assertThat(lived).isLessThanOrEqualTo(Duration.ofNanos(System.nanoTime() - began));
          return lived.toSeconds() >= 1;
        });
    assertThat(Pulse.since(Pulse.now())).isZero();
  }
}
