package io.homespan.egress;

import static org.assertj.core.api.Assertions.assertThat;

import io.homespan.rpc.GrpcCode;
import io.homespan.rpc.Reply;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AfterCallTest {
  private static final Duration HINT = Duration.ofSeconds(1);
  private static final long LEFT = Duration.ofSeconds(8).toNanos();

  @ParameterizedTest(name = "status {0}, hint {1}, attempt {2}, in company {3}: {4}")
  @CsvSource({
    // confirmed
    "0, false, 0, false, Confirmed",
    "0, false, 1, true, Confirmed",
    // full, with a hint: the same peer, however often
    "14, true, 0, true, SameLater",
    "14, true, 5, false, SameLater",
    "8, true, 0, true, SameLater",
    "10, true, 0, false, SameLater",
    // about the data
    "3, false, 0, false, Final",
    "3, true, 0, false, Final",
    "3, false, 0, true, Alone",
    "8, false, 0, false, Final",
    "8, false, 0, true, Alone",
    // may be tried again, but no word about when: it may have arrived
    "14, false, 0, false, SameAgain",
    "14, false, 1, false, Next",
    "4, false, 0, true, SameAgain",
    "1, false, 1, true, Next",
    // about the peer
    "12, false, 0, true, Next",
    "16, false, 0, false, Next",
    "13, false, 0, false, Next",
    "2, false, 0, true, Next",
  })
  void whatAPeerSays_decides(
      int status, boolean hint, int attempts, boolean company, String expected) {
    Reply reply = new Reply.Answered(status, "", hint ? HINT : null, Buffer.buffer());
    assertThat(of(reply, attempts, company).getClass().getSimpleName()).isEqualTo(expected);
  }

  @ParameterizedTest(name = "status {0}, hint {1}, attempt {2}, in company {3}: {4}")
  @CsvSource({
    "0, false, 0, true, Confirmed", // whoever waited no longer, it is kept
    "14, true, 0, true, Full",
    "3, false, 0, false, Final",
    "3, false, 0, true, Late",
    "14, false, 0, false, Late",
    "14, false, 1, false, Late",
    "12, false, 0, true, Late",
  })
  void whenTimeIsUp_nothingNewIsBegun(
      int status, boolean hint, int attempts, boolean company, String expected) {
    Reply reply = new Reply.Answered(status, "", hint ? HINT : null, Buffer.buffer());
    AfterCall after = AfterCall.of(reply, new AfterCall.Standing(attempts, company, 0, false), 0.5);
    assertThat(after.getClass().getSimpleName()).isEqualTo(expected);
  }

  @Test
  void whatWasNotSent_goesToTheNext_atOnce() {
    Reply refused = new Reply.NotSent("refused");
    assertThat(of(refused, 0, true)).isEqualTo(new AfterCall.Next("refused", false));
    // though a call before may have arrived
    assertThat(of(refused, 1, true)).isEqualTo(new AfterCall.Next("refused", true));
  }

  @Test
  void whatMayHaveArrived_goesToTheSamePeer_justOnceMore() {
    Reply lost = new Reply.Lost("no answer");
    assertThat(of(lost, 0, true)).isInstanceOf(AfterCall.SameAgain.class);
    assertThat(of(lost, 1, true)).isEqualTo(new AfterCall.Next("no answer", true));
  }

  @ParameterizedTest(name = "of {0} ms that are left, at random {1}: {2} ms")
  @CsvSource({"8000, 0, 20", "8000, 0.5, 30", "8000, 1, 40", "10, 0, 5"})
  void theSecondTry_comesAfterAShortWhile_thatDiffers(long left, double random, long expected) {
    AfterCall.Standing part = new AfterCall.Standing(0, true, left * 1_000_000, false);
    assertThat(AfterCall.of(new Reply.Lost("no answer"), part, random))
        .isEqualTo(new AfterCall.SameAgain(Duration.ofMillis(expected)));
  }

  @ParameterizedTest(name = "hint {0} ms, {1} ms left, at random {2}: {3} ms")
  @CsvSource({
    "1000, 8000, 0, 1000",
    "1000, 8000, 1, 1250",
    "0, 8000, 0, 50", // a full peer that says "at once" must not make us spin
    "1000, 1001, 0, 1000",
    "1000, 1000, 0, -1",
    "1000, 1200, 1, -1",
    "3600000, 8000, 0, -1",
  })
  void aHint_isObeyed_orTheSenderIsToldIt(long hint, long left, double random, long expected) {
    Duration told = Duration.ofMillis(hint);
    Reply full = new Reply.Answered(GrpcCode.UNAVAILABLE, "", told, Buffer.buffer());
    AfterCall.Standing part = new AfterCall.Standing(0, true, left * 1_000_000, false);
    assertThat(AfterCall.of(full, part, random))
        .isEqualTo(
            expected < 0
                ? new AfterCall.Full(told)
                : new AfterCall.SameLater(Duration.ofMillis(expected)));
  }

  @ParameterizedTest(name = "status {0}, company {1}, {2} ms left: {3}")
  @CsvSource({
    "8, true, 1000, Alone",
    "8, false, 1000, Halved",
    "8, false, 0, Late",
    "3, false, 1000, Final"
  })
  void whatIsLarge_andRefusedForItsSize_isHalved(
      int status, boolean company, long left, String expected) {
    AfterCall.Standing part = new AfterCall.Standing(0, company, left * 1_000_000, true);
    AfterCall after =
        AfterCall.of(new Reply.Answered(status, "", null, Buffer.buffer()), part, 0.5);
    assertThat(after.getClass().getSimpleName()).isEqualTo(expected);
  }

  @Test
  void eachState_isCountedAsAStepOfItsOwn() {
    List<AfterCall> all =
        List.of(
            new AfterCall.Confirmed(),
            new AfterCall.SameLater(HINT),
            new AfterCall.SameAgain(HINT),
            new AfterCall.Alone(),
            new AfterCall.Halved(),
            new AfterCall.Next("", false),
            new AfterCall.Final(""),
            new AfterCall.Full(HINT),
            new AfterCall.Late());
    assertThat(all.stream().map(Object::getClass).distinct())
        .hasSize(AfterCall.class.getPermittedSubclasses().length);
    assertThat(all.stream().map(AfterCall::step)).doesNotHaveDuplicates();
  }

  private static AfterCall of(Reply reply, int attempts, boolean company) {
    return AfterCall.of(reply, new AfterCall.Standing(attempts, company, LEFT, false), 0.5);
  }
}
