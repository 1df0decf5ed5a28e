package io.homespan.otlp;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.protobuf.InvalidProtocolBufferException;
import io.homespan.Thrift;
import io.homespan.otlp.Cutter.Cut;
import io.homespan.otlp.Cutter.Piece;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whatever the bytes are, a cut by attributes is what {@link Cutter} makes of the same owners, or
 * {@link MalformedException}; where protobuf can read them, the owners are those of {@link
 * KeyedSpans}; and nothing outside of them matters.
 */
class KeyCutterFuzzTest {
  private static final List<String> NAMES =
      List.of("service.name", "span.kind", "http.request.method", "span.name");

  private final KeyCutter keyCutter = new KeyCutter(NAMES);
  private final Cutter cutter = new Cutter();

  @FuzzTest
  void cut(byte[] request) throws Exception {
    List<Long> keys = new ArrayList<>();
    Cut cut = cutOrNull(RawBytes.wrap(request), keys);
    List<Long> again = new ArrayList<>();
    Cut within = cutOrNull(CutterFuzzTest.within(request, (byte) 0x0A), again);
    assertThat(within == null).isEqualTo(cut == null);
    assertThat(again).isEqualTo(keys);
    if (cut == null || within == null) return;
    assertThat(told(within)).isEqualTo(told(cut));

    int[] next = new int[1];
    Cut same = cutter.cut(RawBytes.wrap(request), (high, low) -> owner(keys.get(next[0]++)));
    assertThat(told(same)).isEqualTo(told(cut));
    ExportTraceServiceRequest whole = parsed(request);
    if (whole != null) assertMeans(whole, keys);
  }

  /** Values that come in several pieces are one to protobuf, and the last of them to us. */
  private static void assertMeans(ExportTraceServiceRequest whole, List<Long> keys) {
    List<Long> meant = KeyedSpans.of(whole, NAMES);
    assertThat(keys).hasSameSizeAs(meant);
    if (KeyedSpans.areTexts(whole, NAMES)) assertThat(keys).isEqualTo(meant);
  }

  private @Nullable Cut cutOrNull(Buffer request, List<Long> keys) throws Exception {
    try {
      return Thrift.with(
          request.length(),
          64,
          () -> {
            keys.clear(); // it may be done again
            return keyCutter.cut(
                request,
                (high, low) -> {
                  keys.add(high);
                  return owner(high);
                });
          });
    } catch (MalformedException e) {
      assertThat(e.getMessage()).isNotBlank();
      keys.clear();
      return null;
    }
  }

  private static int owner(long key) {
    return (int) Long.remainderUnsigned(key, 3);
  }

  /** Fields of a message may stand before or behind the messages in it. */
  private static List<Object> told(Cut cut) throws IOException {
    List<Object> told = new ArrayList<>(List.of(cut.spans(), cut.invalidSpans()));
    for (Piece piece : cut.pieces()) {
      told.addAll(List.of(piece.owner(), piece.part().id(), piece.part().size()));
      told.add(WalkedRequest.of(piece.part().bytes().getBytes()));
    }
    return told;
  }

  private static @Nullable ExportTraceServiceRequest parsed(byte[] request) {
    try {
      return ExportTraceServiceRequest.parseFrom(request);
    } catch (InvalidProtocolBufferException e) {
      return null;
    }
  }
}
