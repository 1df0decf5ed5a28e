package io.homespan.sink;

import com.google.protobuf.ByteString;
import io.homespan.otlp.Part;
import io.homespan.otlp.PartId;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.Stream;

/** Small parts that can be told apart: each span is named after its part. */
final class TestParts {
  private TestParts() {}

  /** A part of so many spans, whose number is in its id and in its spans' name, "span-7". */
  static Part part(int number, int spans) {
    ScopeSpans.Builder scope = ScopeSpans.newBuilder();
    for (int i = 0; i < spans; i++) {
      scope.addSpans(
          Span.newBuilder()
              .setName("span-" + number)
              .setTraceId(bytes(16, number))
              .setSpanId(bytes(8, i + 1)));
    }
    ExportTraceServiceRequest request =
        ExportTraceServiceRequest.newBuilder()
            .addResourceSpans(ResourceSpans.newBuilder().addScopeSpans(scope))
            .build();
    return new Part(id(number), Buffer.buffer(request.toByteArray()), spans);
  }

  /** A part that is cut like any other, but whose span's name is no UTF-8. */
  static Part unparsable(int number) {
    byte[] bytes = part(number, 1).bytes().getBytes();
    int name = Buffer.buffer(bytes).toString("ISO-8859-1").indexOf("span-");
    bytes[name] = (byte) 0xFF;
    return new Part(id(number), Buffer.buffer(bytes), 1);
  }

  static PartId id(int number) {
    return new PartId(0xABCDL + number, number);
  }

  /** The names of all spans in these requests, in order. */
  static Stream<String> names(List<ExportTraceServiceRequest> requests) {
    return requests.stream()
        .flatMap(request -> request.getResourceSpansList().stream())
        .flatMap(resource -> resource.getScopeSpansList().stream())
        .flatMap(scope -> scope.getSpansList().stream())
        .map(Span::getName);
  }

  private static ByteString bytes(int length, long value) {
    return ByteString.copyFrom(ByteBuffer.allocate(length).putLong(length - 8, value).array());
  }
}
