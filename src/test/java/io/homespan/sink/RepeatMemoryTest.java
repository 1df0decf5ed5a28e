package io.homespan.sink;

import static io.homespan.sink.TestParts.id;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.homespan.metrics.RefuseReason;
import io.homespan.sink.RepeatMemory.Seen;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RepeatMemoryTest {
  private static final Outcome KEPT = Outcome.CONFIRMED;
  private static final Outcome FULL = new Outcome.Refused(RefuseReason.FULL, "full");
  private static final Outcome BAD = new Outcome.Dropped(1, "bad");

  private final RepeatMemory memory = new RepeatMemory(2, 3, ofSeconds(60));

  @Test
  void whatWasKept_isSettled() {
    keep(1, 0, KEPT, KEPT);
    assertThat(memory.look(id(1), 0)).isEqualTo(new Seen.Settled(Verdict.kept(2)));
    assertThat(memory.look(id(2), 0)).isEqualTo(new Seen.Never());
  }

  @Test
  void whatAllRefused_isForgotten() {
    keep(1, 0, FULL, FULL);
    assertThat(memory.look(id(1), 0)).isEqualTo(new Seen.Never());
    assertThat(memory.remembered()).isZero();
  }

  @Test
  void whatSomeRefused_isUnfinished_untilTheMissingOneConfirms() {
    keep(1, 0, KEPT, FULL);
    assertThat(memory.look(id(1), 0))
        .isEqualTo(new Seen.Unfinished(new Verdict(List.of(KEPT, FULL))));
    keep(1, 0, KEPT, KEPT);
    assertThat(memory.look(id(1), 0)).isEqualTo(new Seen.Settled(Verdict.kept(2)));
    assertThat(memory.remembered()).isEqualTo(1);
  }

  @Test
  void whatWasDropped_isSettled_withWhatWasSaid() {
    keep(1, 0, KEPT, BAD);
    assertThat(memory.look(id(1), 0)).isEqualTo(new Seen.Settled(new Verdict(List.of(KEPT, BAD))));
  }

  @Test
  void aRepeatOfWhatIsBeingKept_waitsForItsOutcome() {
    List<Verdict> heard = new ArrayList<>();
    memory.begin(id(1));
    assertThat(memory.look(id(1), 0)).isEqualTo(new Seen.Keeping());
    memory.await(id(1), heard::add);
    memory.await(id(1), heard::add);
    assertThat(heard).isEmpty();
    Verdict verdict = new Verdict(List.of(FULL, FULL));
    memory.ended(id(1), verdict, 0);
    assertThat(heard).containsExactly(verdict, verdict);
    assertThat(memory.beingKept()).isZero();
  }

  @Test
  void theOldestIsForgotten_whenThereAreTooMany() {
    keep(1, 0, KEPT, FULL);
    keep(2, 1, KEPT, KEPT);
    keep(3, 2, KEPT, BAD);
    keep(4, 3, KEPT, KEPT);
    assertThat(memory.look(id(1), 3)).isEqualTo(new Seen.Never());
    keep(5, 4, KEPT, FULL);
    assertThat(memory.look(id(2), 4)).isEqualTo(new Seen.Never());
    assertThat(memory.look(id(3), 4)).isInstanceOf(Seen.Settled.class);
    assertThat(memory.remembered()).isEqualTo(3);
    assertThat(memory.forgottenEarly()).isEqualTo(2);
    memory.look(id(3), seconds(60) + 2);
    keep(6, seconds(60) + 2, KEPT, KEPT);
    assertThat(memory.forgottenEarly()).isEqualTo(2); // the third had its time
  }

  @Test
  void anIdIsForgotten_afterItsTime() {
    keep(1, seconds(0), KEPT, KEPT);
    keep(2, seconds(1), KEPT, BAD);
    assertThat(memory.look(id(1), seconds(60) - 1)).isInstanceOf(Seen.Settled.class);
    assertThat(memory.look(id(1), seconds(60))).isEqualTo(new Seen.Never());
    assertThat(memory.look(id(2), seconds(60))).isInstanceOf(Seen.Settled.class);
    assertThat(memory.look(id(2), seconds(61))).isEqualTo(new Seen.Never());
  }

  @Test
  void whatIsBeingKept_isNeverForgotten() {
    memory.begin(id(9));
    for (int i = 0; i < 5; i++) keep(i, seconds(i), KEPT, KEPT);
    assertThat(memory.look(id(9), seconds(10_000))).isEqualTo(new Seen.Keeping());
  }

  private void keep(int number, long now, Outcome... outcomes) {
    memory.begin(id(number));
    memory.ended(id(number), new Verdict(List.of(outcomes)), now);
  }

  private static long seconds(long seconds) {
    return Duration.ofSeconds(seconds).toNanos();
  }
}
