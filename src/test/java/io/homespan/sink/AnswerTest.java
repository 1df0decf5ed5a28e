package io.homespan.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.homespan.otlp.ExportResponse;
import io.homespan.rpc.Reply;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AnswerTest {
  /**
   * The retryable codes of the OTLP specification, those that tell of a key and not of the spans (7
   * and 16), and all others.
   */
  @ParameterizedTest
  @CsvSource({
    "0, false, Taken",
    "1, false, Later",
    "2, false, Never",
    "3, false, Never",
    "4, false, Later",
    "5, false, Never",
    "7, false, Later",
    "8, false, Never",
    "8, true, Later",
    "9, false, Never",
    "10, false, Later",
    "11, false, Later",
    "12, false, Never",
    "13, false, Never",
    "13, true, Never",
    "14, false, Later",
    "14, true, Later",
    "15, false, Later",
    "16, false, Later",
    "99, false, Never",
  })
  void aStatusMeans(int status, boolean hinted, String meaning) {
    Duration hint = hinted ? Duration.ofSeconds(1) : null;
    Answer answer = Answer.of(new Reply.Answered(status, "why", hint, Buffer.buffer()));
    assertThat(answer.getClass().getSimpleName()).isEqualTo(meaning);
    if (answer instanceof Answer.Later later) assertThat(later.hint()).isEqualTo(hint);
  }

  @Test
  void whatWasNotSentOrLost_isForLater() {
    assertThat(Answer.of(new Reply.NotSent("refused")))
        .isEqualTo(new Answer.Later(null, "refused"));
    assertThat(Answer.of(new Reply.Lost("reset"))).isEqualTo(new Answer.Later(null, "reset"));
  }

  @Test
  void anOkMayRejectSpans_andABrokenBodyDoesNotUndoIt() {
    assertThat(ok(ExportResponse.partial(3, "no"))).isEqualTo(new Answer.Taken(3, "no"));
    assertThat(ok(Buffer.buffer("\u0001garbage"))).isEqualTo(new Answer.Taken(0, ""));
  }

  private static Answer ok(Buffer body) {
    return Answer.of(new Reply.Answered(0, "", null, body));
  }
}
