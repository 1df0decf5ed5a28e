package io.homespan.chaos;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** The spans of one request; sent again it is the same to the last byte. */
final class Batch {
  private static final long BEGIN = 1_790_000_000_000_000_000L;
  private static final HexFormat HEX = HexFormat.of();

  final int id;
  final int[] numbers;
  private final SpanIds ids;
  private final String service;
  private @Nullable ExportTraceServiceRequest message;

  Batch(int id, int[] numbers, SpanIds ids, String service) {
    this.id = id;
    this.numbers = numbers;
    this.ids = ids;
    this.service = service;
  }

  String service() {
    return service;
  }

  static long startOf(int number) {
    return BEGIN + number * 1000L;
  }

  String traceId(int number) {
    int trace = SpanIds.trace(number);
    return HEX.toHexDigits(ids.traceHigh(trace)) + HEX.toHexDigits(ids.traceLow(trace));
  }

  String spanId(int number) {
    return HEX.toHexDigits(ids.span(number));
  }

  ExportTraceServiceRequest message() {
    ExportTraceServiceRequest made = message;
    if (made == null) {
      made = made();
      message = made;
    }
    return made;
  }

  private ExportTraceServiceRequest made() {
    ScopeSpans.Builder scope = ScopeSpans.newBuilder();
    for (int number : numbers) scope.addSpans(span(number));
    return ExportTraceServiceRequest.newBuilder()
        .addResourceSpans(
            ResourceSpans.newBuilder()
                .setResource(Resource.newBuilder().addAttributes(text("service.name", service)))
                .addScopeSpans(scope))
        .build();
  }

  private Span span(int number) {
    int trace = SpanIds.trace(number);
    ByteBuffer traceId = ByteBuffer.allocate(16);
    traceId.putLong(ids.traceHigh(trace)).putLong(ids.traceLow(trace)).flip();
    ByteBuffer spanId = ByteBuffer.allocate(8).putLong(ids.span(number)).flip();
    return Span.newBuilder()
        .setTraceId(ByteString.copyFrom(traceId))
        .setSpanId(ByteString.copyFrom(spanId))
        .setName(Traffic.name(number))
        .setKind(Span.SpanKind.SPAN_KIND_SERVER)
        .setStartTimeUnixNano(startOf(number))
        .setEndTimeUnixNano(startOf(number) + 1_000_000)
        .addAttributes(text("http.route", "/api/orders/{id}"))
        .addAttributes(text("db.statement", Traffic.statement(number)))
        .build();
  }

  private static KeyValue text(String key, String value) {
    return KeyValue.newBuilder()
        .setKey(key)
        .setValue(AnyValue.newBuilder().setStringValue(value))
        .build();
  }

  /** The same as OTLP/JSON. */
  String json() {
    StringBuilder to = new StringBuilder(500 * numbers.length);
    to.append("{\"resourceSpans\":[{\"resource\":{\"attributes\":[");
    attribute(to, "service.name", service);
    to.append("]},\"scopeSpans\":[{\"spans\":[");
    for (int i = 0; i < numbers.length; i++) {
      int number = numbers[i];
      if (i > 0) to.append(',');
      to.append("{\"traceId\":\"").append(traceId(number));
      to.append("\",\"spanId\":\"").append(spanId(number));
      to.append("\",\"name\":\"").append(Traffic.name(number));
      to.append("\",\"kind\":2,\"startTimeUnixNano\":\"").append(startOf(number));
      to.append("\",\"endTimeUnixNano\":\"").append(startOf(number) + 1_000_000);
      to.append("\",\"attributes\":[");
      attribute(to, "db.statement", Traffic.statement(number));
      to.append("]}");
    }
    return to.append("]}]}]}").toString();
  }

  private static void attribute(StringBuilder to, String key, String value) {
    to.append("{\"key\":\"").append(key).append("\",\"value\":{\"stringValue\":\"");
    to.append(value).append("\"}}");
  }
}
