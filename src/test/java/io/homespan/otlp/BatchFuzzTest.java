package io.homespan.otlp;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.homespan.Thrift;
import io.homespan.otlp.Batch.Entry;
import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a peer sends is parts that lie within it, or nothing of ours, or malformed. */
class BatchFuzzTest {
  @FuzzTest
  void split(byte[] request) throws Exception {
    List<Object> told = told(RawBytes.wrap(request));
    assertThat(told(CutterFuzzTest.within(request, (byte) 0))).isEqualTo(told);
    assertThat(told(CutterFuzzTest.within(request, (byte) 0x8A))).isEqualTo(told);
  }

  private static List<Object> told(Buffer request) throws Exception {
    Optional<List<Entry>> split;
    try {
      split = Thrift.with(request.length(), 64, () -> Batch.split(request));
    } catch (MalformedException e) {
      return List.of(String.valueOf(e.getMessage()));
    }
    if (split.isEmpty()) return List.of();
    List<Entry> entries = split.get();
    assertThat(entries).isNotEmpty();
    assertThat(Batch.size(entries)).isLessThanOrEqualTo(request.length());
    for (Entry entry : entries) {
      assertThat(entry.part().spans()).isBetween(1, entry.part().size() / 20);
    }
    ByteBuffer out = ByteBuffer.allocate(Batch.size(entries));
    Batch.write(entries, out);
    assertThat(shown(Batch.split(RawBytes.wrap(out.array())).orElseThrow()))
        .isEqualTo(shown(entries));
    return shown(entries);
  }

  static List<Object> shown(List<Entry> entries) {
    List<Object> shown = new ArrayList<>();
    for (Entry entry : entries) {
      shown.add(entry.part().id());
      shown.add(entry.part().spans());
      shown.add(entry.part().bytes());
      shown.add(entry.standIn());
    }
    return shown;
  }
}
