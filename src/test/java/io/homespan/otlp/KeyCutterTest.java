package io.homespan.otlp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.homespan.otlp.Cutter.Cut;
import io.homespan.otlp.Cutter.Owners;
import io.homespan.otlp.Cutter.Piece;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.ArrayValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyCutterTest {
  private static final List<String> SERVICE = List.of("service.name");
  private static final String[] NAMES = {
    "service.name", "tenant", "http.route", "span.kind", "span.name", "größe"
  };

  private static Owners owners(int count) {
    return (high, low) -> (int) Long.remainderUnsigned(high ^ low, count);
  }

  /** By protobuf's classes, with every kind of value on every level, some of them twice. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5, 40})
  void everySpanGoesToTheOwnerOfItsKey_asItIs(int count) throws Exception {
    for (int seed = 0; seed < 60; seed++) {
      Random random = new Random(seed);
      ExportTraceServiceRequest whole =
          attributed(new TestSpans(seed).request(1 + seed, 1 + seed % 3), random);
      List<String> names = new ArrayList<>();
      while (names.isEmpty()) for (String n : NAMES) if (random.nextInt(3) == 0) names.add(n);

      Cut cut = new KeyCutter(names).cut(TestSpans.bytes(whole), owners(count));

      List<Span> spans = CutterTest.spans(whole);
      List<Long> keys = KeyedSpans.of(whole, names);
      assertThat(cut.spans()).isEqualTo(spans.size());
      for (Piece piece : cut.pieces()) {
        List<Span> expected = new ArrayList<>();
        for (int i = 0; i < spans.size(); i++) {
          if (owners(count).owner(keys.get(i), 0) == piece.owner()) expected.add(spans.get(i));
        }
        ExportTraceServiceRequest part =
            ExportTraceServiceRequest.parseFrom(piece.part().bytes().getBytes());
        assertThat(CutterTest.spans(part)).as("%s of %s", names, whole).isEqualTo(expected);
        assertThat(piece.part().spans()).isEqualTo(expected.size());
        assertThat(KeyedSpans.of(part, names)) // their resources and scopes are the same ones
            .allMatch(key -> owners(count).owner(key, 0) == piece.owner());
      }
    }
  }

  /** The same function over the same owners gives the same pieces, whoever cuts. */
  @Test
  void partsAndTheirIds_areThoseThatTheCutterMakes() throws Exception {
    for (int seed = 0; seed < 40; seed++) {
      ExportTraceServiceRequest whole = new TestSpans(seed).request(40, 2);
      List<Long> keys = KeyedSpans.of(whole, SERVICE);
      Buffer request = Buffer.buffer(withUnknownFields(whole).toByteArray());
      int[] next = new int[1];

      Cut cut = new KeyCutter(SERVICE).cut(request, owners(3));
      Cut same = new Cutter().cut(request, (high, low) -> owners(3).owner(keys.get(next[0]++), 0));

      assertThat(told(cut)).isEqualTo(told(same));
    }
  }

  @Test
  void theResourceIsAsked_thenTheScope_thenTheSpan() throws Exception {
    KeyValue inResource = text("a", "resource");
    KeyValue inScope = text("a", "scope");
    KeyValue inSpan = text("a", "span");
    assertThat(key("a", List.of(inResource), List.of(inScope), List.of(inSpan)))
        .isEqualTo(RoutingKey.hash("a=resource|"));
    assertThat(key("a", List.of(), List.of(inScope), List.of(inSpan)))
        .isEqualTo(RoutingKey.hash("a=scope|"));
    assertThat(key("a", List.of(), List.of(), List.of(inSpan, text("a", "second"))))
        .isEqualTo(RoutingKey.hash("a=span|"));
    assertThat(key("a", List.of(), List.of(), List.of())).isEqualTo(RoutingKey.hash("a=|"));
    assertThat(key("a", List.of(text("aa", "other")), List.of(), List.of(text("", "no"))))
        .isEqualTo(RoutingKey.hash("a=|"));
  }

  @Test
  void nameAndKind_areTheSpans_unlessWhatIsAroundItHasThem() throws Exception {
    assertThat(key("span.kind", List.of(), List.of(), List.of(text("span.kind", "no"))))
        .isEqualTo(RoutingKey.hash("span.kind=Client|"));
    assertThat(key("span.name", List.of(), List.of(), List.of()))
        .isEqualTo(RoutingKey.hash("span.name=GET /|"));
    assertThat(key("span.name", List.of(), List.of(text("span.name", "scope's")), List.of()))
        .isEqualTo(RoutingKey.hash("span.name=scope's|"));
  }

  @Test
  void aNumberAndItsText_areOneKey() throws Exception {
    AnyValue number = AnyValue.newBuilder().setIntValue(-7).build();
    AnyValue yes = AnyValue.newBuilder().setBoolValue(true).build();
    assertThat(key("a", List.of(pair("a", number)), List.of(), List.of()))
        .isEqualTo(RoutingKey.hash("a=-7|"));
    assertThat(key("a", List.of(pair("a", yes)), List.of(), List.of()))
        .isEqualTo(RoutingKey.hash("a=true|"));
  }

  @Test
  void whoKnowsTheValues_canTellTheKey() throws Exception {
    RoutingKey key = new RoutingKey(List.of("tenant", "span.kind"));
    assertThat(key.hash(Map.of("tenant", "acme")))
        .isEqualTo(RoutingKey.hash("tenant=acme|span.kind=|"));
  }

  @Test
  void anAttributeThatCannotBeRead_isToldAsMalformed() {
    byte[] resource = {0x0A, 4, 0x0A, 2, 0x0A, 9}; // an attribute whose key runs past its end
    assertThatThrownBy(() -> new KeyCutter(SERVICE).cut(Buffer.buffer(resource), owners(1)))
        .isInstanceOf(MalformedException.class);
  }

  /** By what key the one span of a request is asked for. */
  private static long key(
      String name, List<KeyValue> resource, List<KeyValue> scope, List<KeyValue> span)
      throws Exception {
    TestSpans spans = new TestSpans(1);
    Span bare = Span.newBuilder(spans.span(spans.id(16), spans.id(8))).clearAttributes().build();
    ScopeSpans.Builder inScope = ScopeSpans.newBuilder();
    inScope.addSpans(bare.toBuilder().setName("GET /").setKindValue(3).addAllAttributes(span));
    inScope.getScopeBuilder().addAllAttributes(scope);
    ResourceSpans.Builder inResource = ResourceSpans.newBuilder().addScopeSpans(inScope);
    inResource.getResourceBuilder().addAllAttributes(resource);
    ExportTraceServiceRequest request =
        ExportTraceServiceRequest.newBuilder().addResourceSpans(inResource).build();
    List<Long> asked = new ArrayList<>();
    new KeyCutter(List.of(name))
        .cut(
            TestSpans.bytes(request),
            (high, low) -> {
              assertThat(low).isZero();
              asked.add(high);
              return 0;
            });
    assertThat(asked).hasSize(1);
    return asked.get(0);
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

  private static ExportTraceServiceRequest attributed(
      ExportTraceServiceRequest request, Random random) {
    ExportTraceServiceRequest.Builder whole = request.toBuilder();
    for (ResourceSpans.Builder resource : whole.getResourceSpansBuilderList()) {
      resource.getResourceBuilder().addAllAttributes(some(random));
      for (ScopeSpans.Builder scope : resource.getScopeSpansBuilderList()) {
        scope.getScopeBuilder().addAllAttributes(some(random));
        for (Span.Builder span : scope.getSpansBuilderList()) {
          span.addAllAttributes(some(random)).setKindValue(random.nextInt(8));
        }
      }
    }
    return whole.build();
  }

  private static List<KeyValue> some(Random random) {
    List<KeyValue> some = new ArrayList<>();
    while (random.nextInt(3) > 0) some.add(pair(NAMES[random.nextInt(NAMES.length)], any(random)));
    return some;
  }

  private static AnyValue any(Random random) {
    AnyValue.Builder value = AnyValue.newBuilder();
    int some = random.nextInt(3);
    switch (random.nextInt(8)) {
      case 0 -> value.setBoolValue(some == 0);
      case 1 -> value.setIntValue(some - 1);
      case 2 -> value.setDoubleValue(some / 2.0);
      case 3 -> value.setBytesValue(ByteString.copyFromUtf8("b" + some));
      case 4 -> value.setArrayValue(ArrayValue.newBuilder().addValues(AnyValue.newBuilder()));
      case 5 -> {}
      default -> value.setStringValue("ä" + some);
    }
    return value.build();
  }

  private static ExportTraceServiceRequest withUnknownFields(ExportTraceServiceRequest request) {
    UnknownFieldSet unknown =
        UnknownFieldSet.newBuilder()
            .addField(99, UnknownFieldSet.Field.newBuilder().addVarint(7).build())
            .build();
    ExportTraceServiceRequest.Builder whole = request.toBuilder().setUnknownFields(unknown);
    for (ResourceSpans.Builder resource : whole.getResourceSpansBuilderList()) {
      resource.setUnknownFields(unknown);
      resource.getScopeSpansBuilderList().forEach(scope -> scope.setUnknownFields(unknown));
    }
    return whole.build();
  }

  private static KeyValue text(String key, String value) {
    return pair(key, AnyValue.newBuilder().setStringValue(value).build());
  }

  private static KeyValue pair(String key, AnyValue value) {
    return KeyValue.newBuilder().setKey(key).setValue(value).build();
  }
}
