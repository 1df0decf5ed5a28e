package io.homespan;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import com.google.protobuf.UnknownFieldSet;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import io.homespan.otlp.Batch;
import io.homespan.otlp.Cutter;
import io.homespan.otlp.ExportResponse;
import io.homespan.otlp.MalformedException;
import io.homespan.otlp.OtlpJson;
import io.homespan.otlp.Rejections;
import io.homespan.otlp.TestSpans;
import io.homespan.rpc.Gzip;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.ArrayValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * Writes the inputs that fuzz tests begin with, and try on every build: {@code bench/fuzz --seeds}.
 * The same ones each time. What fuzzing found stands beside them, under names of its own.
 */
public final class FuzzSeeds {
  private final Path resources;
  private final TestSpans spans = new TestSpans(42);
  private final Map<String, byte[]> requests = new LinkedHashMap<>();

  private FuzzSeeds(Path resources) {
    this.resources = resources;
  }

  /** Writes below this directory. */
  public static void main(String[] args) throws IOException, MalformedException {
    new FuzzSeeds(Path.of(args[0])).write();
  }

  private void write() throws IOException, MalformedException {
    requests();
    Map<String, byte[]> json = json();
    writeAll("otlp/CutterFuzzTest", "cut", requests);
    writeAll("otlp/KeyCutterFuzzTest", "cut", requests);
    writeAll("otlp/BatchFuzzTest", "split", batches());
    writeAll("otlp/ExportResponseFuzzTest", "answer", answers());
    writeAll("otlp/OtlpJsonFuzzTest", "toJson", requests);
    writeAll("otlp/OtlpJsonFuzzTest", "toProtobuf", json);
    writeAll("ingest/IntakeFuzzTest", "request", calls(json));
    writeAll("ingest/IntakeFuzzTest", "connection", connections());
    writeAll("rpc/GzipFuzzTest", "unpack", packed());
    writeAll("rpc/ConnectionFuzzTest", "read", frames());
    writeAll("rpc/CallLaneFuzzTest", "talk", conversations());
    writeAll("rpc/CallFuzzTest", "answer", replies());
    writeAll("rpc/CallFuzzTest", "head", heads());
    writeAll("journal/RecordLogFuzzTest", "open", damages());
    writeAll("discovery/SearchListFuzzTest", "expand", resolvConfs());
    writeAll("discovery/DnsLookupFuzzTest", "find", dns());
    writeAll("discovery/HelloFuzzTest", "from", hellos());
    writeAll("discovery/udp/BeaconFormatFuzzTest", "read", beacons());
    writeAll("discovery/zookeeper/EntryFuzzTest", "read", entries());
    writeAll("discovery/kubernetes/SlicesFuzzTest", "read", slices());
    writeAll("config/ConfigFuzzTest", "load", configurations());
    writeAll("config/ConfigFuzzTest", "endpoint", endpoints());
  }

  private void writeAll(String test, String method, Map<String, byte[]> inputs) throws IOException {
    Path folder = resources.resolve("io/homespan/" + test + "Inputs").resolve(method);
    Files.createDirectories(folder);
    for (Map.Entry<String, byte[]> each : inputs.entrySet()) {
      Files.write(folder.resolve(each.getKey()), each.getValue());
    }
  }

  private static byte[] of(Map<String, byte[]> inputs, String name) {
    return Objects.requireNonNull(inputs.get(name), name);
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] hex(String hex) {
    return HexFormat.of().parseHex(hex.replace(" ", ""));
  }

  private static byte[] join(byte[]... pieces) {
    Buffer all = Buffer.buffer();
    for (byte[] each : pieces) all.appendBytes(each);
    return all.getBytes();
  }

  private void requests() {
    requests.put("empty", new byte[0]);
    requests.put("one-span", spans.request(1, 1).toByteArray());
    requests.put("one-trace", spans.request(1, 3).toByteArray());
    requests.put("three-traces", spans.request(3, 2).toByteArray());
    requests.put("many-small-spans", scope(small(70)));
    requests.put("small-spans", scope(small(5)));
    requests.put(
        "no-spans",
        ExportTraceServiceRequest.newBuilder()
            .addResourceSpans(ResourceSpans.newBuilder().setSchemaUrl("x"))
            .addResourceSpans(
                ResourceSpans.newBuilder().addScopeSpans(ScopeSpans.newBuilder().setSchemaUrl("y")))
            .build()
            .toByteArray());
    requests.put("unknown-fields", withUnknownFields(spans.request(2, 1)).toByteArray());
    requests.put("nested-groups", join(nestedGroups(5), scope(small(2)), nestedGroups(100)));
    requests.put("groups-too-deep", nestedGroups(101));
    requests.put("deep-attributes", scope(List.of(deep(20))));
    requests.put("attributes-too-deep", scope(List.of(deep(60))));
    requests.put("wrong-wire-types", join(hex("08 01 15 01020304"), scope(small(1))));
    requests.put(
        "schema-behind-spans",
        join(
            field(
                1,
                field(2, join(field(2, small(1).get(0)), field(3, text("late")))),
                field(3, text("later")))));
    Span span = spans.span(spans.id(16), spans.id(8));
    byte[] trace = field(1, span.getTraceId().toByteArray());
    byte[] id = field(2, span.getSpanId().toByteArray());
    byte[] rest =
        span.toBuilder().clearTraceId().clearSpanId().clearAttributes().build().toByteArray();
    requests.put("trace-id-last", scope(List.of(join(rest, id, trace))));
    requests.put("span-id-first", scope(List.of(join(id, trace, rest))));
    requests.put(
        "trace-id-twice",
        scope(List.of(join(trace, id, rest, field(1, spans.id(16).toByteArray())))));
    requests.put(
        "span-id-twice",
        scope(List.of(join(trace, id, rest, field(2, spans.id(8).toByteArray())))));
    requests.put("no-span-id", scope(List.of(join(trace, rest))));
    requests.put(
        "overlong-tag",
        scope(List.of(join(hex("8a0010"), span.getTraceId().toByteArray(), id, rest))));
    requests.put(
        "overlong-length",
        scope(List.of(join(hex("0a9000"), span.getTraceId().toByteArray(), id, rest))));
    requests.put("group-in-span", scope(List.of(join(trace, id, hex("a306a80601a406"), rest))));
    requests.put("group-before-id", scope(List.of(join(trace, hex("a306a80601a406"), id, rest))));
    requests.put(
        "short-trace-id", scope(List.of(join(field(1, new byte[15]), id, rest), small(1).get(0))));
    requests.put(
        "zero-trace-id", scope(List.of(join(field(1, new byte[16]), id, rest), small(1).get(0))));
    requests.put("negative-length", hex("0a ffffffffffffffffff01"));
    requests.put("length-of-35-bits", join(hex("0a 8580808010"), new byte[5]));
    requests.put("varint-of-11-bytes", hex("08 ffffffffffffffffffff01"));
    requests.put("varint-of-11-bytes-and-a-field", hex("08 ffffffffffffffffffff 1801"));
    requests.put("field-number-0", hex("0000"));
    byte[] whole = scope(small(2));
    requests.put("cut-off", Arrays.copyOf(whole, whole.length - 3));
  }

  private List<byte[]> small(int count) {
    List<byte[]> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      all.add(
          Span.newBuilder()
              .setTraceId(spans.id(16))
              .setSpanId(spans.id(8))
              .setName("n" + i)
              .setKindValue(i % 6)
              .setStartTimeUnixNano(i)
              .build()
              .toByteArray());
    }
    return all;
  }

  private byte[] deep(int levels) {
    AnyValue value = AnyValue.newBuilder().setStringValue("x").build();
    for (int i = 0; i < levels; i++) {
      value = AnyValue.newBuilder().setArrayValue(ArrayValue.newBuilder().addValues(value)).build();
    }
    return Span.newBuilder()
        .setTraceId(spans.id(16))
        .setSpanId(spans.id(8))
        .addAttributes(KeyValue.newBuilder().setKey("k").setValue(value))
        .build()
        .toByteArray();
  }

  private static byte[] scope(List<byte[]> spans) {
    List<byte[]> fields = new ArrayList<>();
    fields.add(field(1, text("\n\001s")));
    for (byte[] span : spans) fields.add(field(2, span));
    return field(
        1,
        field(1, field(1, text("\n\001r\022\003\n\001v"))),
        field(2, fields.toArray(byte[][]::new)));
  }

  /** A length-delimited field with these in it, one behind the other. */
  private static byte[] field(int number, byte[]... body) {
    UnknownFieldSet.Field value =
        UnknownFieldSet.Field.newBuilder()
            .addLengthDelimited(ByteString.copyFrom(join(body)))
            .build();
    return UnknownFieldSet.newBuilder().addField(number, value).build().toByteArray();
  }

  private static byte[] nestedGroups(int depth) {
    Buffer bytes = Buffer.buffer();
    for (int i = 0; i < depth; i++) bytes.appendByte((byte) (5 << 3 | 3));
    for (int i = 0; i < depth; i++) bytes.appendByte((byte) (5 << 3 | 4));
    return bytes.getBytes();
  }

  private static ExportTraceServiceRequest withUnknownFields(ExportTraceServiceRequest request) {
    UnknownFieldSet.Field mixed =
        UnknownFieldSet.Field.newBuilder()
            .addVarint(-1)
            .addFixed32(7)
            .addFixed64(8)
            .addLengthDelimited(ByteString.copyFromUtf8("later"))
            .addGroup(
                UnknownFieldSet.newBuilder()
                    .addField(2, UnknownFieldSet.Field.newBuilder().addVarint(1).build())
                    .build())
            .build();
    UnknownFieldSet unknown =
        UnknownFieldSet.newBuilder()
            .addField(99, mixed)
            .addField(2, UnknownFieldSet.Field.newBuilder().addVarint(5).build())
            .build();
    ExportTraceServiceRequest.Builder whole = request.toBuilder().setUnknownFields(unknown);
    for (ResourceSpans.Builder resource : whole.getResourceSpansBuilderList()) {
      resource.setUnknownFields(unknown);
      for (ScopeSpans.Builder scope : resource.getScopeSpansBuilderList()) {
        scope.setUnknownFields(unknown);
        for (Span.Builder span : scope.getSpansBuilderList()) span.setUnknownFields(unknown);
      }
    }
    return whole.build();
  }

  private static byte[] labelled(byte[] request, int owners) throws MalformedException {
    List<Batch.Entry> entries = new ArrayList<>();
    for (Cutter.Piece piece :
        new Cutter()
            .cut(Buffer.buffer(request), (high, low) -> (int) Long.remainderUnsigned(low, owners))
            .pieces()) {
      entries.add(new Batch.Entry(piece.part(), entries.size() % 2 == 1));
    }
    ByteBuffer out = ByteBuffer.allocate(Batch.size(entries));
    Batch.write(entries, out);
    return out.array();
  }

  private Map<String, byte[]> batches() throws MalformedException {
    Map<String, byte[]> all = new LinkedHashMap<>();
    byte[] one = labelled(scope(small(2)), 1);
    all.put("one-part", one);
    all.put("parts", labelled(scope(small(20)), 4));
    all.put("two-batches", join(one, labelled(scope(small(3)), 2)));
    all.put("no-label", scope(small(2)));
    all.put("no-label-behind", join(one, scope(small(1))));
    all.put("cut-off", Arrays.copyOf(one, one.length - 1));
    all.put("label-alone", Arrays.copyOf(one, Batch.LABEL_SIZE));
    byte[] longer = Arrays.copyOf(one, one.length);
    longer[3] = 27; // two bytes of the part belong to the label then
    all.put("longer-label", longer);
    byte[] spans = Arrays.copyOf(one, one.length);
    spans[4 + 16] = 0x7F;
    all.put("too-many-spans", spans);
    byte[] size = Arrays.copyOf(one, one.length);
    size[4 + 20] = (byte) 0xFF;
    all.put("negative-size", size);
    return all;
  }

  private Map<String, byte[]> answers() {
    Map<String, byte[]> all = new LinkedHashMap<>();
    all.put("ok", new byte[0]);
    all.put("warning", ExportResponse.partial(0, "slowly, please").getBytes());
    all.put("partial", ExportResponse.partial(7, "größer als erlaubt").getBytes());
    all.put("long-message", ExportResponse.partial(1, "€".repeat(1500)).getBytes());
    all.put("by-part", Rejections.add(ExportResponse.partial(3, "x"), List.of(0, 3, 0)).getBytes());
    all.put("negative", hex("0a0b 08ffffffffffffffffff01"));
    all.put("negative-by-part", hex("92e209 0a ffffffffffffffffff01 90e209 ffffffffffffffffff01"));
    all.put("packed-by-part", hex("92e209 03 010203"));
    all.put("no-utf8", hex("0a04 1202c328"));
    return all;
  }

  private Map<String, byte[]> json() throws MalformedException {
    Map<String, byte[]> all = new LinkedHashMap<>();
    for (String name :
        List.of(
            "one-span", "one-trace", "small-spans", "no-spans", "deep-attributes", "no-span-id")) {
      all.put(name, OtlpJson.toJson(Buffer.buffer(of(requests, name))).getBytes());
    }
    String span =
        "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"traceId\":\"0af7651916cd43dd8448eb211c80319c\",\"spanId\":\"b7ad6b7169203331\",%s}]}]}]}";
    all.put(
        "lenient",
        text(
            span.formatted(
                "\"kind\":\"SPAN_KIND_SERVER\",\"startTimeUnixNano\":1e3,\"endTimeUnixNano\":\"2.0\",\"name\":null,\"later\":[{\"x\":[]}]")));
    all.put(
        "values",
        text(
            span.formatted(
                "\"attributes\":[{\"key\":\"a\",\"value\":{\"doubleValue\":\"NaN\"}},{\"key\":\"b\",\"value\":{\"doubleValue\":-1e-300}},{\"key\":\"c\",\"value\":{\"bytesValue\":\"AQ-_\"}},{\"key\":\"d\",\"value\":{\"boolValue\":true}},{\"key\":\"e\",\"value\":{\"intValue\":\"-9223372036854775808\"}},{\"key\":\"f\",\"value\":{\"kvlistValue\":{\"values\":[{\"key\":\"\",\"value\":{}}]}}},{\"key\":\"g\",\"value\":{\"doubleValue\":\"-Infinity\"}}]")));
    all.put("huge-exponent", text(span.formatted("\"startTimeUnixNano\":1e999999999")));
    all.put("half-a-pair", text(span.formatted("\"name\":\"\\ud800x\\udc00\"")));
    all.put(
        "same-key-twice",
        text(span.formatted("\"name\":\"a\",\"name\":\"b\",\"links\":[],\"links\":[{}]")));
    all.put("unknown-enum", text(span.formatted("\"kind\":-2147483648,\"status\":{\"code\":99}")));
    all.put("too-deep-and-unknown", text("{\"x\":" + "[".repeat(1100) + "]".repeat(1100) + "}"));
    all.put(
        "too-deep-and-known",
        text(
            span.formatted(
                "\"attributes\":[{\"value\":"
                    + "{\"arrayValue\":{\"values\":[".repeat(60)
                    + "]}}".repeat(60)
                    + "}]")));
    all.put("not-an-object", text("[]"));
    all.put("two-documents", text("{} {}"));
    all.put("cut-off", text("{\"resourceSpans\":[{\"resource\":{\"attributes\":[{\"key\":\"serv"));
    all.put("no-utf8", join(text("{\"x\":\""), hex("c328"), text("\"}")));
    all.put("wrong-kinds", text("{\"resourceSpans\":{\"scopeSpans\":7}}"));
    all.put("empty", new byte[0]);
    return all;
  }

  private Map<String, byte[]> calls(Map<String, byte[]> json) throws MalformedException {
    Map<String, byte[]> all = new LinkedHashMap<>();
    byte[] few = scope(small(5));
    byte[] plain = Arrays.copyOf(of(requests, "one-span"), of(requests, "one-span").length);
    for (int packing = 0; packing < 4; packing++) {
      all.put("senders-" + packing, call(0, packing, packing, few));
      all.put("peers-" + packing, call(1, packing, 3 - packing, labelled(few, 3)));
      all.put("protobuf-" + packing, call(2, packing, packing, plain));
      all.put("json-" + packing, call(3, packing, 3 - packing, of(json, "small-spans")));
    }
    all.put("peers-unlabelled", call(1, 3, 0, few));
    all.put("senders-invalid-spans", call(0, 3, 1, of(requests, "short-trace-id")));
    all.put("senders-framed", call(0, 0, 3, framed(0, few)));
    all.put("senders-two-messages", call(0, 0, 3, join(framed(0, few), framed(0, few))));
    all.put("senders-gzip", call(0, 1, 3, framed(1, Gzip.pack(Buffer.buffer(few)).getBytes())));
    all.put(
        "senders-gzip-bomb",
        call(0, 1, 0, framed(1, Gzip.pack(Buffer.buffer(new byte[2 << 20])).getBytes())));
    all.put("senders-nothing", call(0, 0, 0, new byte[0]));
    all.put("senders-empty", call(0, 3, 0, new byte[0]));
    all.put("senders-odd-flag", call(0, 0, 0, framed(2, few)));
    all.put("senders-announced-too-large", call(0, 0, 3, hex("00 7fffffff 0a00")));
    all.put("senders-announced-negative", call(0, 0, 3, hex("00 ffffffff 0a00")));
    all.put("senders-odd-encoding", call(0x40, 3, 0, few));
    all.put("json-odd-encoding", call(0x43, 3, 0, of(json, "one-span")));
    all.put("protobuf-gzip", call(2, 1, 3, Gzip.pack(Buffer.buffer(few)).getBytes()));
    all.put("protobuf-malformed", call(2, 3, 0, of(requests, "cut-off")));
    all.put("json-malformed", call(3, 3, 0, of(json, "cut-off")));
    return all;
  }

  private static byte[] call(int door, int packing, int pieces, byte[] body) {
    return join(new byte[] {(byte) (door | packing << 2 | pieces << 4)}, body);
  }

  private static byte[] framed(int flag, byte[] message) {
    return Buffer.buffer()
        .appendByte((byte) flag)
        .appendInt(message.length)
        .appendBytes(message)
        .getBytes();
  }

  private Map<String, byte[]> connections() {
    Map<String, byte[]> all = new LinkedHashMap<>();
    String post = "0POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n";
    all.put("get", text("0GET /ready HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"));
    all.put("post", text(post + "content-length: 2\r\n\r\n{}"));
    all.put(
        "chunked", text(post + "transfer-encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n"));
    all.put("too-short", text(post + "content-length: 20\r\n\r\n{}"));
    all.put("length-is-none", text(post + "content-length: -1\r\n\r\n{}"));
    all.put("two-lengths", text(post + "content-length: 2\r\ncontent-length: 3\r\n\r\n{} "));
    all.put(
        "upgrade",
        text(
            "0GET /health HTTP/1.1\r\nhost: x\r\nconnection: upgrade, http2-settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABkAAQAAP__\r\n\r\n"));
    all.put("peers", text("1POST /x HTTP/1.1\r\nhost: x\r\n\r\n"));
    String preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    byte[] settings = hex("000000 04 00 00000000");
    byte[] head =
        hex(
            "00001e 01 04 00000001 83 86 44 0b 2f76312f747261636573 41 01 78 5f 0f 6170706c69636174696f6e2f6a736f");
    all.put("http2", join(text("0" + preface), settings, head, hex("000002 00 01 00000001 7b7d")));
    all.put(
        "http2-peers",
        join(text("1" + preface), settings, hex("000008 06 00 00000000 0102030405060708")));
    all.put(
        "http2-data-before-headers",
        join(text("0" + preface), settings, hex("000002 00 01 00000001 7b7d")));
    all.put(
        "http2-window",
        join(
            text("0" + preface),
            settings,
            hex("000004 08 00 00000000 7fffffff 000004 08 00 00000000 7fffffff")));
    all.put("tls", hex("30 16030100050100000100"));
    return all;
  }

  private Map<String, byte[]> packed() {
    Map<String, byte[]> all = new LinkedHashMap<>();
    byte[] one = Gzip.pack(Buffer.buffer(of(requests, "one-span"))).getBytes();
    all.put("one-span", one);
    all.put("nothing", Gzip.pack(Buffer.buffer()).getBytes());
    all.put("zeros", Gzip.pack(Buffer.buffer(new byte[1 << 20])).getBytes());
    all.put("more-zeros", Gzip.pack(Buffer.buffer(new byte[3 << 20])).getBytes());
    all.put("two-members", join(one, one));
    all.put("waste-behind", join(one, text("waste")));
    all.put("no-trailer", Arrays.copyOf(one, one.length - 8));
    all.put(
        "named",
        join(hex("1f8b 08 08 00000000 00 ff"), text("name\0"), hex("0300 00000000 00000000")));
    all.put("extra", join(hex("1f8b 08 04 00000000 00 ff ffff"), text("extra")));
    all.put("no-gzip", text("plain"));
    all.put("empty", new byte[0]);
    return all;
  }

  private static byte[] reply(int flags, String headers, byte[] data, String trailers) {
    byte[] head = text(headers);
    return Buffer.buffer()
        .appendByte((byte) flags)
        .appendShort((short) head.length)
        .appendBytes(head)
        .appendShort((short) data.length)
        .appendBytes(data)
        .appendString(trailers)
        .getBytes();
  }

  private static byte[] hint(long seconds, int nanos) {
    RetryInfo info =
        RetryInfo.newBuilder()
            .setRetryDelay(Duration.newBuilder().setSeconds(seconds).setNanos(nanos))
            .build();
    return Base64.getEncoder()
        .withoutPadding()
        .encode(
            Status.newBuilder()
                .setCode(14)
                .setMessage("later")
                .addDetails(Any.pack(info))
                .build()
                .toByteArray());
  }

  private Map<String, byte[]> replies() {
    Map<String, byte[]> all = new LinkedHashMap<>();
    String head = ":status: 200\ncontent-type: application/grpc\n";
    String details =
        "grpc-status-details-bin: " + new String(hint(2, 500_000_000), StandardCharsets.US_ASCII);
    all.put("ok", reply(0, head, framed(0, new byte[0]), "grpc-status: 0"));
    all.put(
        "partial",
        reply(
            0,
            head,
            framed(0, ExportResponse.partial(1, "x").getBytes()),
            "grpc-status: 0\ngrpc-message: "));
    all.put(
        "refused",
        reply(
            1,
            head + "grpc-status: 14\ngrpc-message: come%20again %c3%bc\n" + details,
            new byte[0],
            ""));
    all.put(
        "odd-message",
        reply(1, head + "grpc-status: 3\ngrpc-message: 100% +%zz%", new byte[0], ""));
    all.put("continue", reply(0, ":status: 100", new byte[0], head + "grpc-status: 0"));
    all.put("page", reply(2, ":status: 503\nretry-after: 3", text("<html>"), ""));
    all.put("status-is-none", reply(1, ":status: abc\ngrpc-status: 99999999999", new byte[0], ""));
    all.put("too-long", reply(0, head, framed(0, new byte[100]), "grpc-status: 0"));
    all.put("short", reply(2, head + "grpc-status: 0", hex("000000"), ""));
    all.put("compressed", reply(0, head, framed(1, new byte[3]), "grpc-status: 0"));
    return all;
  }

  private static byte[] frame(int type, int flags, int stream, String hex) {
    byte[] payload = hex(hex);
    return Buffer.buffer()
        .appendMedium(payload.length)
        .appendByte((byte) type)
        .appendByte((byte) flags)
        .appendInt(stream)
        .appendBytes(payload)
        .getBytes();
  }

  /** What servers send; the first byte is the size of the pieces. */
  private static Map<String, byte[]> frames() {
    String status200 = "88";
    // grpc-status: 0, for the header table; then by its index there
    String grpcStatus = "40 0b 677270632d737461747573 01 30";
    byte[] whole = {0};
    byte[] pieces = {7};
    byte[] settings = frame(4, 0, 0, "0003 00000064 0004 000fffff");
    byte[] answer = join(frame(1, 4, 1, status200), frame(0, 0, 1, "0000000000"));
    byte[] ok = join(answer, frame(1, 5, 1, grpcStatus));
    byte[] again =
        join(frame(1, 4, 3, status200), frame(0, 0, 3, "0000000003 010203"), frame(1, 5, 3, "be"));
    Map<String, byte[]> all = new LinkedHashMap<>();
    all.put("settings", join(whole, settings));
    all.put("answers", join(whole, settings, ok, again, frame(4, 1, 0, "")));
    all.put("answers-in-pieces", join(pieces, settings, ok, again));
    all.put("trailers-only", join(whole, settings, frame(1, 5, 1, status200 + grpcStatus)));
    all.put(
        "continued",
        join(
            pieces,
            settings,
            frame(1, 0, 1, status200),
            frame(9, 0, 1, "400b 67727063"),
            frame(9, 4, 1, "2d737461747573 0130"),
            frame(0, 1, 1, "0000000000")));
    all.put(
        "continued-elsewhere",
        join(whole, settings, frame(1, 0, 1, status200), frame(9, 4, 3, grpcStatus)));
    all.put(
        "padded",
        join(
            whole,
            settings,
            frame(1, 0x2c, 1, "02 0000000310 88 0000"),
            frame(0, 8, 1, "03 0000000000 000000"),
            frame(1, 5, 1, grpcStatus)));
    all.put("padding-too-long", join(whole, settings, frame(0, 8, 1, "09 00000000")));
    all.put(
        "windows",
        join(
            whole,
            settings,
            frame(8, 0, 0, "00030000"),
            frame(8, 0, 5, "00000001"),
            frame(8, 0, 7, "00020000"),
            frame(4, 0, 0, "0004 00000000")));
    all.put(
        "window-too-large",
        join(whole, settings, frame(8, 0, 1, "7fffffff"), frame(8, 0, 0, "7fffffff")));
    all.put(
        "window-grows-by-nothing",
        join(whole, settings, frame(8, 0, 1, "00000000"), frame(8, 0, 0, "00000000")));
    all.put("one-stream", join(whole, frame(4, 0, 0, "0003 00000001"), ok, again));
    all.put("no-stream", join(whole, frame(4, 0, 0, "0003 00000000")));
    all.put(
        "larger-frames",
        join(whole, frame(4, 0, 0, "0005 00ffffff 0001 00000000 0006 ffffffff 0004 7fffffff")));
    all.put(
        "resets", join(whole, settings, frame(3, 0, 1, "00000007"), frame(3, 0, 3, "00000002")));
    all.put(
        "ping",
        join(
            whole,
            settings,
            frame(6, 0, 0, "0102030405060708"),
            frame(6, 1, 0, "0000000000000000")));
    all.put("go-away", join(whole, settings, frame(7, 0, 0, "00000003 00000000 62796521"), ok));
    all.put("push", join(whole, settings, frame(5, 4, 1, "00000002 88")));
    all.put("odd-type", join(whole, settings, frame(0x77, 0xff, 9, "00"), ok));
    all.put("too-large", join(whole, settings, hex("7fffff 00 00 00000001")));
    all.put("never-opened", join(whole, settings, frame(1, 5, 2, status200), frame(0, 0, 99, "")));
    all.put(
        "odd-table",
        join(whole, settings, frame(1, 4, 1, "3fffffff07 88"), frame(1, 4, 3, "ff80"), ok));
    all.put("no-settings", join(whole, ok));
    all.put("http1", text("\0HTTP/1.1 400 Bad Request\r\n\r\n"));
    return all;
  }

  private static byte[] damage(int file, int at, String hex) {
    byte[] bytes = hex(hex);
    return join(hex("%02x%04x%02x".formatted(file, at, bytes.length)), bytes);
  }

  /** What becomes of a journal's files: the third is none of its own. */
  private static Map<String, byte[]> damages() {
    Map<String, byte[]> all = new LinkedHashMap<>();
    all.put("none", new byte[0]);
    for (int at = 0; at < 640; at += 40) all.put("flip-at-" + at, damage(0, at, "fe"));
    for (int at = 8; at < 320; at += 60) all.put("flip-at-" + at + "-later", damage(1, at, "fe"));
    for (int at = 0; at < 320; at += 80) all.put("zeros-at-" + at, damage(0, at, "00".repeat(90)));
    all.put("all-ones", join(damage(0, 0, "ff".repeat(250)), damage(0, 250, "ff".repeat(250))));
    for (int at : new int[] {0, 3, 30, 100, 500}) all.put("torn-at-" + at, damage(0, at, ""));
    for (int at : new int[] {0, 50, 150, 2500})
      all.put("torn-at-" + at + "-later", damage(1, at, ""));
    all.put("length-negative", damage(1, 16, "fe"));
    all.put("length-zero", damage(0, 16, "00000000"));
    all.put("rubbish", damage(2, 0, "0102030405060708090a"));
    all.put("zeros", damage(2, 9000, "00"));
    all.put("nothing", damage(2, 0, ""));
    all.put("batch", damage(2, 0, "0000002102 5752495445204241544348 7fffffff 0000000000000000"));
    all.put(
        "longer", join(damage(1, 0x3fff, "48734a31"), damage(0, 0x3fff, "000000400148734a3101")));
    return all;
  }

  private static byte[] step(int what, int flags, int stream, String hex) {
    byte[] more = hex(hex);
    return join(hex("%02x%02x%02x%02x".formatted(what, flags, stream, more.length)), more);
  }

  /** Something without bytes of its own. */
  private static byte[] step(int what, int length) {
    return hex("%02x0000%02x".formatted(what, length));
  }

  /** Of a client with a server; the first byte is the size of the pieces. */
  private static Map<String, byte[]> conversations() {
    int call = 10;
    int other = 11;
    int message = 12;
    int bytes = 14;
    int answer = 16;
    int wait = 17;
    byte[] whole = {0};
    byte[] pieces = {7};
    byte[] settings = step(4, 0, 0, "");
    byte[] called = join(step(call, 0, 1, ""), step(message, 1, 1, "010203"));
    byte[] asked = join(step(other, 0, 3, ""), step(0, 1, 3, "00"));
    byte[] later = join(step(call, 0, 3, ""), step(message, 1, 3, "07"));
    byte[] large = join(step(call, 0, 5, ""), step(message, 1, 5, ""));
    byte[] page = join(step(other, 0, 7, ""), step(0, 1, 7, ""));
    Map<String, byte[]> all = new LinkedHashMap<>();
    all.put("settings", join(whole, settings));
    all.put("no-settings", join(whole, called));
    all.put("call", join(whole, settings, called));
    all.put("other", join(whole, settings, asked));
    all.put("in-turns", join(pieces, settings, called, asked, large, page));
    all.put("later", join(pieces, settings, called, later, large, step(answer, 0)));
    all.put("ends-at-once", join(whole, settings, step(call, 1, 1, ""), step(other, 1, 3, "")));
    all.put(
        "kept-headers",
        join(
            pieces,
            settings,
            step(call, 0, 1, "40 01 61 01 62"),
            step(other, 0, 3, "be"),
            step(call, 0, 5, "be 7f 00 01 63"),
            step(message, 1, 1, ""),
            step(message, 1, 5, ""),
            step(0, 1, 3, "")));
    all.put(
        "timeout",
        join(
            whole,
            settings,
            step(call, 0, 1, "00 0c 677270632d74696d656f7574 04 3235306d"),
            step(message, 1, 1, "")));
    all.put(
        "continued",
        join(
            pieces,
            settings,
            step(1, 0, 1, "83 86 04 06 2f612e"),
            step(9, 0, 1, "422f43"),
            step(9, 4, 1, "0f10 10 6170706c69636174696f6e2f67727063"),
            step(message, 1, 1, "")));
    all.put("continued-elsewhere", join(whole, settings, step(1, 0, 1, ""), step(9, 4, 3, "")));
    all.put(
        "padded",
        join(
            pieces,
            settings,
            step(call, 0, 1, ""),
            step(0, 8, 1, "03 0000000001 000000"),
            step(0, 9, 1, "00 07")));
    all.put(
        "padding-too-long", join(whole, settings, step(call, 0, 1, ""), step(0, 8, 1, "09 00")));
    all.put(
        "priorities",
        join(
            whole,
            settings,
            step(2, 0, 3, "00000001 10"),
            step(1, 0x25, 1, "80000000 10 83"),
            step(2, 0, 1, "00000001 10")));
    all.put("much", join(whole, settings, step(call, 0, 1, ""), hex("0d000180 0d000180 0d000180")));
    all.put("too-much", join(whole, settings, step(call, 0, 1, ""), step(0, 0, 1, "00ffffffff")));
    all.put(
        "much-elsewhere",
        join(whole, settings, step(other, 0, 1, ""), hex("0d000180 0d000180 0d010180")));
    all.put(
        "windows",
        join(
            pieces,
            step(4, 0, 0, "0004 00000003"),
            called,
            large,
            page,
            step(8, 0, 5, "00000100"),
            step(4, 0, 0, "0004 00000001"),
            step(8, 0, 0, "00010000"),
            step(4, 0, 0, "0004 00020000"),
            step(8, 0, 7, "00000001")));
    all.put(
        "windows-too-large",
        join(
            whole,
            settings,
            large,
            step(8, 0, 5, "7fffffff"),
            called,
            step(8, 0, 0, "7fffffff"),
            step(8, 0, 0, "7fffffff")));
    all.put(
        "windows-grow-by-nothing",
        join(whole, settings, large, step(8, 0, 5, "00000000"), step(8, 0, 0, "00000000")));
    all.put("a-window-shrinks", join(whole, settings, large, page, step(4, 0, 0, "0004 00000000")));
    all.put(
        "tables",
        join(
            pieces,
            settings,
            asked,
            step(4, 0, 0, "0001 00000000"),
            called,
            step(4, 0, 0, "0001 00000064 0001 0000ffff"),
            page,
            large));
    all.put(
        "table-sizes",
        join(whole, settings, step(call, 0, 1, "40 01 61 01 62"), step(1, 5, 3, "20 3f e1 1f be")));
    all.put(
        "resets",
        join(
            whole,
            settings,
            step(call, 0, 1, ""),
            step(3, 0, 1, "00000008"),
            later,
            step(3, 0, 3, "00000008"),
            page,
            step(3, 0, 7, "00000008"),
            step(answer, 0),
            step(message, 1, 1, "01")));
    all.put(
        "after-its-end",
        join(whole, settings, called, step(message, 1, 1, ""), later, step(message, 1, 3, "")));
    byte[] many = join(whole, settings);
    for (int stream = 1; stream < 24; stream += 2) {
      many = join(many, step(stream % 4 == 1 ? call : other, 0, stream, ""));
    }
    for (int stream = 25; stream < 44; stream += 2) many = join(many, step(call, 0, stream, ""));
    all.put("too-many", many);
    byte[] empty = join(whole, settings, step(call, 0, 1, ""));
    for (int i = 0; i < 102; i++) empty = join(empty, step(0, 0, 1, ""));
    all.put("nothing-without-end", empty);
    all.put("pings", join(whole, settings, step(6, 0, 0, "0102030405060708"), step(6, 1, 0, "00")));
    all.put("goes-away", join(whole, settings, later, step(7, 0, 0, "0000000000000000"), called));
    all.put(
        "shut-down",
        join(whole, settings, later, step(20, 0), called, step(wait, 5), page, step(answer, 0)));
    all.put("old", join(whole, settings, later, step(wait, 201), step(answer, 0), step(wait, 9)));
    all.put(
        "slow",
        join(whole, settings, large, step(18, 0), called, step(wait, 200), step(19, 0), later));
    all.put("never-reads", join(whole, settings, step(18, 0), step(wait, 250), step(wait, 250)));
    all.put("stopped", join(whole, settings, called, step(21, 0), later, step(22, 0), large));
    all.put("gone", join(whole, settings, later, large, step(23, 0), step(answer, 0)));
    all.put("even", join(whole, settings, step(call, 0, 2, "")));
    all.put("highest", join(whole, settings, step(call, 0, 251, ""), step(message, 1, 251, "")));
    all.put("odd-type", join(whole, settings, step(0x1e, 0xff, 9, "00"), called));
    all.put("odd-block", join(whole, settings, step(call, 0, 1, "7f ff ff")));
    all.put("too-large", join(whole, settings, step(bytes, 0, 0, "00400100 00 00000001"), called));
    all.put("cut-off", join(whole, settings, step(call, 0, 1, ""), step(bytes, 0, 0, "000009 00")));
    all.put("push", join(whole, settings, step(5, 4, 1, "00000002 83")));
    all.put("trailers", join(whole, settings, step(call, 0, 1, ""), step(1, 5, 1, "")));
    all.put("headers-again", join(whole, settings, step(call, 0, 1, ""), step(1, 4, 1, "83")));
    return all;
  }

  private Map<String, byte[]> heads() {
    Map<String, byte[]> all = new LinkedHashMap<>();
    int number = 0;
    for (String each :
        List.of(
            "10S",
            "99999999H",
            "5n",
            "1.5S",
            "application/grpc+proto",
            "Application/GRPC ; x=y",
            "application/grpc-web",
            "%",
            "AAAA")) {
      all.put("text-" + number++, text(each));
    }
    all.put("hint", hint(3, 1));
    all.put("hint-negative", hint(-315_576_000_000L, -999_999_999));
    all.put("hint-long", hint(315_576_000_000L, 999_999_999));
    all.put("hint-nested", Base64.getEncoder().encode(nestedGroups(110)));
    return all;
  }

  private Map<String, byte[]> resolvConfs() {
    Map<String, byte[]> all = new LinkedHashMap<>();
    all.put(
        "pod",
        text(
            "search shop.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n"));
    all.put(
        "domain",
        text(
            "# made by hand\ndomain example.org.\nnameserver 10.0.0.1\noptions edns0 trust-ad ndots:0"));
    all.put(
        "odd",
        text(
            "search\nsearch . ..\noptions ndots:99 ndots:100 ndots:-1\n\tsearch  a\t b \n;search c"));
    all.put("empty", new byte[0]);
    return all;
  }

  private static byte[] datagrams(int type, byte[]... datagrams) {
    Buffer all = Buffer.buffer().appendByte((byte) type);
    for (byte[] each : datagrams) all.appendShort((short) each.length).appendBytes(each);
    return all.getBytes();
  }

  private static byte[] name(String dotted) {
    Buffer name = Buffer.buffer();
    for (String label : dotted.split("\\.", -1))
      name.appendByte((byte) label.length()).appendString(label);
    return name.appendByte((byte) 0).getBytes();
  }

  private static byte[] record(byte[] name, int type, int ttl, byte[] content) {
    return Buffer.buffer()
        .appendBytes(name)
        .appendShort((short) type)
        .appendShort((short) 1)
        .appendInt(ttl)
        .appendShort((short) content.length)
        .appendBytes(content)
        .getBytes();
  }

  private static byte[] response(int code, byte[]... records) {
    Buffer all =
        Buffer.buffer()
            .appendShort((short) 7)
            .appendShort((short) (0x8180 | code))
            .appendShort((short) 1)
            .appendShort((short) records.length)
            .appendInt(0)
            .appendBytes(name("peers.tier.test"))
            .appendInt(0x00010001);
    for (byte[] each : records) all.appendBytes(each);
    return all.getBytes();
  }

  private Map<String, byte[]> dns() {
    byte[] asked = hex("c00c"); // where the question's name stands
    byte[] v4 = hex("0a000001");
    byte[] v6 = hex("20010db8000000000000000000000001");
    Map<String, byte[]> all = new LinkedHashMap<>();
    all.put(
        "addresses",
        datagrams(0, response(0, record(asked, 1, 30, v4), record(asked, 1, 20, hex("0a000002")))));
    all.put("v6", datagrams(1, response(0, record(asked, 28, 30, v6))));
    all.put("none", datagrams(0, response(0)));
    all.put("nxdomain", datagrams(0, response(3)));
    all.put("servfail", datagrams(0, response(2)));
    all.put("odd-code", datagrams(0, response(11)));
    all.put(
        "alias",
        datagrams(
            0,
            response(0, record(asked, 5, 30, name("a.test")), record(name("a.test"), 1, 5, v4))));
    all.put(
        "alias-elsewhere",
        datagrams(
            0,
            response(0, record(asked, 5, 30, name("a.test"))),
            response(0, record(name("a.test"), 1, 5, v4))));
    all.put("alias-of-itself", datagrams(0, response(0, record(asked, 5, 30, asked))));
    all.put(
        "aliases-in-a-circle",
        datagrams(
            0,
            response(
                0, record(asked, 5, 30, name("a.test")), record(name("a.test"), 5, 30, asked))));
    all.put(
        "alias-that-points-at-itself",
        datagrams(0, response(0, record(asked, 5, 30, hex("c02d")))));
    all.put("alias-cut-off", datagrams(0, response(0, record(asked, 5, 30, hex("05 6162")))));
    all.put("alias-of-nothing", datagrams(0, response(0, record(asked, 5, 30, new byte[0]))));
    all.put(
        "address-of-three-bytes", datagrams(0, response(0, record(asked, 1, 30, hex("0a0000")))));
    all.put("ttl-of-32-bits", datagrams(0, response(0, record(asked, 1, -1, v4))));
    byte[] service = hex("000a 0005 5583 0161 0474657374 00"); // port 21891 of a.test
    all.put("service", datagrams(2, response(0, record(asked, 33, 30, service))));
    all.put(
        "no-such-service",
        datagrams(2, response(0, record(asked, 33, 30, hex("0000 0000 0000 00")))));
    all.put(
        "service-cut-off", datagrams(2, response(0, record(asked, 33, 30, hex("000a 0005 55")))));
    all.put(
        "service-whose-target-points-beyond",
        datagrams(2, response(0, record(asked, 33, 30, hex("000a 0005 5583 ffff")))));
    all.put("cut-off", datagrams(0, Arrays.copyOf(response(0, record(asked, 1, 30, v4)), 40)));
    all.put("nothing", new byte[0]);
    return all;
  }

  /** Without their seals, for which there is room: who reads them puts right ones there. */
  private static Map<String, byte[]> beacons() {
    Map<String, byte[]> all = new LinkedHashMap<>();
    String head = "48535042 01 00 000001a3156bd400 0000000000000001";
    byte[] cluster = join(hex("0008"), text("homespan"));
    byte[] seal = new byte[32];
    byte[] process = hex("01 69");
    byte[] port = hex("5583");
    byte[] sound = join(hex(head), process, cluster, hex("01 61"), port, seal);
    all.put("sound", sound);
    all.put("v6", join(hex(head), process, cluster, hex("03"), text("::1"), port, seal));
    all.put(
        "leaving",
        join(hex(head.replace(" 00 ", " 01 ")), process, cluster, hex("01 61"), port, seal));
    all.put(
        "flags",
        join(hex(head.replace(" 00 ", " 82 ")), process, cluster, hex("01 61"), port, seal));
    all.put("version-2", join(hex(head.replace(" 01 ", " 02 ")), process, cluster, seal));
    all.put("other-cluster", join(hex(head), process, hex("0001 78"), hex("01 61"), port, seal));
    all.put("blank-cluster", join(hex(head), process, hex("0001 20"), hex("01 61"), port, seal));
    all.put("no-utf-8", join(hex(head), hex("01 ff"), cluster, hex("01 61"), port, seal));
    all.put("no-host", join(hex(head), process, cluster, hex("00"), port, seal));
    all.put("port-0", join(hex(head), process, cluster, hex("01 61 0000"), seal));
    all.put("any-host", join(hex(head), process, cluster, hex("07"), text("0.0.0.0"), port, seal));
    all.put("long-length", join(hex(head), hex("ff 69"), cluster, seal));
    all.put("cut-off", Arrays.copyOf(sound, sound.length - 40));
    all.put("oversized", new byte[1025]);
    all.put("empty", new byte[0]);
    return all;
  }

  private static Map<String, byte[]> entries() {
    Map<String, byte[]> all = new LinkedHashMap<>();
    String ours =
        "{\"address\":\"a:21891\",\"instance\":\"i\",\"cluster\":\"homespan\",\"version\":\"1\"}";
    String agents =
        "{\"My_address\":\"a\",\"My_port\":4000,\"Poll_timeout\":5000,\"Poll_interval\":10000}";
    all.put("ours", text(ours));
    all.put("v6", text(ours.replace("a:21891", "[::1]:21891")));
    all.put("other-cluster", text(ours.replace("\"homespan\"", "\"other\"")));
    all.put("no-port", text(ours.replace("a:21891", "a")));
    all.put("address-is-number", text(ours.replace("\"a:21891\"", "7")));
    all.put("agents", text(agents));
    all.put("beside-agents", text(agents.replace("}", "," + ours.substring(1))));
    all.put("port-is-real", text(agents.replace("4000", "4e3")));
    all.put("port-is-huge", text(agents.replace("4000", "4000000000000000000000")));
    all.put("deep", text("{\"a\":" + "[".repeat(2000)));
    all.put("no-json", text("hello"));
    all.put("null", text("null"));
    return all;
  }

  /** A page of a list, and after a zero byte the lines of a watch. */
  private static Map<String, byte[]> slices() {
    Map<String, byte[]> all = new LinkedHashMap<>();
    String slice =
        "{\"metadata\":{\"name\":\"a\",\"resourceVersion\":\"8\"},\"addressType\":\"IPv4\",\"endpoints\":["
            + "{\"addresses\":[\"10.0.0.1\"],\"conditions\":{\"ready\":true,\"terminating\":false},\"zone\":\"z\"}],"
            + "\"ports\":[{\"name\":\"peer\",\"port\":21891}]}";
    String v6 =
        slice.replace("IPv4", "IPv6").replace("10.0.0.1", "fd00::1").replace("\"a\"", "\"b\"");
    String page =
        "{\"kind\":\"EndpointSliceList\",\"metadata\":{\"resourceVersion\":\"7\"},\"items\":["
            + slice
            + "]}";
    String added = "{\"type\":\"ADDED\",\"object\":" + v6 + "}\n";
    String deleted = "{\"type\":\"DELETED\",\"object\":" + slice + "}\n";
    String bookmark =
        "{\"type\":\"BOOKMARK\",\"object\":{\"metadata\":{\"resourceVersion\":\"9\"}}}\n";
    String gone = "{\"type\":\"ERROR\",\"object\":{\"code\":410,\"message\":\"old\"}}\n";
    all.put("list", text(page));
    all.put("next-page", text(page.replace("\"7\"", "\"7\",\"continue\":\"x\"")));
    all.put("changes", text(page + "\0" + added + bookmark + deleted));
    all.put("gone", text(page + "\0" + gone + added));
    all.put("broken", text(page + "\0" + gone.replace("410", "500")));
    all.put("other-change", text(page + "\0" + added.replace("ADDED", "SUNG")));
    all.put("cut-off", text(page + "\0" + added + added.substring(0, 40)));
    all.put("not-ready", text(page.replace("\"ready\":true", "\"ready\":false")));
    all.put("terminating", text(page.replace("ing\":false", "ing\":true")));
    all.put("no-conditions", text(page.replace("conditions", "c")));
    all.put("names", text(page.replace("IPv4", "FQDN").replace("10.0.0.1", "a.example")));
    all.put("other-type", text(page.replace("IPv4", "IPv5")));
    all.put("wrong-kinds", text(page.replace("\"10.0.0.1\"", "7").replace("21891", "\"x\"")));
    all.put("nulls", text(page.replaceAll("\\[\\{.*?}]", "null")));
    all.put("no-name", text(page.replace("\"name\":\"a\"", "\"name\":null")));
    all.put("deep", text("{\"items\":" + "[".repeat(2000)));
    all.put("no-json", text("<html>"));
    all.put("empty", new byte[0]);
    return all;
  }

  private Map<String, byte[]> hellos() {
    Map<String, byte[]> all = new LinkedHashMap<>();
    all.put(
        "whole",
        text(
            "{\"cluster\":\"homespan\",\"id\":\"a:21891\",\"instance\":\"i\",\"version\":\"0.1.0\",\"table\":\"0f\",\"leaving\":false,\"members\":[{\"address\":\"b:21891\",\"id\":\"b:21891\",\"left\":true,\"instance\":\"j\"},{\"address\":\"c:21891\",\"id\":null,\"left\":false,\"instance\":null}],\"reached_at\":\"10.0.0.1:21891\"}"));
    all.put("least", text("{\"cluster\":\"homespan\",\"instance\":\"i\"}"));
    all.put("other-cluster", text("{\"cluster\":\"other\"}"));
    all.put(
        "wrong-kinds",
        text("{\"cluster\":\"c\",\"instance\":\"i\",\"leaving\":\"no\",\"members\":[7]}"));
    all.put(
        "nulls",
        text(
            "{\"cluster\":\"c\",\"instance\":\"i\",\"version\":null,\"table\":null,\"members\":null}"));
    all.put("member-is-null", text("{\"cluster\":\"c\",\"instance\":\"i\",\"members\":[null]}"));
    all.put(
        "leaving-is-null",
        text(
            "{\"cluster\":\"c\",\"instance\":\"i\",\"leaving\":null,\"members\":[{\"address\":\"b:1\",\"left\":null}]}"));
    all.put("long", text("{\"cluster\":\"" + "c".repeat(301) + "\",\"instance\":\"i\"}"));
    all.put(
        "deep",
        text(
            "{\"cluster\":\"c\",\"instance\":\"i\",\"x\":"
                + "[".repeat(500)
                + "]".repeat(500)
                + "}"));
    all.put("no-object", text("[]"));
    return all;
  }

  private Map<String, byte[]> configurations() throws IOException {
    Map<String, byte[]> all = new LinkedHashMap<>();
    all.put("empty", new byte[0]);
    all.put("default", text(withoutComments(Path.of("conf/homespan.yaml"))));
    all.put(
        "tier",
        text(
            "peer_forwarder:\n  static_endpoints: [node-a, \"10.0.0.2:21891\", \"[::1]:5\"]\nsink:\n  type: otlp\n  otlp: { endpoint: \"http://backend:4317\" }\n"));
    all.put(
        "dns",
        text(
            "cluster: shop\npeer_forwarder:\n  discovery_mode: [dns, static]\n  domain_name: peers.local\n  advertise: me:1\ndiscovery:\n  dns: { servers: [10.0.0.10], min_ttl: 1, max_ttl: 5 }\n"));
    all.put(
        "json",
        text(
            "{\"ingest\":{\"port\":1},\t\"sink\":[{\"type\":\"log\"},{\"type\":\"file\",\"file\":{\"path\":\"\\/tmp\\/x\"}}]}"));
    all.put(
        "environment",
        text(
            "ingest: {port: 1}\0HOMESPAN_INGEST_PORT=2\0HOMESPAN_PEER_FORWARDER_STATIC_ENDPOINTS=a, b:3,\0HOMESPAN_DRAIN_DELAY=0.5\0HOMESPAN_SINK_TYPE=log\0HOMESPAN_X=y\0HOMESPAN_PEER_FORWARDER_SSL=false"));
    all.put(
        "data-prepper",
        text(
            "entry-pipeline:\n  source:\n    otel_trace_source:\n  prepper:\n    - peer_forwarder:\n        discovery_mode: static\n        static_endpoints: [a, b]\n        span_agg_count: 48\n  sink:\n    - stdout:\n"));
    all.put(
        "data-prepper-server",
        text("ssl: false\npeer_forwarder:\n  discovery_mode: dns\n  domain_name: x\n"));
    all.put("aliases", text("a: &a {port: 1}\ningest: *a\nadmin: {<<: *a, host: ::1}\n"));
    all.put("alias-of-itself", text("ingest: &a {port: *a}\n"));
    StringBuilder bomb = new StringBuilder("a0: &a0 {x: 1}\n");
    for (int i = 1; i <= 25; i++)
      bomb.append("a%d: &a%d {l: *a%d, r: *a%d}\n".formatted(i, i, i - 1, i - 1));
    all.put("alias-bomb", text(bomb.toString()));
    StringBuilder lists = new StringBuilder("a0: &a0 [x]\n");
    for (int i = 1; i <= 25; i++)
      lists.append("a%d: &a%d [*a%d, *a%d]\n".formatted(i, i, i - 1, i - 1));
    all.put("alias-bomb-of-lists", text(lists + "sink: *a25\n"));
    all.put(
        "merged-bomb",
        text(
            bomb.toString()
                .replaceAll("\\{l: (\\S+), r: (\\S+)}", "{<<: [$1, $2], k$1: *a0}")
                .replace("k*", "k")));
    all.put("deep", text("ingest: " + "[".repeat(100) + "]".repeat(100)));
    all.put(
        "odd-keys",
        text("1: x\n~: y\n? [a]\n: z\n\"a\\nb\": 1\ningest: {\"p\\tort\": 1, port: 1, port: 2}\n"));
    all.put(
        "odd-values",
        text(
            "ingest: {port: 0x10, request_timeout: 1e400, host: 2026-11-21, max_bytes_in_flight: .inf}\nrepeats: {max_parts: 99999999999999999999}\n"));
    all.put(
        "tags",
        text(
            "ingest: !!java.util.Date {}\ncluster: !x y\nadmin: {port: !!int \"1\", host: !!binary aGk=}\n"));
    all.put("documents", text("cluster: a\n---\ncluster: b\n"));
    all.put("no-yaml", text("a: [b\nc: }"));
    all.put("no-utf8", join(text("cluster: "), hex("c328")));
    return all;
  }

  private static String withoutComments(Path file) throws IOException {
    return Files.readString(file)
        .lines()
        .map(line -> line.replaceAll("\\s*#.*", ""))
        .filter(line -> !line.isBlank())
        .collect(Collectors.joining("\n"));
  }

  private Map<String, byte[]> endpoints() {
    Map<String, byte[]> all = new LinkedHashMap<>();
    int number = 0;
    for (String each :
        List.of(
            "node-a",
            "Node.A.:21891",
            "10.0.0.1:1",
            "[2001:db8::1]:65535",
            "[::1]",
            "2001:db8::1",
            "http://backend:4317/",
            "https://x",
            "a:0",
            ":5",
            "[::ffff:1.2.3.4%eth0]:1",
            "0.0.0.0:1",
            "1.2.3",
            "a/b",
            "a_b-c",
            "a".repeat(254))) {
      all.put("text-" + number++, text(each));
    }
    return all;
  }
}
