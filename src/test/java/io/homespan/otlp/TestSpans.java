package io.homespan.otlp;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.ArrayValue;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * The example spans of all tests: requests as a few services send them, about 440 bytes a span, the
 * traces scattered over resources and scopes. Equal seeds give equal requests.
 */
public final class TestSpans {
  private static final long EPOCH_NANOS = 1_790_000_000_000_000_000L;

  private final Random random;
  private final List<ByteString> traceIds = new ArrayList<>();

  public TestSpans(long seed) {
    random = new Random(seed);
  }

  /** A request with this many new traces, in one to four resources of one to three scopes. */
  public ExportTraceServiceRequest request(int traces, int spansPerTrace) {
    List<Span> spans = new ArrayList<>();
    for (int t = 0; t < traces; t++) {
      ByteString trace = id(16);
      traceIds.add(trace);
      ByteString parent = ByteString.EMPTY;
      for (int s = 0; s < spansPerTrace; s++) {
        Span span = span(trace, parent);
        spans.add(span);
        parent = span.getSpanId();
      }
    }
    Collections.shuffle(spans, random);
    return spread(spans);
  }

  /** The same, serialized. */
  public Buffer bytes(int traces, int spansPerTrace) {
    return bytes(request(traces, spansPerTrace));
  }

  public static Buffer bytes(ExportTraceServiceRequest request) {
    return Buffer.buffer(request.toByteArray());
  }

  /** The ids of all traces so far, in order. */
  public List<ByteString> traceIds() {
    return List.copyOf(traceIds);
  }

  /** A span of this trace; {@code parent} may be empty. */
  public Span span(ByteString trace, ByteString parent) {
    long start = EPOCH_NANOS + random.nextInt(1_000_000_000);
    Span.Builder span =
        Span.newBuilder()
            .setTraceId(trace)
            .setSpanId(id(8))
            .setParentSpanId(parent)
            .setName("GET /orders/{id}/items/" + random.nextInt(10))
            .setKindValue(1 + random.nextInt(5))
            .setFlags(0x101)
            .setStartTimeUnixNano(start)
            .setEndTimeUnixNano(start + random.nextInt(50_000_000))
            .addAttributes(text("http.request.method", "GET"))
            .addAttributes(text("url.path", "/orders/" + random.nextInt(1_000_000) + "/items"))
            .addAttributes(text("server.address", "orders-" + random.nextInt(9) + ".shop.example"))
            .addAttributes(text("user_agent.original", "Mozilla/5.0 (X11; Linux x86_64) größer"))
            .addAttributes(number("http.response.status_code", random.nextInt(200, 600)))
            .addAttributes(number("thread.id", random.nextInt(200)));
    if (random.nextInt(3) == 0) span.addAttributes(everyKind());
    if (random.nextInt(2) == 0) {
      span.addEvents(
          Span.Event.newBuilder()
              .setTimeUnixNano(start + 1000)
              .setName("exception")
              .addAttributes(text("exception.type", "java.io.IOException"))
              .addAttributes(text("exception.message", "line one\nline \"two\"")));
    }
    if (random.nextInt(4) == 0) {
      span.addLinks(
          Span.Link.newBuilder().setTraceId(id(16)).setSpanId(id(8)).setTraceState("a=1,b=2"));
    }
    if (random.nextInt(5) == 0) {
      span.setStatus(Status.newBuilder().setCodeValue(2).setMessage("it broke"));
    }
    return span.build();
  }

  /** An id of random bytes, never zero. */
  public ByteString id(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    bytes[length - 1] |= 1;
    return ByteString.copyFrom(bytes);
  }

  private ExportTraceServiceRequest spread(List<Span> spans) {
    ExportTraceServiceRequest.Builder request = ExportTraceServiceRequest.newBuilder();
    int next = 0;
    int resources = 1 + random.nextInt(4);
    for (int r = 0; r < resources; r++) {
      ResourceSpans.Builder resource =
          ResourceSpans.newBuilder().setResource(resource(r)).setSchemaUrl(schema());
      int scopes = 1 + random.nextInt(3);
      for (int s = 0; s < scopes; s++) {
        ScopeSpans.Builder scope =
            ScopeSpans.newBuilder()
                .setScope(
                    InstrumentationScope.newBuilder()
                        .setName("io.opentelemetry.http." + s)
                        .setVersion("2.1." + r))
                .setSchemaUrl(schema());
        boolean last = r == resources - 1 && s == scopes - 1;
        int until = last ? spans.size() : next + random.nextInt(spans.size() - next + 1) / 2;
        scope.addAllSpans(spans.subList(next, until));
        next = until;
        resource.addScopeSpans(scope);
      }
      request.addResourceSpans(resource);
    }
    return request.build();
  }

  private String schema() {
    return random.nextBoolean() ? "https://opentelemetry.io/schemas/1.37.0" : "";
  }

  private Resource resource(int number) {
    return Resource.newBuilder()
        .addAttributes(text("service.name", "orders-" + number))
        .addAttributes(text("service.instance.id", "pod-" + random.nextInt(100)))
        .addAttributes(text("telemetry.sdk.language", "java"))
        .build();
  }

  private KeyValue everyKind() {
    AnyValue.Builder list =
        AnyValue.newBuilder()
            .setArrayValue(
                ArrayValue.newBuilder()
                    .addValues(AnyValue.newBuilder().setBoolValue(random.nextBoolean()))
                    .addValues(AnyValue.newBuilder().setDoubleValue(random.nextGaussian()))
                    .addValues(AnyValue.newBuilder().setIntValue(random.nextLong()))
                    .addValues(AnyValue.newBuilder().setBytesValue(id(5)))
                    .addValues(AnyValue.newBuilder().setStringValue("")));
    return KeyValue.newBuilder().setKey("every.kind").setValue(list).build();
  }

  private static KeyValue text(String key, String value) {
    return KeyValue.newBuilder()
        .setKey(key)
        .setValue(AnyValue.newBuilder().setStringValue(value))
        .build();
  }

  private static KeyValue number(String key, long value) {
    return KeyValue.newBuilder()
        .setKey(key)
        .setValue(AnyValue.newBuilder().setIntValue(value))
        .build();
  }
}
