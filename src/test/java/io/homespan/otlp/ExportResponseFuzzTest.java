package io.homespan.otlp;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.homespan.Thrift;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** What a backend or a peer answers is read within bounds, or malformed. */
class ExportResponseFuzzTest {
  @FuzzTest
  void answer(byte[] bytes) throws Exception {
    Buffer answer = RawBytes.wrap(bytes);
    List<Integer> rejections;
    try {
      ExportResponse response = Thrift.with(bytes.length, 256, () -> ExportResponse.decode(answer));
      assertThat(response.rejectedSpans()).isNotNegative();
      assertThat(response.errorMessage().getBytes(StandardCharsets.UTF_8).length)
          .isLessThanOrEqualTo(4096);
      rejections = Rejections.in(answer);
    } catch (MalformedException e) {
      assertThat(e.getMessage()).isNotBlank();
      return;
    }
    assertThat(rejections).allMatch(number -> number >= 0);
    List<Integer> more = List.of(0, 7, Integer.MAX_VALUE);
    List<Integer> all = new ArrayList<>(rejections);
    all.addAll(more);
    assertThat(Rejections.in(Rejections.add(answer, more))).isEqualTo(all);
  }
}
