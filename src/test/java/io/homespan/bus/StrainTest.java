package io.homespan.bus;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StrainTest {
  @ParameterizedTest(name = "load {0}, random {1}: {2} ms")
  @CsvSource({
    "0, 0, 1000",
    "0, 1, 1500",
    "0.5, 0, 1250",
    "1, 0, 1500",
    "1, 1, 2000",
    "7, 1, 2000", // never beyond what senders are promised
  })
  void theHint_growsWithTheLoad_fromOneToTwoSeconds(double load, double random, long millis) {
    assertThat(Strain.hint(load, random)).isEqualTo(Duration.ofMillis(millis));
  }

  @Test
  void theMoreAreRefused_theLongerTheyAreToWait_andItPasses() {
    Strain strain = new Strain();
    Duration first = strain.refuse(0);
    for (int i = 0; i < 200; i++) strain.refuse(0);
    Duration many = strain.refuse(0);
    for (int i = 0; i < 100; i++) { // nine of ten get through
      strain.refuse(0);
      for (int j = 0; j < 9; j++) strain.took();
    }
    Duration few = strain.refuse(0);
    assertThat(first).isBetween(Duration.ofMillis(1000), Duration.ofMillis(1020));
    assertThat(many).isBetween(Duration.ofMillis(1450), Duration.ofMillis(1500));
    assertThat(few).isBetween(Duration.ofMillis(1030), Duration.ofMillis(1080));
  }
}
