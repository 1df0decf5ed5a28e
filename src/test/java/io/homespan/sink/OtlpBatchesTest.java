package io.homespan.sink;

import static io.homespan.sink.TestParts.part;
import static org.assertj.core.api.Assertions.assertThat;

import io.homespan.metrics.RefuseReason;
import io.homespan.sink.OtlpBatches.Batch;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Times are milliseconds; parts have one span unless it is said. */
class OtlpBatchesTest {
  private static final Answer OK = new Answer.Taken(0, "");
  private static final Answer NEVER = new Answer.Never("bad");
  private static final Answer AWAY = new Answer.Later(null, "away");
  private static final int SIZE = part(10, 1).size();

  private final OtlpBatches batches =
      new OtlpBatches(new OtlpBatches.Limits(4, 1 << 20, 2, 20L * SIZE), new Random(7));
  private final Map<Integer, Outcome> ended = new TreeMap<>();

  // Gathering

  @Test
  void aPartGoesAtOnce_whenNoCallIsUnderWay() {
    offer(1, 0);
    assertThat(parts(batches.next(0))).containsExactly(1);
  }

  @Test
  void partsAreGathered_whileACallIsUnderWay_untilTheBatchIsFull() {
    Batch first = send(0, 1);
    offer(2, 0);
    offer(3, 0);
    offer(4, 0);
    assertThat(batches.next(ms(5))).isNull();
    assertThat(batches.wakeAt(ms(5))).isEqualTo(ms(10));
    offer(5, 5);
    offer(6, 5);
    assertThat(parts(batches.next(ms(5)))).containsExactly(2, 3, 4, 5);
    answer(first, OK, 6);
    assertThat(ended).containsExactly(Map.entry(1, Outcome.CONFIRMED));
  }

  @Test
  void aPartThatHasWaitedLongEnough_goesInAnotherCall() {
    send(0, 1);
    offer(2, 0);
    assertThat(batches.next(ms(9))).isNull();
    assertThat(parts(batches.next(ms(10)))).containsExactly(2);
    offer(3, 10);
    assertThat(batches.next(ms(1000))).as("a third call").isNull();
  }

  @Test
  void whatWasGathered_goesWhenTheLastCallEnds() {
    Batch first = send(0, 1);
    offer(2, 1);
    answer(first, OK, 2);
    assertThat(parts(batches.next(ms(2)))).containsExactly(2);
  }

  @Test
  void aPartThatIsLargerThanABatch_goesAlone() {
    Batch first = send(0, 1);
    batches.offer(part(2, 9), ms(5000), ms(0), outcome -> ended.put(2, outcome));
    offer(3, 0);
    answer(first, OK, 1);
    assertThat(parts(batches.next(ms(1)))).containsExactly(2);
  }

  @Test
  void whenTheBacklogIsFull_partsAreRefused_untilSomeAreSettled() {
    Batch first = send(0, 1);
    for (int i = 2; i <= 21; i++) offer(i, 0);
    assertThat(ended).containsOnlyKeys(21);
    assertThat(refusal(21).reason()).isEqualTo(RefuseReason.FULL);
    answer(first, OK, 1);
    offer(22, 1);
    assertThat(ended).containsOnlyKeys(1, 21);
  }

  // Trouble

  @Test
  void aBackendThatIsAway_isProbedByOneCall_afterABackOffThatDoubles() {
    Batch batch = send(0, 1, 2);
    long now = 0;
    for (long most : List.of(200, 400, 800, 1600, 3200, 5000, 5000)) {
      answer(batch, AWAY, now);
      long wait = batches.wakeAt(ms(now)) / 1_000_000 - now;
      assertThat(wait).isBetween(most / 2 - 1, most);
      assertThat(batches.next(ms(now + wait - 1))).isNull();
      now += wait + 1;
      batch = Objects.requireNonNull(batches.next(ms(now)));
      assertThat(parts(batch)).contains(1);
      assertThat(batches.next(ms(now))).as("a second call").isNull();
    }
    answer(batch, OK, now);
    assertThat(batches.trouble()).isNull();
  }

  @Test
  void aHintIsObeyed() {
    answer(send(0, 1), new Answer.Later(Duration.ofMillis(1500), "full"), 10);
    assertThat(batches.wakeAt(ms(10))).isEqualTo(ms(1510));
    assertThat(batches.next(ms(1509))).isNull();
    assertThat(parts(batches.next(ms(1510)))).containsExactly(1);
  }

  @Test
  void callsThatBeganBeforeTheTrouble_neitherWorsenNorEndIt() {
    Batch first = send(0, 1, 2, 3, 4);
    Batch second = send(0, 5, 6, 7, 8);
    answer(first, new Answer.Later(Duration.ofSeconds(2), "full"), 10);
    answer(second, OK, 20);
    assertThat(ended).containsOnlyKeys(5, 6, 7, 8);
    assertThat(batches.trouble()).isEqualTo("full");
    assertThat(batches.next(ms(2009))).isNull();
    assertThat(parts(batches.next(ms(2010)))).containsExactly(1, 2, 3, 4);
  }

  @Test
  void whatWasNotTakenByItsDeadline_isRefused_withTheBackendsCause() {
    batches.offer(part(1, 1), ms(100), ms(0), outcome -> ended.put(1, outcome));
    batches.offer(part(2, 1), ms(9000), ms(0), outcome -> ended.put(2, outcome));
    Batch batch = Objects.requireNonNull(batches.next(0));
    answer(batch, new Answer.Later(Duration.ofSeconds(5), "away"), 50);
    assertThat(batches.wakeAt(ms(50))).isEqualTo(ms(100));
    assertThat(batches.next(ms(100))).isNull();
    assertThat(ended).containsOnlyKeys(1);
    assertThat(refusal(1).reason()).isEqualTo(RefuseReason.TIMEOUT);
    assertThat(refusal(1).why()).contains("away");
    assertThat(parts(batches.next(ms(5050)))).containsExactly(2);
  }

  @Test
  void anExpiredPart_isNeverBegun_howeverSoonAfterAnother() {
    Batch first = send(0, 1);
    for (int i = 2; i <= 4; i++) {
      int number = i;
      batches.offer(part(i, 1), ms(i), ms(0), outcome -> ended.put(number, outcome));
    }
    assertThat(batches.next(ms(2))).isNull();
    assertThat(ended).containsOnlyKeys(2);
    answer(first, OK, 3);
    assertThat(parts(batches.next(ms(3)))).containsExactly(4);
    assertThat(refusal(3).reason()).isEqualTo(RefuseReason.TIMEOUT);
  }

  // Bad parts

  @Test
  void aRefusedBatch_isTriedPartByPart_soThatOnlyTheBadOneIsDropped() {
    answer(send(0, 1, 2, 3), NEVER, 1);
    offer(4, 1);
    Batch one = Objects.requireNonNull(batches.next(ms(1)));
    Batch two = Objects.requireNonNull(batches.next(ms(1)));
    assertThat(parts(one)).containsExactly(1);
    assertThat(parts(two)).containsExactly(2);
    answer(one, OK, 2);
    answer(two, NEVER, 2);
    Batch three = Objects.requireNonNull(batches.next(ms(2)));
    assertThat(parts(three)).containsExactly(3);
    answer(three, OK, 3);
    assertThat(parts(batches.next(ms(20)))).containsExactly(4);
    assertThat(ended)
        .containsEntry(1, Outcome.CONFIRMED)
        .containsEntry(2, new Outcome.Dropped(1, "bad"))
        .containsEntry(3, Outcome.CONFIRMED);
  }

  @Test
  void rejectedSpans_areBookedOnTheBatchsPartsFromTheFirst() {
    batches.offer(part(1, 2), ms(5000), 0, outcome -> ended.put(1, outcome));
    batches.offer(part(2, 2), ms(5000), 0, outcome -> ended.put(2, outcome));
    Batch batch = Objects.requireNonNull(batches.next(0));
    answer(batch, new Answer.Taken(3, "no"), 1);
    assertThat(ended)
        .containsEntry(1, new Outcome.Dropped(2, "no"))
        .containsEntry(2, new Outcome.Dropped(1, "no"));
    assertThat(batches.idle()).isTrue();
  }

  private Batch send(long now, int... numbers) {
    for (int number : numbers) offer(number, now);
    Batch batch = Objects.requireNonNull(batches.next(ms(now)));
    assertThat(parts(batch)).hasSize(numbers.length);
    return batch;
  }

  private void offer(int number, long now) {
    batches.offer(part(number, 1), ms(60_000), ms(now), outcome -> ended.put(number, outcome));
  }

  private void answer(Batch batch, Answer answer, long now) {
    batches.answered(batch, answer, ms(now));
  }

  private Outcome.Refused refusal(int number) {
    return (Outcome.Refused) Objects.requireNonNull(ended.get(number));
  }

  private static List<Integer> parts(@Nullable Batch batch) {
    return Objects.requireNonNull(batch).waiting().stream()
        .map(w -> (int) w.part().id().low())
        .toList();
  }

  private static long ms(long millis) {
    return Duration.ofMillis(millis).toNanos();
  }
}
