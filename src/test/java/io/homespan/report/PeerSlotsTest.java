package io.homespan.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PeerSlotsTest {
  private final PeerSlots slots = new PeerSlots(2, 100);

  @Test
  void theFirstOnes_haveThem_untilTheyAreIdle() {
    assertThat(slots.has("a", 0)).isTrue();
    assertThat(slots.has("b", 0)).isTrue();
    assertThat(slots.has("c", 50)).isFalse();
    assertThat(slots.has("b", 60)).isTrue();
    assertThat(slots.given()).isZero();
    assertThat(slots.has("c", 110)).isTrue(); // a's
    assertThat(slots.given()).isOne();
    assertThat(slots.has("a", 111)).isFalse();
  }

  @Test
  void withNone_nobodyHasOne() {
    assertThat(new PeerSlots(0, 100).has("a", 0)).isFalse();
  }
}
