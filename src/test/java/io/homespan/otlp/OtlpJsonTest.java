package io.homespan.otlp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.util.JsonFormat;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.ArrayValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.Span;
import io.vertx.core.buffer.Buffer;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OtlpJsonTest {
  private static final Pattern BASE64_ID =
      Pattern.compile("\"(traceId|spanId|parentSpanId)\":\"([^\"]*)\"");

  private static ExportTraceServiceRequest read(String json) throws Exception {
    return ExportTraceServiceRequest.parseFrom(OtlpJson.toProtobuf(Buffer.buffer(json)).getBytes());
  }

  private static String span(String fields) {
    return "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{" + fields + "}]}]}]}";
  }

  private static Span readSpan(String fields) throws Exception {
    return read(span(fields)).getResourceSpans(0).getScopeSpans(0).getSpans(0);
  }

  /** OTLP/JSON as protobuf's own printer would write it, with ids turned into hex. */
  private static String oracle(ExportTraceServiceRequest request) throws Exception {
    String json =
        JsonFormat.printer().printingEnumsAsInts().omittingInsignificantWhitespace().print(request);
    return BASE64_ID
        .matcher(json)
        .replaceAll(
            id ->
                "\"%s\":\"%s\""
                    .formatted(
                        id.group(1),
                        HexFormat.of().formatHex(Base64.getDecoder().decode(id.group(2)))));
  }

  @Test
  void whatIsWritten_isReadAgain_andIsOneLine() throws Exception {
    for (int seed = 0; seed < 40; seed++) {
      ExportTraceServiceRequest request = new TestSpans(seed).request(6, 3);
      Buffer json = OtlpJson.toJson(TestSpans.bytes(request));
      assertThat(json.toString()).doesNotContain("\n").doesNotContain("\r");
      assertThat(read(json.toString())).isEqualTo(request);
    }
  }

  @Test
  void protobufsOwnMapping_isReadAndWritten_butForTheIds() throws Exception {
    for (int seed = 0; seed < 40; seed++) {
      ExportTraceServiceRequest request = new TestSpans(seed).request(6, 3);
      assertThat(read(oracle(request))).isEqualTo(request);
      String json = OtlpJson.toJson(TestSpans.bytes(request)).toString();
      ExportTraceServiceRequest.Builder again = ExportTraceServiceRequest.newBuilder();
      JsonFormat.parser().merge(hexToBase64(json), again);
      assertThat(again.build()).isEqualTo(request);
    }
  }

  private static String hexToBase64(String json) {
    return BASE64_ID
        .matcher(json)
        .replaceAll(
            id ->
                "\"%s\":\"%s\""
                    .formatted(
                        id.group(1),
                        Base64.getEncoder().encodeToString(HexFormat.of().parseHex(id.group(2)))));
  }

  @Test
  void attributes_areWrittenWhateverTheyHold() throws Exception {
    KeyValue.Builder[] attributes = {
      KeyValue.newBuilder(),
      KeyValue.newBuilder().setKeyStrindex(3),
      KeyValue.newBuilder().setKey("k").setValue(AnyValue.getDefaultInstance()),
      KeyValue.newBuilder().setValue(AnyValue.newBuilder().setStringValue("")),
      KeyValue.newBuilder().setValue(AnyValue.newBuilder().setIntValue(0)),
      KeyValue.newBuilder().setValue(AnyValue.newBuilder().setBoolValue(false)),
      KeyValue.newBuilder().setValue(AnyValue.newBuilder().setStringValueStrindex(4)),
    };
    ExportTraceServiceRequest.Builder request = ExportTraceServiceRequest.newBuilder();
    Resource.Builder resource = request.addResourceSpansBuilder().getResourceBuilder();
    for (KeyValue.Builder attribute : attributes) resource.addAttributes(attribute);
    String json = OtlpJson.toJson(TestSpans.bytes(request.build())).toString();
    assertThat(json).isEqualTo(oracle(request.build()));
    assertThat(read(json)).isEqualTo(request.build());
  }

  @Test
  void aSpan_looksAsTheSpecificationSays() throws Exception {
    Span span =
        Span.newBuilder()
            .setTraceId(ByteString.fromHex("5b8efff798038103d269b633813fc60c"))
            .setSpanId(ByteString.fromHex("eee19b7ec3c1b174"))
            .setKindValue(2)
            .setFlags(-1)
            .setStartTimeUnixNano(-1)
            .build();
    ExportTraceServiceRequest.Builder request = ExportTraceServiceRequest.newBuilder();
    request.addResourceSpansBuilder().addScopeSpansBuilder().addSpans(span);
    assertThat(OtlpJson.toJson(TestSpans.bytes(request.build())))
        .hasToString(
            span(
                "\"traceId\":\"5b8efff798038103d269b633813fc60c\",\"spanId\":\"eee19b7ec3c1b174\","
                    + "\"kind\":2,\"startTimeUnixNano\":\"18446744073709551615\","
                    + "\"flags\":4294967295"));
  }

  @Test
  void idsAreHexOfEitherCase_inLinksToo() throws Exception {
    Span span =
        readSpan(
            "'traceId':'5B8EFFF798038103d269b633813fc60c','spanId':'EEE19b7ec3c1b174','parentSpanId':'',"
                    .replace('\'', '"')
                + "\"links\":[{\"traceId\":\"0a\",\"spanId\":\"0B\"}]");
    assertThat(span.getTraceId()).isEqualTo(ByteString.fromHex("5b8efff798038103d269b633813fc60c"));
    assertThat(span.getSpanId()).isEqualTo(ByteString.fromHex("eee19b7ec3c1b174"));
    assertThat(span.getParentSpanId()).isEmpty();
    assertThat(span.getLinks(0).getTraceId()).isEqualTo(ByteString.fromHex("0a"));
    assertThat(span.getLinks(0).getSpanId()).isEqualTo(ByteString.fromHex("0b"));
  }

  @ParameterizedTest
  @CsvSource({
    "7, 7",
    "'\"7\"', 7",
    "7.0, 7",
    "7e2, 700",
    "18446744073709551615, -1",
    "'\"18446744073709551615\"', -1",
    "null, 0",
  })
  void longIntegers_areNumbersOrStrings(String json, long value) throws Exception {
    assertThat(readSpan("\"startTimeUnixNano\":" + json).getStartTimeUnixNano()).isEqualTo(value);
  }

  @ParameterizedTest
  @CsvSource({"3, 3", "77, 77", "'\"SPAN_KIND_SERVER\"', 2", "'\"3\"', 3"})
  void enums_areNumbers_orNames(String json, int kind) throws Exception {
    assertThat(readSpan("\"kind\":" + json).getKindValue()).isEqualTo(kind);
  }

  @ParameterizedTest
  @CsvSource({
    "1.5, 1.5",
    "1, 1",
    "'\"NaN\"', NaN",
    "'\"-Infinity\"', -Infinity",
    "'\"2e3\"', 2000"
  })
  void doubles_areNumbersOrStrings(String json, Double value) throws Exception {
    String attribute = "\"attributes\":[{\"key\":\"k\",\"value\":{\"doubleValue\":" + json + "}}]";
    Span span = readSpan(attribute);
    assertThat(span.getAttributes(0).getValue().getDoubleValue()).isEqualTo(value);
    Buffer protobuf = OtlpJson.toProtobuf(Buffer.buffer(span(attribute)));
    assertThat(OtlpJson.toProtobuf(OtlpJson.toJson(protobuf))).isEqualTo(protobuf);
  }

  @ParameterizedTest
  @ValueSource(strings = {"+/8A", "-_8A", "+/8=", "+/8", "-_8"})
  void otherBytes_areBase64_ofEitherAlphabet_paddedOrNot(String text) throws Exception {
    Span span = readSpan("\"attributes\":[{\"value\":{\"bytesValue\":\"" + text + "\"}}]");
    assertThat(span.getAttributes(0).getValue().getBytesValue().substring(0, 2))
        .isEqualTo(ByteString.fromHex("fbff"));
  }

  @Test
  void unknownFields_andOtherSpellings_areIgnored() throws Exception {
    Span span =
        readSpan(
            "\"new\":{\"deep\":[[{\"traceId\":\"xyz\"}]]},\"trace_id\":\"zz\",\"name\":\"n\",\"v\":1");
    assertThat(span).isEqualTo(Span.newBuilder().setName("n").build());
    assertThat(span.getUnknownFields()).isEqualTo(UnknownFieldSet.getDefaultInstance());
  }

  @Test
  void halfASurrogatePair_isReplaced() throws Exception {
    assertThat(readSpan("\"name\":\"a\\ud800b \\ud83d\\ude00\"").getName()).isEqualTo("a?b 😀");
  }

  @Test
  void anEmptyObject_isAnEmptyRequest() throws Exception {
    assertThat(OtlpJson.toProtobuf(Buffer.buffer("{}")).length()).isZero();
    assertThat(OtlpJson.toJson(Buffer.buffer())).hasToString("{}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | no JSON: the body is empty",
        "' ' | no JSON: the body is empty",
        "[] | JSON at /: expected an object, found [",
        "7 | JSON at /: expected an object, found 7",
        "{} {} | JSON at /: expected nothing after the end of the object, found {",
        "{} x | not JSON at line 1, column 5: Unrecognized token 'x'",
        "{\"resourceSpans\":{}} | JSON at /resourceSpans: expected an array, found {",
        "{\"resourceSpans\":[null]} | JSON at /resourceSpans/0: expected an object, found null",
        "{\"resourceSpans\":[ | not JSON at line 1, column 19: Unexpected end-of-input",
        "{'a':1} | not JSON at line 1, column 2: Unexpected character",
      })
  void whatIsNoRequest_isNamedWithItsPlace(String json, String message) {
    assertMalformed(json == null ? "" : json, message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "traceId | \"xyz\" | expected an id in hex, found xyz",
        "traceId | \"abc\" | expected an id in hex, found abc",
        "traceId | 12 | expected a string, found 12",
        "spanId | \"W47/95gDgQPSabYzgT/GDA==W47/95gDgQPSabYzgT\" | expected an id in hex, found"
            + " W47/95gDgQPSabYzgT/GDA==W47/95gDgQPSabYz...",
        "name | 5 | expected a string, found 5",
        "name | {} | expected a string, found {",
        "kind | \"SPAN_KIND_NONE\" | expected an integer, found SPAN_KIND_NONE",
        "kind | 4294967296 | expected an integer of 32 bits, found 4294967296",
        "flags | -1 | 'expected an integer of 32 bits, not negative, found -1'",
        "startTimeUnixNano | 1.5 | expected an integer, found 1.5",
        "startTimeUnixNano | 1e999999999 | expected an integer, found 1e999999999",
        "startTimeUnixNano | 1e-999999999 | expected an integer, found 1e-999999999",
        "startTimeUnixNano | 1e2147483647 | expected an integer, found 1e2147483647",
        "startTimeUnixNano | 1e99999999999 | expected an integer, found 1e99999999999",
        "startTimeUnixNano | \"\" | expected an integer, found",
        "startTimeUnixNano | true | expected an integer, found true",
        "startTimeUnixNano | 18446744073709551616 | expected an integer of 64 bits",
        "status | [] | expected an object, found [",
        "status | \"ok\" | expected an object, found ok",
      })
  void aWrongValue_isNamedWithItsPath(String field, String value, String message) {
    assertMalformed(
        span("\"" + field + "\":" + value),
        "JSON at /resourceSpans/0/scopeSpans/0/spans/0/" + field + ": " + message);
  }

  private static void assertMalformed(String json, String message) {
    assertThatThrownBy(() -> OtlpJson.toProtobuf(Buffer.buffer(json)))
        .isInstanceOf(MalformedException.class)
        .hasMessageStartingWith(message);
  }

  @Test
  void whatIsNotUtf8_isNamedWithItsByte() {
    Buffer json =
        Buffer.buffer("{\"a\":\"" + "ä".repeat(9000)).appendByte((byte) 0xC3).appendString("\"}");
    assertThatThrownBy(() -> OtlpJson.toProtobuf(json))
        .isInstanceOf(MalformedException.class)
        .hasMessage("text is not UTF-8 at byte 18006");
  }

  @Test
  void depth_isBounded_andNeverOverflowsTheStack() throws Exception {
    String open = "{\"arrayValue\":{\"values\":[";
    String close = "]}}";
    String before = "{\"resourceSpans\":[{\"resource\":{\"attributes\":[{\"value\":";
    String after = "}]}}]}";
    // the fourth message is the first value; each level has two
    Buffer deepest =
        OtlpJson.toProtobuf(
            Buffer.buffer(before + open.repeat(48) + "{}" + close.repeat(48) + after));
    assertThat(OtlpJson.toJson(deepest).length()).isPositive();
    assertMalformed(
        before + open.repeat(49) + "{}" + close.repeat(49) + after, "JSON at /resourceSpans/0/");
    for (String bomb : new String[] {"[", "{\"a\":", "{\"resourceSpans\":["}) {
      assertThatThrownBy(() -> OtlpJson.toProtobuf(Buffer.buffer(bomb.repeat(200_000))))
          .isInstanceOf(MalformedException.class);
    }
  }

  @Test
  void protobufThatIsMalformedOrTooDeep_isNotWritten() {
    AnyValue deep = AnyValue.getDefaultInstance();
    for (int i = 0; i < 60; i++) {
      deep = AnyValue.newBuilder().setArrayValue(ArrayValue.newBuilder().addValues(deep)).build();
    }
    ExportTraceServiceRequest.Builder request = ExportTraceServiceRequest.newBuilder();
    request.addResourceSpansBuilder().getResourceBuilder().addAttributesBuilder().setValue(deep);
    for (Buffer bytes : new Buffer[] {Buffer.buffer("hello"), TestSpans.bytes(request.build())}) {
      assertThatThrownBy(() -> OtlpJson.toJson(bytes))
          .isInstanceOf(MalformedException.class)
          .hasMessageStartingWith("not an ExportTraceServiceRequest: ");
    }
  }

  @Test
  void noText_endsInAnythingButARequestOrAMalformedException() throws Exception {
    Random random = new Random(9);
    byte[] whole = OtlpJson.toJson(new TestSpans(9).bytes(1, 2)).getBytes();
    String marks = "{}[]\",:0aé-.e\\tn";
    int refused = 0;
    for (int i = 0; i < 5_000; i++) {
      byte[] bytes = whole.clone();
      for (int n = random.nextInt(3); n >= 0; n--) {
        bytes[random.nextInt(bytes.length)] = (byte) marks.charAt(random.nextInt(marks.length()));
      }
      try {
        OtlpJson.toProtobuf(Buffer.buffer(bytes));
      } catch (MalformedException e) {
        assertThat(e).hasMessageMatching("(not JSON at line|JSON at /|text is not UTF-8).*");
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(1_000);
  }
}
