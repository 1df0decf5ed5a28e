package io.homespan.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BodiesTest {
  private final Bodies bodies = new Bodies(100_000);

  @Test
  void whatIsGivenBack_isLentAgain_toWhoNeedsAboutAsMuch() {
    byte[] array = bodies.lend(60_000);
    assertThat(array.length).isBetween(60_000, 75_000);
    assertThat(bodies.lend(60_000)).isNotSameAs(array);
    bodies.giveBack(array);
    assertThat(bodies.bytes()).isEqualTo(array.length);
    assertThat(bodies.lend(20_000)).isNotSameAs(array);
    assertThat(bodies.lend(array.length - 1)).isSameAs(array);
    assertThat(bodies.bytes()).isZero();
  }

  @Test
  void everyLengthHasItsRoom_aQuarterLongerAtMost() {
    for (int length = 1; length <= 3 << 20; length += 1 + length / 50) {
      byte[] array = bodies.lend(length);
      assertThat(array.length)
          .isBetween(length, Math.max(length + length / 4, length < 4096 ? length : 4096));
      bodies.giveBack(array);
      assertThat(bodies.lend(length).length).isEqualTo(array.length);
    }
  }

  @Test
  void whatLiesUnused_isBounded() {
    for (int i = 0; i < 100; i++) bodies.giveBack(new byte[16 << 10]);
    assertThat(bodies.bytes()).isBetween(80_000L, 100_000L);
    bodies.giveBack(new byte[5 << 20]);
    bodies.giveBack(new byte[10]);
    assertThat(bodies.bytes()).isLessThanOrEqualTo(100_000);
  }

  @Test
  void aLateReader_isFoundOut() {
    byte[] array = bodies.lend(5000);
    array[7] = 1;
    bodies.giveBack(array);
    assertThat(array).containsOnly(0xff);
  }
}
