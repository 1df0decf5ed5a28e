package io.homespan.egress;

import static io.homespan.egress.Circuit.Leave.CALL;
import static io.homespan.egress.Circuit.Leave.NONE;
import static io.homespan.egress.Circuit.Leave.TRIAL;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CircuitTest {
  private final List<Boolean> told = new ArrayList<>();
  private final Circuit circuit = new Circuit(told::add);

  @Test
  void itOpens_afterThreeFailuresInARow_andSaysSoOnce() {
    assertThat(failed(0)).isFalse();
    assertThat(failed(0)).isFalse();
    assertThat(circuit.admits(0)).isTrue();
    assertThat(failed(0)).isTrue();
    assertThat(circuit.admits(0)).isFalse();
    assertThat(failed(0)).isFalse();
    assertThat(told).containsExactly(true);
  }

  @Test
  void anAnswerBetween_startsTheCountAnew() {
    failed(0);
    failed(0);
    circuit.answered();
    failed(0);
    failed(0);
    assertThat(circuit.isOpen()).isFalse();
    assertThat(told).isEmpty();
  }

  @Test
  void afterThePause_oneCallIsLetThrough_whoeverMakesIt() {
    open();
    assertThat(circuit.begins(Circuit.FIRST_PAUSE / 2 - 1)).isEqualTo(NONE);
    assertThat(circuit.admits(Circuit.FIRST_PAUSE)).isTrue();
    assertThat(circuit.begins(Circuit.FIRST_PAUSE)).isEqualTo(TRIAL);
    assertThat(circuit.admits(Circuit.FIRST_PAUSE)).isFalse();
    assertThat(circuit.begins(Circuit.FIRST_PAUSE)).isEqualTo(NONE);
    assertThat(circuit.answered()).isTrue();
    assertThat(circuit.begins(Circuit.FIRST_PAUSE)).isEqualTo(CALL);
    assertThat(circuit.isOpen()).isFalse();
    assertThat(told).containsExactly(true, false);
  }

  @Test
  void thePause_doublesWithEachTry_upToABound() {
    open();
    long now = 0;
    long pause = Circuit.FIRST_PAUSE;
    for (int i = 0; i < 10; i++) {
      now += pause;
      assertThat(circuit.begins(now)).isEqualTo(TRIAL);
      circuit.failed(TRIAL, now, i % 2);
      pause = Math.min(Circuit.LONGEST_PAUSE, 2 * pause);
      assertThat(circuit.admits(now + pause / 2 - 1)).isFalse();
      assertThat(circuit.admits(now + pause)).isTrue();
    }
    assertThat(pause).isEqualTo(Circuit.LONGEST_PAUSE);
    assertThat(told).containsExactly(true);
  }

  @Test
  void aCallThatBeganBeforeItOpened_saysNothingNew_whenItFails() {
    open();
    assertThat(circuit.begins(Circuit.FIRST_PAUSE)).isEqualTo(TRIAL);
    failed(Circuit.FIRST_PAUSE);
    assertThat(circuit.begins(Circuit.FIRST_PAUSE)).isEqualTo(NONE); // the try is still under way
    circuit.failed(TRIAL, Circuit.FIRST_PAUSE, 1);
    assertThat(circuit.admits(3 * Circuit.FIRST_PAUSE)).isTrue(); // it has doubled once
  }

  @Test
  void whileDiscoveryDoesNotHearThePeerEither_oneFailureIsEnough_andThePauseLong() {
    circuit.notHeardOf(0);
    assertThat(circuit.admits(0)).isTrue(); // discovery alone may be wrong
    assertThat(failed(0)).isTrue();
    assertThat(circuit.admits(Circuit.LONGEST_PAUSE)).isFalse();
    assertThat(circuit.admits(Circuit.SILENT_PAUSE)).isTrue();
    circuit.heardOf(1);
    assertThat(circuit.admits(1)).isTrue();
    assertThat(told).containsExactly(true, false);
  }

  @Test
  void whenThePeerIsHeardOf_thePauseIsOver() {
    open();
    assertThat(circuit.admits(1)).isFalse();
    circuit.heardOf(1);
    assertThat(circuit.admits(1)).isTrue();
    assertThat(circuit.isOpen()).isTrue(); // until a call has shown it
  }

  @Test
  void whatIsForgotten_isNotShownAsOpenForEver() {
    Circuits circuits = new Circuits((peer, open) -> told.add(open));
    Circuit one = circuits.lend("a");
    assertThat(circuits.lend("a")).isSameAs(one);
    for (int i = 0; i < Circuit.FAILURES; i++) one.failed(CALL, 0, 0);
    circuits.giveBack("a");
    assertThat(told).containsExactly(true);
    circuits.giveBack("a");
    assertThat(told).containsExactly(true, false);
    assertThat(circuits.size()).isZero();
  }

  private boolean failed(long now) {
    return circuit.failed(CALL, now, 1);
  }

  private void open() {
    for (int i = 0; i < Circuit.FAILURES; i++) failed(0);
  }
}
