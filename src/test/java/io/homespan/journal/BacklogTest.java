package io.homespan.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.homespan.bus.Delivered;
import io.homespan.otlp.Part;
import io.homespan.otlp.PartId;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is handed out when, and what counts as done. */
class BacklogTest {
  private static final int FILE_BYTES = 4000;
  private static final Delivered ALL = new Delivered(List.of(), Duration.ZERO, "");
  private static final RecordLog.Contents NOTHING =
      new RecordLog.Contents(Place.FIRST, Set.of(), 0, 0, 0);

  private Backlog backlog = backlog(NOTHING);

  private static Backlog backlog(RecordLog.Contents contents) {
    Backlog made = new Backlog(new Backlog.Bounds(300, 4, FILE_BYTES), contents, new Random(1));
    made.handOut(true);
    return made;
  }

  /** Records are 100 bytes, numbered; a file has forty. */
  private static Place place(int number) {
    return new Place(1 + number / 40, 100 * (number % 40));
  }

  private static Place end(int number) {
    return new Place(1 + number / 40, 100 * (number % 40) + 100);
  }

  private Held stored(int number) {
    return Objects.requireNonNull(offered(number));
  }

  private @Nullable Held offered(int number) {
    return backlog.appended(place(number), end(number), 2, number, Buffer.buffer("r" + number));
  }

  private static RecordLog.Found found(int number) {
    return new RecordLog.Found(place(number), end(number), Frame.of(List.of(part(2)), number));
  }

  private static Part part(int spans) {
    return new Part(new PartId(1, 1), Buffer.buffer("p"), spans);
  }

  private static Delivered refused(int spans) {
    return new Delivered(List.of(part(spans)), Duration.ofSeconds(1), "full");
  }

  @Test
  void whatIsStored_isHandedOutAtOnce_asLongAsThereIsRoom() {
    Held first = stored(0);
    stored(1);
    stored(2);
    assertThat(offered(3)).as("300 bytes are under way").isNull();
    assertThat(backlog.readFrom()).isNull();
    assertThat(backlog.records()).isEqualTo(4);

    backlog.ended(first, ALL, 0);

    assertThat(offered(4)).as("what came before is first").isNull();
    assertThat(backlog.readFrom()).isEqualTo(end(2));
    assertThat(backlog.room()).isEqualTo(100);
    assertThat(backlog.read(List.of(found(3)), false))
        .extracting(h -> h.place)
        .containsExactly(place(3));
    assertThat(backlog.readFrom()).as("no room for the next").isNull();
  }

  @Test
  void whenAllWasRead_newOnesGoAtOnceAgain() {
    Held first = stored(0);
    stored(1);
    stored(2);
    offered(3);
    backlog.ended(first, ALL, 0);
    Held read = backlog.read(List.of(found(3)), false).get(0);
    assertThat(backlog.oldest()).isEqualTo(1);
    backlog.ended(read, ALL, 0);
    assertThat(offered(4)).isNotNull();
  }

  @Test
  void allBeforeTheFirstThatIsNotDone_isDone() {
    Held a = stored(0);
    Held b = stored(1);
    Held c = stored(2);
    backlog.ended(b, ALL, 0);
    Marks marks = Objects.requireNonNull(backlog.marks());
    assertThat(marks.before()).isEqualTo(a.place);
    assertThat(marks.done()).containsExactly(b.place);
    assertThat(backlog.marks()).as("said once").isNull();

    backlog.ended(a, ALL, 0);
    assertThat(Objects.requireNonNull(backlog.marks()).before()).isEqualTo(c.place);
    backlog.ended(c, ALL, 0);
    assertThat(Objects.requireNonNull(backlog.marks()).before()).isEqualTo(end(2));
    assertThat(backlog.records()).isZero();
  }

  @Test
  void whatWasRefused_waitsLongerEachTime_butNotForEver() {
    Held held = stored(0);
    long now = 0;
    long longest = 0;
    for (int i = 0; i < 40; i++) {
      assertThat(backlog.ended(held, refused(2), now)).isFalse();
      assertThat(held.request).as("is on disk").isNull();
      long wait = backlog.dueAt() - now;
      assertThat(wait).isGreaterThanOrEqualTo(Duration.ofSeconds(1).toNanos()); // as it was told
      longest = Math.max(longest, wait);
      now = backlog.dueAt();
      assertThat(backlog.due(now - 1)).isEmpty();
      assertThat(backlog.due(now)).containsExactly(held);
      assertThat(backlog.due(now)).as("said once").isEmpty();
      assertThat(backlog.readAgain(held, Buffer.buffer("r"))).isTrue();
    }
    assertThat(longest)
        .isBetween(Backlog.LONGEST_PAUSE.toNanos() / 2, Backlog.LONGEST_PAUSE.toNanos());
    backlog.ended(held, ALL, now);
    assertThat(backlog.records()).isZero();
  }

  @Test
  void ofWhatIsPartlyConfirmed_theRestAloneIsTriedAgain_fromItsNewPlace() {
    Held held = stored(0);
    assertThat(backlog.ended(held, refused(1), 0)).isTrue();
    backlog.copied(held, place(1), end(1), 1, 0);

    Marks marks = Objects.requireNonNull(backlog.marks());
    assertThat(marks.done()).containsExactly(place(0));
    assertThat(marks.before()).isEqualTo(place(1));
    Held copy = backlog.due(backlog.dueAt()).get(0);
    assertThat(copy.place).isEqualTo(place(1));
    assertThat(copy.spans).isEqualTo(1);
    assertThat(copy.storedAt).isEqualTo(held.storedAt);
    assertThat(backlog.records()).isEqualTo(1);
  }

  @Test
  void attemptsAfterTheFirst_haveHalfOfTheRoom() {
    Held a = stored(0);
    Held b = stored(1);
    backlog.failed(a, 0);
    backlog.failed(b, 0);
    assertThat(backlog.due(Long.MAX_VALUE / 2)).hasSize(1);
    assertThat(offered(2)).isNotNull();
    assertThat(offered(3)).isNotNull();
  }

  @Test
  void whoeverWaits_isBoundedInNumber() {
    for (int i = 0; i < 4; i++) backlog.failed(stored(i), 0);
    assertThat(offered(4)).isNull();
    assertThat(backlog.readFrom()).isNull();
    assertThat(backlog.records()).isEqualTo(5);
  }

  @Test
  void aRecordThatHoldsUpAFile_isMovedToTheEnd() {
    Held straggler = stored(0);
    backlog.failed(straggler, 0);
    for (int i = 1; i < 40; i++) backlog.ended(stored(i), ALL, 0);
    assertThat(backlog.stragglers()).as("its file is still written to").isEmpty();
    backlog.ended(stored(40), ALL, 0);

    assertThat(backlog.stragglers()).containsExactly(straggler);
    assertThat(backlog.stragglers()).as("said once").isEmpty();
    assertThat(backlog.readAgain(straggler, Buffer.buffer("r"))).as("is delivered").isFalse();
    backlog.copied(straggler, place(41), end(41), 2, 0);

    assertThat(backlog.before()).isEqualTo(place(41));
  }

  @Test
  void afterAStart_whatIsDoneIsPassedOver_andTheRestCountsAsReplayed() {
    backlog = backlog(new RecordLog.Contents(place(1), Set.of(place(2)), 2, 200, 1));
    assertThat(backlog.readFrom()).isEqualTo(place(1));
    assertThat(backlog.oldest()).isEqualTo(1);
    List<Held> deliver = backlog.read(List.of(found(1), found(2), found(3)), false);
    assertThat(deliver).extracting(held -> held.place).containsExactly(place(1), place(3));
    assertThat(backlog.replayed()).isEqualTo(2);
    assertThat(backlog.readFrom()).isNull();
    assertThat(offered(4)).isNotNull();
  }

  @Test
  void badBytes_countAsDone() {
    backlog = backlog(new RecordLog.Contents(place(0), Set.of(), 1, 100, 1));
    assertThat(backlog.read(List.of(new RecordLog.Found(place(0), end(0), null)), false)).isEmpty();
    assertThat(backlog.records()).isZero();
    assertThat(Objects.requireNonNull(backlog.marks()).before()).isEqualTo(end(0));
  }

  @Test
  void untilPeersAreKnown_nothingIsHandedOut() {
    backlog.handOut(false);
    assertThat(offered(0)).isNull();
    backlog.handOut(true);
    assertThat(backlog.readFrom()).isNotNull();
  }
}
