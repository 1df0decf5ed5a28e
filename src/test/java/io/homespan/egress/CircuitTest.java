package io.homespan.egress;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class CircuitTest {
  private final Circuit circuit = new Circuit(new Random(1));

  @Test
  void itOpens_afterThreeFailuresInARow_andSaysSoOnce() {
    assertThat(circuit.failed(0)).isFalse();
    assertThat(circuit.failed(0)).isFalse();
    assertThat(circuit.admits(0)).isTrue();
    assertThat(circuit.failed(0)).isTrue();
    assertThat(circuit.admits(0)).isFalse();
    assertThat(circuit.failed(0)).isFalse();
  }

  @Test
  void anAnswerBetween_startsTheCountAnew() {
    circuit.failed(0);
    circuit.failed(0);
    circuit.answered();
    circuit.failed(0);
    circuit.failed(0);
    assertThat(circuit.isOpen()).isFalse();
  }

  @Test
  void afterThePause_oneCallIsLetThrough() {
    open();
    assertThat(circuit.admits(Circuit.FIRST_PAUSE / 2 - 1)).isFalse();
    assertThat(circuit.admits(Circuit.FIRST_PAUSE)).isTrue();
    circuit.begins();
    assertThat(circuit.admits(Circuit.FIRST_PAUSE)).isFalse();
    circuit.answered();
    assertThat(circuit.admits(Circuit.FIRST_PAUSE)).isTrue();
    assertThat(circuit.isOpen()).isFalse();
  }

  @Test
  void thePause_doublesWithEachTry_upToABound() {
    open();
    long now = 0;
    long pause = Circuit.FIRST_PAUSE;
    for (int i = 0; i < 10; i++) {
      now += pause;
      assertThat(circuit.admits(now)).isTrue();
      circuit.begins();
      circuit.failed(now);
      pause = Math.min(Circuit.LONGEST_PAUSE, 2 * pause);
      assertThat(circuit.admits(now + pause / 2 - 1)).isFalse();
      assertThat(circuit.admits(now + pause)).isTrue();
    }
    assertThat(pause).isEqualTo(Circuit.LONGEST_PAUSE);
  }

  @Test
  void whileDiscoveryDoesNotHearThePeerEither_oneFailureIsEnough_andThePauseLong() {
    circuit.notHeardOf(0);
    assertThat(circuit.admits(0)).isTrue(); // discovery alone may be wrong
    assertThat(circuit.failed(0)).isTrue();
    assertThat(circuit.admits(Circuit.LONGEST_PAUSE)).isFalse();
    assertThat(circuit.admits(Circuit.SILENT_PAUSE)).isTrue();
    circuit.heardOf(1);
    assertThat(circuit.admits(1)).isTrue();
  }

  @Test
  void whenThePeerIsHeardOf_thePauseIsOver() {
    open();
    assertThat(circuit.admits(1)).isFalse();
    circuit.heardOf(1);
    assertThat(circuit.admits(1)).isTrue();
    assertThat(circuit.isOpen()).isTrue(); // until a call has shown it
  }

  private void open() {
    for (int i = 0; i < Circuit.FAILURES; i++) circuit.failed(0);
  }
}
