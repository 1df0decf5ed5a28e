package io.homespan.otlp;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.homespan.Thrift;
import io.homespan.otlp.Batch.Entry;
import io.homespan.otlp.Cutter.Cut;
import io.homespan.otlp.Cutter.Owners;
import io.homespan.otlp.Cutter.Piece;
import io.homespan.otlp.WalkedRequest.TooLongException;
import io.homespan.otlp.WalkedRequest.Walked;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Whatever the bytes are, a cut is what {@link WalkedRequest} says, or {@link MalformedException};
 * where they are a request its parts mean the same; and nothing outside of them matters.
 */
class CutterFuzzTest {
  private final Cutter cutter = new Cutter();

  private static Owners owners(int count) {
    return (high, low) -> (int) Long.remainderUnsigned(high ^ low, count);
  }

  @FuzzTest
  void cut(byte[] request) throws Exception {
    WalkedRequest walked = null;
    IOException unwalkable = null;
    try {
      walked = WalkedRequest.of(request);
    } catch (IOException e) {
      unwalkable = e;
    }
    ExportTraceServiceRequest whole = parsed(request);
    if (whole != null && unwalkable != null) {
      assertThat(unwalkable).as("a request by protobuf").isInstanceOf(TooLongException.class);
    }
    for (int count : new int[] {1, 3}) {
      Cut cut = cutOrNull(RawBytes.wrap(request), count);
      assertThat(cut == null).as("refused; by protobuf %s", unwalkable).isEqualTo(walked == null);
      if (cut == null || walked == null) continue;
      holdsWhatWasWalked(cut, walked, count);
      if (whole != null) meansTheSame(cut, whole, count);
      isCutAgainTheSame(cut);
      travelsInABatch(cut);
    }
    List<Object> told = told(RawBytes.wrap(request));
    assertThat(told(within(request, (byte) 0))).isEqualTo(told);
    assertThat(told(within(request, (byte) 0x0A))).isEqualTo(told);
  }

  private @Nullable Cut cutOrNull(Buffer request, int count) throws Exception {
    try {
      return Thrift.with(request.length(), 64, () -> cutter.cut(request, owners(count)));
    } catch (MalformedException e) {
      assertThat(e.getMessage()).isNotBlank();
      return null;
    }
  }

  private static void holdsWhatWasWalked(Cut cut, WalkedRequest walked, int count)
      throws IOException {
    assertThat(cut.invalidSpans()).isEqualTo(walked.invalid());
    assertThat(cut.spans()).isEqualTo(walked.spans().size());
    int spans = 0;
    for (Piece piece : cut.pieces()) {
      List<Walked> expected = new ArrayList<>();
      for (Walked span : walked.spans()) {
        if (owners(count).owner(span.high(), span.low()) == piece.owner()) expected.add(span);
      }
      WalkedRequest part = WalkedRequest.of(piece.part().bytes().getBytes());
      assertThat(piece.part().spans()).isEqualTo(part.spans().size());
      assertThat(piece.part().size()).isEqualTo(piece.part().bytes().length());
      assertThat(part.invalid()).isZero();
      assertThat(part.fields()).isEqualTo(walked.fields());
      assertThat(renumbered(part.spans())).isEqualTo(renumbered(expected));
      spans += part.spans().size();
    }
    assertThat(spans).isEqualTo(cut.spans());
  }

  /** Counts only the messages that have a span. */
  private static List<Walked> renumbered(List<Walked> spans) {
    List<Walked> result = new ArrayList<>();
    int resource = 0;
    int scope = 0;
    Walked before = null;
    for (Walked each : spans) {
      if (before == null || before.resource() != each.resource()) resource++;
      if (before == null || before.scope() != each.scope()) scope++;
      before = each;
      result.add(
          new Walked(
              resource,
              each.resourceFields(),
              scope,
              each.scopeFields(),
              each.bytes(),
              each.high(),
              each.low()));
    }
    return result;
  }

  /** A span with all that it is under, decoded. */
  private record Decoded(ResourceSpans resource, ScopeSpans scope, Span span) {
    static List<Decoded> of(ExportTraceServiceRequest request) {
      List<Decoded> all = new ArrayList<>();
      for (ResourceSpans resource : request.getResourceSpansList()) {
        ResourceSpans bare = resource.toBuilder().clearScopeSpans().build();
        for (ScopeSpans scope : resource.getScopeSpansList()) {
          ScopeSpans header = scope.toBuilder().clearSpans().build();
          for (Span span : scope.getSpansList()) all.add(new Decoded(bare, header, span));
        }
      }
      return all;
    }

    boolean belongsTo(int owner, int count) {
      ByteString id = span.getTraceId();
      if (id.size() != 16) return false;
      ByteBuffer number = id.asReadOnlyByteBuffer();
      long high = number.getLong();
      long low = number.getLong();
      return (high | low) != 0 && owners(count).owner(high, low) == owner;
    }
  }

  private static void meansTheSame(Cut cut, ExportTraceServiceRequest whole, int count)
      throws InvalidProtocolBufferException {
    List<Decoded> all = Decoded.of(whole);
    for (Piece piece : cut.pieces()) {
      ExportTraceServiceRequest part =
          ExportTraceServiceRequest.parseFrom(piece.part().bytes().getBytes());
      assertThat(part.getUnknownFields()).isEqualTo(whole.getUnknownFields());
      assertThat(Decoded.of(part))
          .isEqualTo(all.stream().filter(d -> d.belongsTo(piece.owner(), count)).toList());
    }
  }

  private void isCutAgainTheSame(Cut cut) throws Exception {
    for (Piece piece : cut.pieces()) {
      Cut again = cutter.cut(piece.part().bytes(), (high, low) -> 0);
      assertThat(again.pieces()).hasSize(1);
      assertThat(again.pieces().get(0).part().id()).isEqualTo(piece.part().id());
      assertThat(again.spans()).isEqualTo(piece.part().spans());
    }
  }

  private static void travelsInABatch(Cut cut) throws MalformedException {
    List<Entry> entries = new ArrayList<>();
    for (Piece piece : cut.pieces()) entries.add(new Entry(piece.part(), piece.owner() % 2 == 1));
    ByteBuffer out = ByteBuffer.allocate(Batch.size(entries));
    Batch.write(entries, out);
    assertThat(out.hasRemaining()).isFalse();
    Optional<List<Entry>> split = Batch.split(RawBytes.wrap(out.array()));
    assertThat(split.isPresent()).isEqualTo(!entries.isEmpty());
    assertThat(BatchFuzzTest.shown(split.orElse(List.of())))
        .isEqualTo(BatchFuzzTest.shown(entries));
  }

  /** The same bytes in the midst of others. */
  static Buffer within(byte[] request, byte other) {
    byte[] all = new byte[request.length + 80];
    Arrays.fill(all, other);
    System.arraycopy(request, 0, all, 7, request.length);
    return RawBytes.wrap(all).slice(7, 7 + request.length);
  }

  private List<Object> told(Buffer request) {
    try {
      Cut cut = cutter.cut(request, owners(3));
      List<Object> told = new ArrayList<>();
      told.add(cut.invalidSpans());
      for (Piece piece : cut.pieces()) {
        told.add(piece.owner());
        told.add(piece.part().id());
        told.add(piece.part().spans());
        told.add(piece.part().bytes());
      }
      return told;
    } catch (MalformedException e) {
      return List.of(String.valueOf(e.getMessage()));
    }
  }

  private static @Nullable ExportTraceServiceRequest parsed(byte[] request) {
    try {
      return ExportTraceServiceRequest.parseFrom(request);
    } catch (InvalidProtocolBufferException e) {
      return null;
    }
  }
}
