package io.homespan.discovery;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RefreshScheduleTest {
  private final RefreshSchedule schedule = new RefreshSchedule(ofSeconds(1), ofSeconds(30));

  @ParameterizedTest
  @CsvSource({"0, 1", "7, 7", "30, 30", "2147483647, 30"})
  void anAnswerIsTrusted_forItsTtl_withinBounds(long ttl, long expected) {
    assertThat(schedule.afterAnswer(ofSeconds(ttl), 0)).isEqualTo(ofSeconds(expected));
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "2, 2", "3, 4", "5, 16", "6, 30", "1000000, 30"})
  void failuresBackOff_upToTheBound(int failures, long expected) {
    assertThat(schedule.afterFailure(failures, 0)).isEqualTo(ofSeconds(expected));
  }

  @Test
  void chanceAddsUpToATenth() {
    assertThat(schedule.afterAnswer(ofSeconds(10), 0.5)).isEqualTo(ofMillis(10_500));
    assertThat(schedule.afterFailure(1, 0.5)).isEqualTo(ofMillis(1_050));
  }
}
