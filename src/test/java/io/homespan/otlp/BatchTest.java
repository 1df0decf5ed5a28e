package io.homespan.otlp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.UnknownFieldSet;
import io.homespan.otlp.Batch.Entry;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BatchTest {
  private static List<Entry> entries(int seed) throws MalformedException {
    Random random = new Random(seed);
    Cutter cutter = new Cutter();
    List<Entry> entries = new ArrayList<>();
    for (int i = random.nextInt(4); i >= 0; i--) {
      Buffer request = new TestSpans(random.nextLong()).bytes(1 + random.nextInt(9), 2);
      cutter
          .cut(request, (high, low) -> (int) (low & 3))
          .pieces()
          .forEach(piece -> entries.add(new Entry(piece.part(), random.nextBoolean())));
    }
    return entries;
  }

  private static Buffer joined(List<Entry> entries) {
    ByteBuffer whole = ByteBuffer.allocate(Batch.size(entries));
    Batch.write(entries, whole);
    return Buffer.buffer(whole.array());
  }

  /** Parts have no equality of their own. */
  private static List<List<Object>> told(List<Entry> entries) {
    return entries.stream()
        .map(
            entry ->
                List.<Object>of(
                    entry.part().id(), entry.part().spans(), entry.part().bytes(), entry.standIn()))
        .toList();
  }

  @Test
  void whatIsJoined_splitsIntoTheSame() throws Exception {
    for (int seed = 0; seed < 50; seed++) {
      List<Entry> entries = entries(seed);
      Buffer whole = joined(entries);
      assertThat(told(Batch.split(whole).orElseThrow())).isEqualTo(told(entries));
      int bytes = entries.stream().mapToInt(entry -> entry.part().size()).sum();
      assertThat(whole.length()).isEqualTo(bytes + entries.size() * Batch.LABEL_SIZE);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void whoCutsIt_leavesTheLabelsOut(int owners) throws Exception {
    Buffer whole = joined(entries(3));
    int spans = entries(3).stream().mapToInt(entry -> entry.part().spans()).sum();
    for (RoutingKey key : List.of(RoutingKey.TRACE_ID, new RoutingKey(List.of("span.name")))) {
      Cutter.Cut cut =
          key.cutter().cut(whole, (high, low) -> (int) Long.remainderUnsigned(high ^ low, owners));
      assertThat(cut.spans()).isEqualTo(spans);
      for (Cutter.Piece piece : cut.pieces()) {
        ExportTraceServiceRequest read =
            ExportTraceServiceRequest.parseFrom(piece.part().bytes().getBytes());
        assertThat(read.getUnknownFields().asMap()).isEmpty();
      }
    }
  }

  @Test
  void anyReader_seesTheMergedRequest() throws Exception {
    List<Entry> entries = entries(3);
    ExportTraceServiceRequest.Builder merged = ExportTraceServiceRequest.newBuilder();
    for (Entry entry : entries) merged.mergeFrom(entry.part().bytes().getBytes());
    ExportTraceServiceRequest read =
        ExportTraceServiceRequest.parseFrom(joined(entries).getBytes());
    assertThat(read.toBuilder().setUnknownFields(UnknownFieldSet.getDefaultInstance()).build())
        .isEqualTo(merged.build());
  }

  @Test
  void aRequestOfSomebodyElse_hasNoEntries() throws Exception {
    assertThat(Batch.split(new TestSpans(5).bytes(3, 3))).isEmpty();
    assertThat(Batch.split(Buffer.buffer())).isEmpty();
  }

  @Test
  void aLongerLabel_ofALaterVersion_isRead() throws Exception {
    List<Entry> entry = entries(6).subList(0, 1);
    Buffer label = joined(entry).slice(0, Batch.LABEL_SIZE);
    Buffer later =
        Buffer.buffer()
            .appendBuffer(label.slice(0, 3))
            .appendByte((byte) (label.getByte(3) + 2))
            .appendBuffer(label.slice(4, label.length()))
            .appendBytes(new byte[] {1, 2})
            .appendBuffer(entry.get(0).part().bytes());
    assertThat(told(Batch.split(later).orElseThrow())).isEqualTo(told(entry));
  }

  @ParameterizedTest
  @CsvSource({
    "0, 19, 'field at byte 0 runs past the end of its message'",
    "20, 0, 'field at byte 0 claims 0 spans in 40 bytes'",
    "20, 3, 'field at byte 0 claims 3 spans in 40 bytes'",
    "20, -1, 'field at byte 0 claims -1 spans in 40 bytes'",
    "24, 41, 'field at byte 0 labels more bytes than follow'",
    "24, -1, 'field at byte 0 labels more bytes than follow'",
    "24, 39, 'varint at byte 68 runs past the end of its message'",
  })
  void aFalseLabel_isNamed(int at, int value, String message) {
    Part part = new Part(new PartId(1, 2), Buffer.buffer("\u00ff".repeat(20)), 1);
    Buffer whole = joined(List.of(new Entry(part, true)));
    Buffer bent = at == 0 ? whole.slice(0, value) : whole.setInt(at, value);
    assertThatThrownBy(() -> Batch.split(bent))
        .isInstanceOf(MalformedException.class)
        .hasMessage(message);
  }

  @Test
  void noBytes_endInAnythingButEntriesOrAMalformedException() throws Exception {
    Random random = new Random(7);
    byte[] whole = joined(entries(8)).getBytes();
    int refused = 0;
    for (int i = 0; i < 5_000; i++) {
      byte[] bytes = whole.clone();
      for (int n = random.nextInt(4); n >= 0; n--) {
        bytes[random.nextInt(Batch.LABEL_SIZE)] = (byte) random.nextInt();
      }
      try {
        Batch.split(Buffer.buffer(bytes).slice(0, random.nextInt(bytes.length + 1)));
      } catch (MalformedException e) {
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(500);
  }
}
