package io.homespan.otlp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ExportResponseTest {
  @Test
  void ok_leavesPartialSuccessUnset() throws Exception {
    assertThat(
            ExportTraceServiceResponse.parseFrom(ExportResponse.ok().getBytes())
                .hasPartialSuccess())
        .isFalse();
    assertThat(ExportResponse.decode(ExportResponse.ok())).isEqualTo(new ExportResponse(0, ""));
  }

  @Test
  void aRefusal_isReadAsWritten() throws Exception {
    assertThat(ExportResponse.decode(ExportResponse.partial(3, "bad ids")))
        .isEqualTo(new ExportResponse(3, "bad ids"));
  }

  @Test
  void aLongMessage_isCutBetweenCharacters() throws Exception {
    String read =
        ExportResponse.decode(ExportResponse.partial(1, "x" + "😀".repeat(5000))).errorMessage();
    assertThat(read.getBytes(StandardCharsets.UTF_8)).hasSize(4093);
    assertThat(read).isEqualTo("x" + "😀".repeat(1023));
  }

  @Test
  void whatIsNoAnswer_isMalformed() {
    assertThatThrownBy(() -> ExportResponse.decode(Buffer.buffer("hello")))
        .isInstanceOf(MalformedException.class)
        .hasMessageStartingWith("not an ExportTraceServiceResponse");
  }
}
