package io.homespan.egress;

import static org.assertj.core.api.Assertions.assertThat;

import io.homespan.rpc.GrpcCode;
import io.homespan.rpc.Reply;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AfterCallTest {
  private static final Duration HINT = Duration.ofSeconds(1);

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
    assertThat(AfterCall.of(reply, attempts, company).getClass().getSimpleName())
        .isEqualTo(expected);
  }

  @Test
  void whatWasNotSent_goesToTheNext_atOnce() {
    assertThat(AfterCall.of(new Reply.NotSent("refused"), 0, true))
        .isEqualTo(new AfterCall.Next("refused"));
  }

  @Test
  void whatMayHaveArrived_goesToTheSamePeer_justOnceMore() {
    Reply lost = new Reply.Lost("no answer");
    assertThat(AfterCall.of(lost, 0, true)).isEqualTo(new AfterCall.SameAgain());
    assertThat(AfterCall.of(lost, 1, true)).isEqualTo(new AfterCall.Next("no answer"));
  }

  @Test
  void theHint_isPassedOn() {
    Reply full = new Reply.Answered(GrpcCode.UNAVAILABLE, "", HINT, Buffer.buffer());
    assertThat(AfterCall.of(full, 0, true)).isEqualTo(new AfterCall.SameLater(HINT));
  }
}
