package io.homespan.heartbeat;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

class SamplesTest {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
  private static final long MINUTE = 60 * SECOND;

  private final Samples samples = new Samples();
  private final Histogram histogram = new Histogram(MINUTE, 3);

  @Test
  void aWindow_holdsWhatCameWithinIt() {
    for (int second = 0; second < 120; second++) samples.ok(second * SECOND, 1000 + second, false);

    Samples.Window window = samples.window(119 * SECOND, 10 * SECOND, histogram);

    assertThat(window).isEqualTo(new Samples.Window(11, 0, 0));
    assertThat(histogram.getTotalCount()).isEqualTo(11);
    assertThat(histogram.getMinValue()).isBetween(1108L, 1110L);
    assertThat(histogram.getMaxValue()).isBetween(1118L, 1120L);
  }

  @Test
  void failures_areCounted_andAreNoTimes() {
    samples.ok(1, 500, false);
    samples.failed(2);
    samples.failed(3);

    assertThat(samples.window(3, MINUTE, histogram)).isEqualTo(new Samples.Window(3, 2, 0));
    assertThat(histogram.getTotalCount()).isOne();
  }

  @Test
  void lostSyns_areAShareOfWhatOpened_notOfWhatFailed() {
    for (int i = 0; i < 8; i++) samples.ok(i, 300, i < 2);
    samples.failed(9);
    samples.failed(10);

    Samples.Window window = samples.window(10, MINUTE, histogram);

    assertThat(window.dropRate()).isEqualTo(0.25);
    assertThat(histogram.getValueAtPercentile(50)).isEqualTo(300);
  }

  @Test
  void anHourAtOneASecond_isKept_andNotMore() {
    int all = 2 * Samples.MOST;
    for (int second = 0; second < all; second++) samples.ok(second * SECOND, second, false);

    long now = (all - 1) * SECOND;
    Samples.Window hour = samples.window(now, Duration.ofHours(2).toNanos(), histogram);

    assertThat(hour.sent()).isEqualTo(Samples.MOST);
    assertThat(histogram.getMinValue()).isCloseTo(Samples.MOST, within1Percent(Samples.MOST));
    assertThat(samples.lastAt()).isEqualTo(now);
    assertThat(samples.bytes()).isLessThan(60_000);
  }

  @Test
  void theClockMayPassItsLargestNumber() {
    long start = Long.MAX_VALUE - 3 * SECOND;
    for (int second = 0; second < 6; second++) samples.ok(start + second * SECOND, 1, false);

    assertThat(samples.window(start + 5 * SECOND, 2 * SECOND, histogram).sent()).isEqualTo(3);
  }

  @Test
  void theLast_tellWhetherItFailsNow() {
    assertThat(samples.lastFailed(2)).isFalse();
    samples.failed(1);
    assertThat(samples.lastFailed(2)).isFalse();
    samples.failed(2);
    assertThat(samples.lastFailed(2)).isTrue();
    samples.ok(3, 1, false);
    assertThat(samples.lastFailed(2)).isFalse();
  }

  private static org.assertj.core.data.Offset<Long> within1Percent(long value) {
    return org.assertj.core.data.Offset.offset(value / 100);
  }
}
