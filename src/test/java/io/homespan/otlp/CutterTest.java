package io.homespan.otlp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import io.homespan.otlp.Cutter.Cut;
import io.homespan.otlp.Cutter.Owners;
import io.homespan.otlp.Cutter.Piece;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CutterTest {
  private static final Owners ONE = (high, low) -> 0;

  private static final List<byte[]> VALID =
      IntStream.range(0, 20)
          .mapToObj(seed -> new TestSpans(seed).request(2, 1).toByteArray())
          .toList();

  private final Cutter cutter = new Cutter();

  private static Owners owners(int count) {
    return (high, low) -> (int) Long.remainderUnsigned(high ^ low, count);
  }

  private static int owner(Span span, int count) {
    var id = span.getTraceId().asReadOnlyByteBuffer();
    return owners(count).owner(id.getLong(), id.getLong());
  }

  /** What the cut should be, made from decoded messages. */
  private static Map<Integer, ExportTraceServiceRequest> expected(
      ExportTraceServiceRequest whole, int count) {
    Map<Integer, ExportTraceServiceRequest.Builder> parts = new LinkedHashMap<>();
    for (ResourceSpans resource : whole.getResourceSpansList()) {
      Map<Integer, ResourceSpans.Builder> resources = new LinkedHashMap<>();
      for (ScopeSpans scope : resource.getScopeSpansList()) {
        Map<Integer, ScopeSpans.Builder> scopes = new LinkedHashMap<>();
        for (Span span : scope.getSpansList()) {
          scopes
              .computeIfAbsent(owner(span, count), o -> scope.toBuilder().clearSpans())
              .addSpans(span);
        }
        scopes.forEach(
            (o, s) ->
                resources
                    .computeIfAbsent(o, x -> resource.toBuilder().clearScopeSpans())
                    .addScopeSpans(s));
      }
      resources.forEach(
          (o, r) ->
              parts
                  .computeIfAbsent(o, x -> whole.toBuilder().clearResourceSpans())
                  .addResourceSpans(r));
    }
    Map<Integer, ExportTraceServiceRequest> built = new LinkedHashMap<>();
    parts.forEach((o, p) -> built.put(o, p.build()));
    return built;
  }

  private static ExportTraceServiceRequest parse(Part part) throws Exception {
    return ExportTraceServiceRequest.parseFrom(part.bytes().getBytes());
  }

  private void assertCutAsExpected(ExportTraceServiceRequest whole, int count) throws Exception {
    Map<Integer, ExportTraceServiceRequest> expected = expected(whole, count);
    Cut cut = cutter.cut(TestSpans.bytes(whole), owners(count));
    assertThat(cut.invalidSpans()).isZero();
    assertThat(cut.spans()).isEqualTo(spans(whole).size());
    assertThat(cut.pieces())
        .extracting(Piece::owner)
        .containsExactlyElementsOf(firstSeen(whole, count));
    for (Piece piece : cut.pieces()) {
      ExportTraceServiceRequest part = parse(piece.part());
      if (cut.pieces().size() > 1) assertThat(part).isEqualTo(expected.get(piece.owner()));
      assertThat(piece.part().spans()).isEqualTo(spans(part).size());
    }
  }

  private static List<Integer> firstSeen(ExportTraceServiceRequest whole, int count) {
    return spans(whole).stream().map(span -> owner(span, count)).distinct().toList();
  }

  static List<Span> spans(ExportTraceServiceRequest request) {
    return request.getResourceSpansList().stream()
        .flatMap(resource -> resource.getScopeSpansList().stream())
        .flatMap(scope -> scope.getSpansList().stream())
        .toList();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 17, 200})
  void everySpanGoesToItsOwner_underItsOwnResourceAndScope_inOrder(int count) throws Exception {
    for (int seed = 0; seed < 30; seed++) {
      TestSpans spans = new TestSpans(seed);
      assertCutAsExpected(spans.request(1 + seed * 4, 1 + seed % 4), count);
    }
  }

  @Test
  void unknownFields_areKept_onAllLevels() throws Exception {
    for (int seed = 0; seed < 30; seed++) {
      assertCutAsExpected(withUnknownFields(new TestSpans(seed).request(10, 3), seed), 3);
    }
  }

  private static ExportTraceServiceRequest withUnknownFields(
      ExportTraceServiceRequest request, int seed) {
    ExportTraceServiceRequest.Builder whole = request.toBuilder();
    whole.setUnknownFields(unknown(seed));
    for (ResourceSpans.Builder resource : whole.getResourceSpansBuilderList()) {
      resource.setUnknownFields(unknown(seed + 1));
      for (ScopeSpans.Builder scope : resource.getScopeSpansBuilderList()) {
        scope.setUnknownFields(unknown(seed + 2));
        for (Span.Builder span : scope.getSpansBuilderList()) {
          span.setUnknownFields(unknown(seed + 3));
        }
      }
    }
    return whole.build();
  }

  /** One field of each wire type, nested groups included, and a known number of a wrong type. */
  private static UnknownFieldSet unknown(int seed) {
    UnknownFieldSet.Field.Builder mixed =
        UnknownFieldSet.Field.newBuilder()
            .addVarint(seed)
            .addVarint(-1)
            .addFixed32(7)
            .addFixed64(8)
            .addLengthDelimited(ByteString.copyFromUtf8("later"));
    UnknownFieldSet inner = UnknownFieldSet.newBuilder().addField(77, mixed.build()).build();
    UnknownFieldSet middle =
        UnknownFieldSet.newBuilder()
            .addField(2, UnknownFieldSet.Field.newBuilder().addGroup(inner).build())
            .build();
    return UnknownFieldSet.newBuilder()
        .addField(99, mixed.addGroup(middle).build())
        .addField(1000 + seed % 3, mixed.build())
        .addField(2, UnknownFieldSet.Field.newBuilder().addVarint(5).build())
        .build();
  }

  @Test
  void aRequestOfOneOwner_isPassedOnUntouched() throws Exception {
    Buffer request = new TestSpans(1).bytes(5, 5);
    Cut cut = cutter.cut(request, (high, low) -> 41);
    assertThat(cut.pieces()).singleElement().extracting(Piece::owner).isEqualTo(41);
    assertThat(cut.pieces().get(0).part().bytes()).isSameAs(request);
  }

  @Test
  void whatHoldsNoSpan_isNoPiece() throws Exception {
    assertThat(cutter.cut(Buffer.buffer(), ONE).pieces()).isEmpty();
    ExportTraceServiceRequest empty =
        ExportTraceServiceRequest.newBuilder()
            .addResourceSpans(ResourceSpans.newBuilder().setSchemaUrl("x"))
            .addResourceSpans(
                ResourceSpans.newBuilder().addScopeSpans(ScopeSpans.newBuilder().setSchemaUrl("y")))
            .setUnknownFields(unknown(1))
            .build();
    Cut cut = cutter.cut(TestSpans.bytes(empty), ONE);
    assertThat(cut).isEqualTo(new Cut(List.of(), 0, 0));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "00", "0102030405060708090a0b0c0d0e0f", "00000000000000000000000000000000"})
  void aSpanWithoutAValidTraceId_isLeftOutAndCounted(String hex) throws Exception {
    TestSpans spans = new TestSpans(2);
    byte[] id = HexFormat.of().parseHex(hex);
    Span bad = spans.span(ByteString.copyFrom(id), ByteString.EMPTY);
    ExportTraceServiceRequest good = spans.request(3, 2);
    ExportTraceServiceRequest.Builder mixed = good.toBuilder();
    mixed.getResourceSpansBuilder(0).getScopeSpansBuilder(0).addSpans(0, bad);
    Cut cut = cutter.cut(TestSpans.bytes(mixed.build()), ONE);
    assertThat(cut.invalidSpans()).isEqualTo(1);
    assertThat(cut.spans()).isEqualTo(6);
    assertThat(spans(parse(cut.pieces().get(0).part()))).isEqualTo(spans(good));
  }

  @Test
  void idsMayComeLateAndTwice_theLastCounts() throws Exception {
    TestSpans spans = new TestSpans(3);
    ByteString first = spans.id(16);
    ByteString last = spans.id(16);
    Span body = spans.span(ByteString.EMPTY, ByteString.EMPTY);
    ByteString bytes =
        body.toByteString()
            .concat(Span.newBuilder().setTraceId(first).build().toByteString())
            .concat(Span.newBuilder().setTraceId(last).build().toByteString());
    List<ByteString> seen = new ArrayList<>();
    Cut cut =
        cutter.cut(
            Buffer.buffer(request(bytes)),
            (high, low) -> {
              seen.add(
                  ByteString.copyFrom(Buffer.buffer().appendLong(high).appendLong(low).getBytes()));
              return 0;
            });
    assertThat(cut.spans()).isEqualTo(1);
    assertThat(seen).containsExactly(last);
  }

  @Test
  void aSecondTraceId_counts_whereverItStands() throws Exception {
    TestSpans spans = new TestSpans(8);
    Span usual = spans.span(spans.id(16), ByteString.EMPTY);
    Span again = Span.newBuilder().setTraceId(spans.id(16)).build();
    ByteString twice = usual.toByteString().concat(again.toByteString());
    Cut cut = cutter.cut(Buffer.buffer(request(usual.toByteString(), twice)), owners(1 << 20));
    assertThat(cut.pieces())
        .extracting(Piece::owner)
        .containsExactly(owner(usual, 1 << 20), owner(again, 1 << 20));
  }

  /** All of them legal; nearly all spans come with their ids in front and short tags. */
  private static List<ByteString> formsOf(Span span) {
    ByteString traceId = Span.newBuilder().setTraceId(span.getTraceId()).build().toByteString();
    ByteString spanId = Span.newBuilder().setSpanId(span.getSpanId()).build().toByteString();
    ByteString rest = span.toBuilder().clearTraceId().clearSpanId().build().toByteString();
    ByteString overlongTag = ByteString.fromHex("8a0010").concat(span.getTraceId());
    ByteString overlongLength = ByteString.fromHex("0a9000").concat(span.getTraceId());
    ByteString droppedCount = ByteString.fromHex("50ac02"); // a varint of two bytes
    ByteString group = ByteString.fromHex("a306a80601a406");
    return List.of(
        span.toByteString(),
        spanId.concat(traceId).concat(rest),
        rest.concat(traceId).concat(spanId),
        traceId.concat(rest).concat(spanId),
        overlongTag.concat(spanId).concat(rest),
        overlongLength.concat(spanId).concat(rest),
        traceId.concat(spanId).concat(droppedCount).concat(rest),
        traceId.concat(spanId).concat(group).concat(rest),
        traceId.concat(spanId).concat(rest).concat(overlongTag),
        traceId.concat(spanId).concat(rest).concat(group).concat(spanId));
  }

  @Test
  void whateverFormASpanHas_itIsCutAsAnyOther() throws Exception {
    for (int seed = 0; seed < 20; seed++) {
      TestSpans spans = new TestSpans(seed);
      List<ByteString> forms = new ArrayList<>();
      for (int i = 0; i < 30; i++) {
        forms.addAll(formsOf(spans.span(spans.id(16), ByteString.EMPTY)));
      }
      byte[] request = request(forms.toArray(ByteString[]::new));
      ExportTraceServiceRequest whole = ExportTraceServiceRequest.parseFrom(request);
      assertThat(spans(whole)).hasSize(300);
      Map<Integer, ExportTraceServiceRequest> expected = expected(whole, 3);

      // alone in its array, and within one where something else stands before and behind
      Cut alone = cutter.cut(Buffer.buffer(request), owners(3));
      Buffer around = Buffer.buffer("ab").appendBytes(request).appendBytes(request);
      Cut within = cutter.cut(around.slice(2, 2 + request.length), owners(3));

      assertThat(alone.spans()).isEqualTo(300);
      for (int i = 0; i < alone.pieces().size(); i++) {
        Piece piece = alone.pieces().get(i);
        assertThat(parse(piece.part())).isEqualTo(expected.get(piece.owner()));
        Part same = within.pieces().get(i).part();
        assertThat(same.id()).isEqualTo(piece.part().id());
        assertThat(same.bytes()).isEqualTo(piece.part().bytes());
      }
    }
  }

  @Test
  void fieldsBehindTheSpans_areKept() throws Exception {
    TestSpans spans = new TestSpans(9);
    ByteString scope = spans.request(7, 1).getResourceSpans(0).getScopeSpans(0).toByteString();
    ByteString late = ScopeSpans.newBuilder().setSchemaUrl("late").build().toByteString();
    ByteString lateResource =
        ResourceSpans.newBuilder().setSchemaUrl("later").build().toByteString();
    ByteString oneScope =
        wrap(2, UnknownFieldSet.parseFrom(scope.concat(late).concat(scope))).toByteString();
    byte[] request =
        wrap(1, UnknownFieldSet.parseFrom(oneScope.concat(lateResource).concat(oneScope)))
            .toByteArray();
    assertCutAsExpected(ExportTraceServiceRequest.parseFrom(request), 3);
  }

  /** A request of one resource and scope with these serialized spans. */
  private static byte[] request(ByteString... spans) {
    UnknownFieldSet.Field.Builder field = UnknownFieldSet.Field.newBuilder();
    for (ByteString span : spans) field.addLengthDelimited(span);
    return wrap(1, wrap(2, UnknownFieldSet.newBuilder().addField(2, field.build()).build()))
        .toByteArray();
  }

  private static UnknownFieldSet wrap(int field, UnknownFieldSet inner) {
    return UnknownFieldSet.newBuilder()
        .addField(
            field,
            UnknownFieldSet.Field.newBuilder().addLengthDelimited(inner.toByteString()).build())
        .build();
  }

  @Test
  void aPartHasTheSameId_aloneOrAmongOthers() throws Exception {
    for (int seed = 0; seed < 30; seed++) {
      Buffer request = new TestSpans(seed).bytes(20, 2);
      for (Piece piece : cutter.cut(request, owners(5)).pieces()) {
        Cut again = new Cutter().cut(piece.part().bytes(), ONE);
        Part part = again.pieces().get(0).part();
        assertThat(part.id()).isEqualTo(piece.part().id());
        assertThat(part.spans()).isEqualTo(piece.part().spans());
      }
    }
  }

  @Test
  void theIdChanges_withTheSpans_theirOrderAndTheirLength() throws Exception {
    TestSpans spans = new TestSpans(4);
    Span a = spans.span(spans.id(16), ByteString.EMPTY);
    Span b = spans.span(spans.id(16), ByteString.EMPTY);
    Span grown = a.toBuilder().setName(a.getName() + "!").build();
    Span nameless = a.toBuilder().clearSpanId().build();
    Span otherNameless = nameless.toBuilder().setName(a.getName().replace('G', 'P')).build();
    Span zero = a.toBuilder().setSpanId(ByteString.copyFrom(new byte[8])).build();
    Span otherZero = zero.toBuilder().setName(a.getName().replace('G', 'P')).build();
    List<PartId> ids = new ArrayList<>();
    ids.add(id(a));
    ids.add(id(b));
    ids.add(id(a, b));
    ids.add(id(b, a));
    ids.add(id(a, a));
    ids.add(id(grown));
    ids.add(id(nameless));
    ids.add(id(otherNameless));
    ids.add(id(zero));
    ids.add(id(otherZero));
    assertThat(ids).doesNotHaveDuplicates();
    assertThat(id(a)).isEqualTo(ids.get(0));
    assertThat(id(nameless)).isEqualTo(id(nameless));
  }

  private PartId id(Span... spans) throws Exception {
    ByteString[] bytes = new ByteString[spans.length];
    for (int i = 0; i < spans.length; i++) bytes[i] = spans[i].toByteString();
    return cutter.cut(Buffer.buffer(request(bytes)), ONE).pieces().get(0).part().id();
  }

  @ParameterizedTest
  @CsvSource({
    "0a05, field at byte 0 runs past the end of its message",
    "0a0412021205, field at byte 4 runs past the end of its message",
    "0a, varint at byte 1 runs past the end of its message",
    "80, varint at byte 0 runs past the end of its message",
    "10ffffffffffffffffffff01, varint at byte 1 is longer than 10 bytes",
    "0affffffffffffffffff01, field at byte 0 runs past the end of its message",
    "02, field at byte 0 has the number 0",
    "0a021600, field at byte 2 has the unknown wire type 6",
    "1f, field at byte 0 has the unknown wire type 7",
    "1d000000, field at byte 0 runs past the end of its message",
    "1900000000000000, field at byte 0 runs past the end of its message",
    "1b, group at byte 0 has no end",
    "1b24, group end at byte 1 belongs to another group",
    "1c, group end at byte 0 has no beginning",
    "0a011b1c, group at byte 2 has no end",
  })
  void whatIsMalformed_isNamedWithItsByte(String hex, String message) {
    Buffer bytes = Buffer.buffer(HexFormat.of().parseHex(hex));
    // behind a slice, so that offsets count from the request and not from the array
    Buffer slice = Buffer.buffer("ab").appendBuffer(bytes).slice(2, 2 + bytes.length());
    assertThatThrownBy(() -> cutter.cut(slice, ONE))
        .isInstanceOf(MalformedException.class)
        .hasMessage(message);
  }

  @Test
  void groups_nestAHundredDeep_andNoDeeper() throws Exception {
    assertThat(cutter.cut(Buffer.buffer(groups(100)), ONE).pieces()).isEmpty();
    assertThatThrownBy(() -> cutter.cut(Buffer.buffer(groups(101)), ONE))
        .hasMessage("group at byte 0 nests deeper than 100");
  }

  private static byte[] groups(int depth) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int i = 0; i < depth; i++) out.write(3 << 3 | 3);
    for (int i = 0; i < depth; i++) out.write(3 << 3 | 4);
    return out.toByteArray();
  }

  @Test
  void noBytes_endInAnythingButACutOrAMalformedException() {
    Random random = new Random(5);
    int accepted = 0;
    int refused = 0;
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = i % 2 == 0 ? noise(random) : mutated(random);
      try {
        Cut cut = cutter.cut(Buffer.buffer(bytes), owners(3));
        for (Piece piece : cut.pieces())
          if (piece.part().size() > bytes.length) fail("a part longer than its request");
        accepted++;
      } catch (MalformedException e) {
        assertThat(parserAccepts(bytes)).as(e.getMessage()).isFalse();
        refused++;
      }
    }
    assertThat(accepted).isGreaterThan(1000);
    assertThat(refused).isGreaterThan(1000);
  }

  private static byte[] noise(Random random) {
    byte[] bytes = new byte[random.nextInt(60)];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (random.nextBoolean() ? random.nextInt(32) : random.nextInt());
    }
    return bytes;
  }

  private static byte[] mutated(Random random) {
    byte[] bytes = VALID.get(random.nextInt(VALID.size())).clone();
    for (int n = random.nextInt(3); n >= 0; n--) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
    }
    return random.nextInt(3) > 0 ? bytes : Arrays.copyOf(bytes, random.nextInt(bytes.length));
  }

  private static boolean parserAccepts(byte[] bytes) {
    try {
      return ExportTraceServiceRequest.parseFrom(bytes).isInitialized();
    } catch (InvalidProtocolBufferException e) {
      return false;
    }
  }

  @Test
  void manyOwnersAndScopes_costNoMoreThanTheirSpans() throws Exception {
    TestSpans spans = new TestSpans(6);
    ResourceSpans.Builder resource = ResourceSpans.newBuilder();
    for (int i = 0; i < 20_000; i++) {
      Span span = Span.newBuilder().setTraceId(spans.id(16)).setSpanId(spans.id(8)).build();
      resource.addScopeSpans(ScopeSpans.newBuilder().addSpans(span));
    }
    Buffer request =
        TestSpans.bytes(ExportTraceServiceRequest.newBuilder().addResourceSpans(resource).build());
    Cut cut = cutter.cut(request, owners(2_000));
    assertThat(cut.spans()).isEqualTo(20_000);
    assertThat(cut.pieces()).hasSizeGreaterThan(1_900);
    assertThat(cutter.scratch()).as("ints kept after a giant request").isLessThan(100_000);
  }

  @Test
  void aHugeHeader_isNotCopiedForEveryOwner() {
    TestSpans spans = new TestSpans(7);
    ExportTraceServiceRequest.Builder request = spans.request(300, 1).toBuilder();
    request.setUnknownFields(
        UnknownFieldSet.newBuilder()
            .addField(
                99,
                UnknownFieldSet.Field.newBuilder()
                    .addLengthDelimited(ByteString.copyFrom(new byte[4 << 20]))
                    .build())
            .build());
    Buffer bytes = TestSpans.bytes(request.build());
    assertThatThrownBy(() -> cutter.cut(bytes, owners(200)))
        .isInstanceOf(MalformedException.class)
        .hasMessageStartingWith("resource and scope headers are too large to repeat");
  }
}
