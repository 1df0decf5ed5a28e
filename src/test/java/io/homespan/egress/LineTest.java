package io.homespan.egress;

import static org.assertj.core.api.Assertions.assertThat;

import io.homespan.otlp.Part;
import io.homespan.otlp.PartId;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LineTest {
  private static final long WAIT = 5_000_000;

  private final Line line = new Line(new Line.Bounds(48, WAIT, 3, 1000, 500));

  @Test
  void anIdleLine_sendsAtOnce() {
    offer(1, 10);
    assertThat(spans(line.next(0))).containsExactly(1);
    assertThat(line.dueAt()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void whileACallIsUnderWay_partsGather_untilItEnds() {
    busy();
    offer(5, 10);
    offer(6, 10);
    assertThat(line.next(1)).isEmpty();
    line.ended(true);
    assertThat(spans(line.next(2))).containsExactly(5, 6);
  }

  @Test
  void enoughSpans_goWithoutWaiting_andNoCallHasMore() {
    busy();
    offer(40, 10);
    assertThat(line.next(0)).isEmpty();
    offer(20, 10);
    assertThat(spans(line.next(0))).containsExactly(40);
    assertThat(line.next(0)).isEmpty();
  }

  @Test
  void theLastCallThatMayBeUnderWay_takesAllThatWaits() {
    busy();
    for (int i = 0; i < 4; i++) offer(30, 10);
    assertThat(spans(line.next(0))).containsExactly(30);
    assertThat(spans(line.next(0))).containsExactly(30, 30, 30);
  }

  @Test
  void afterACallWithoutAnAnswer_theNextTakesNoMoreThanUsual() {
    busy();
    for (int i = 0; i < 4; i++) offer(30, 10);
    line.next(0);
    line.ended(false);
    assertThat(spans(line.next(0))).containsExactly(30);
    assertThat(spans(line.next(0))).containsExactly(30);
  }

  @Test
  void aPartThatAloneIsLarger_goesWhole() {
    busy();
    offer(500, 10);
    offer(1, 10);
    assertThat(spans(line.next(0))).containsExactly(500);
  }

  @Test
  void noPartWaitsLongerThanTheBound_forCompany() {
    busy();
    offer(1, 10);
    assertThat(line.next(WAIT - 1)).isEmpty();
    assertThat(line.dueAt()).isEqualTo(WAIT);
    assertThat(spans(line.next(WAIT))).containsExactly(1);
  }

  @Test
  void aCall_gathersNoMoreBytesThanItsBound() {
    busy();
    offer(1, 300);
    offer(1, 300);
    line.ended(true);
    assertThat(spans(line.next(0))).containsExactly(1);
  }

  @Test
  void callsUnderWay_areBounded() {
    for (int i = 0; i < 3; i++) {
      offer(48, 10);
      assertThat(line.next(0)).isNotEmpty();
    }
    offer(48, 10);
    assertThat(line.next(WAIT)).isEmpty();
    assertThat(line.dueAt()).isEqualTo(Long.MAX_VALUE);
    line.ended(true);
    assertThat(line.next(WAIT)).isNotEmpty();
  }

  @Test
  void whatWaits_isBounded_butOnePartIsAlwaysTaken() {
    assertThat(offer(1, 5000)).isTrue();
    assertThat(offer(1, 1)).isFalse();
    line.next(0);
    assertThat(offer(1, 900)).isTrue();
    assertThat(offer(1, 101)).isFalse();
    assertThat(offer(1, 100)).isTrue();
  }

  @Test
  void whatIsSetAside_takesRoom_untilItIsTakenBack() {
    Consignment aside = consignment(1, 900, 100);
    assertThat(line.setAside(aside)).isTrue();
    assertThat(line.load()).isEqualTo(0.9);
    assertThat(offer(1, 101)).isFalse();
    assertThat(line.setAside(consignment(1, 101, 100))).isFalse();
    assertThat(offer(1, 100)).isTrue();
    line.takeBack(aside);
    assertThat(line.load()).isEqualTo(0.1);
    assertThat(offer(1, 900)).isTrue();
  }

  @Test
  void aPartToBeSentAlone_hasNoCompany_beforeOrAfter() {
    busy();
    offer(1, 10);
    line.offer(consignment(2, 10, 100).byItself(), 0);
    offer(3, 10);
    line.ended(true);
    assertThat(spans(line.next(0))).containsExactly(1);
    assertThat(spans(line.next(WAIT))).containsExactly(2);
    line.ended(true);
    line.ended(true);
    assertThat(spans(line.next(0))).containsExactly(3);
  }

  @Test
  void whatIsTakenOut_makesRoom() {
    busy();
    line.offer(consignment(1, 900, 50), 0);
    offer(2, 90);
    assertThat(spans(line.expired(50))).containsExactly(1);
    assertThat(offer(3, 900)).isTrue();
    assertThat(spans(line.empty())).containsExactly(2, 3);
    assertThat(line.next(WAIT)).isEmpty();
    line.ended(true);
    assertThat(line.isIdle()).isTrue();
  }

  private void busy() {
    offer(1, 10);
    line.next(0);
  }

  private boolean offer(int spans, int bytes) {
    return line.offer(consignment(spans, bytes, 100), 0);
  }

  private static Consignment consignment(int spans, int bytes, long deadline) {
    Part part = new Part(new PartId(1, spans), Buffer.buffer(new byte[bytes]), spans);
    Parcel parcel = new Parcel(spans, fates -> {});
    return new Consignment(part, false, Set.of(), 0, false, deadline, parcel);
  }

  private static List<Integer> spans(List<Consignment> batch) {
    return batch.stream().map(one -> one.part().spans()).toList();
  }
}
