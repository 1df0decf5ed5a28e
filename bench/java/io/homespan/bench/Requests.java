package io.homespan.bench;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;

/**
 * Makes requests of one resource and one scope, with spans as an HTTP service makes them: 444 bytes
 * each in the mean, eight attributes of the semantic conventions. The same seed gives the same
 * requests; no trace is in two of them.
 */
final class Requests {
  private static final String[] NAMES = {
    "GET /api/v2/orders/{orderId}", "POST /api/v2/carts/{cartId}/items", "GET /api/v2/products",
    "PUT /api/v2/customers/{customerId}", "GET /health", "POST /api/v2/payments/authorize"
  };
  private static final String[] SERVICES = {
    "checkout", "cart", "product-catalog", "payment", "shipping", "recommendation"
  };
  private static final String[] AGENTS = {
    "okhttp/4.12.0 (android 14; build 2.31.4)",
    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"
  };
  private static final long BEGIN = 1_790_000_000_000_000_000L;
  private static final int ROOT_EVERY = 8;

  private final SplittableRandom random;
  private final Work work;

  Requests(Work work, long seed) {
    this.work = work;
    random = new SplittableRandom(seed);
  }

  /** A request with as many spans as the work wants, drawn anew each time. */
  ExportTraceServiceRequest next() {
    int spans = random.nextInt(work.least(), work.most() + 1);
    ByteString[] traces = new ByteString[work.shape().traces(spans)];
    for (int i = 0; i < traces.length; i++) traces[i] = id(16);
    ScopeSpans.Builder scope =
        ScopeSpans.newBuilder()
            .setScope(
                InstrumentationScope.newBuilder()
                    .setName("io.opentelemetry.netty-4.1")
                    .setVersion("2.14.0-alpha"));
    for (int i = 0; i < spans; i++) scope.addSpans(span(traces[i % traces.length]));
    return ExportTraceServiceRequest.newBuilder()
        .addResourceSpans(ResourceSpans.newBuilder().setResource(resource()).addScopeSpans(scope))
        .build();
  }

  private Resource resource() {
    String service = pick(SERVICES);
    return Resource.newBuilder()
        .addAttributes(text("service.name", service))
        .addAttributes(text("service.namespace", "shop"))
        .addAttributes(text("service.version", "1." + random.nextInt(40) + ".0"))
        .addAttributes(text("service.instance.id", hex() + hex()))
        .addAttributes(text("host.name", "node-" + random.nextInt(100)))
        .addAttributes(text("k8s.pod.name", service + "-" + hex().substring(6)))
        .addAttributes(text("telemetry.sdk.language", "java"))
        .addAttributes(text("telemetry.sdk.name", "opentelemetry"))
        .addAttributes(text("telemetry.sdk.version", "1.63.0"))
        .build();
  }

  private String path() {
    return "/api/v2/orders/" + random.nextInt(1_000_000) + "/items/" + random.nextInt(100_000);
  }

  private Span span(ByteString trace) {
    long start = BEGIN + random.nextLong(3_600_000_000_000L);
    String name = pick(NAMES);
    boolean failed = random.nextInt(50) == 0;
    Span.Builder span =
        Span.newBuilder()
            .setTraceId(trace)
            .setSpanId(id(8))
            .setName(name)
            .setKindValue(2 + random.nextInt(2))
            .setStartTimeUnixNano(start)
            .setEndTimeUnixNano(start + 100_000 + random.nextLong(80_000_000))
            .setFlags(0x101)
            .addAttributes(text("http.request.method", name.substring(0, name.indexOf(' '))))
            .addAttributes(text("http.route", name.substring(name.indexOf('/'))))
            .addAttributes(text("url.path", path()))
            .addAttributes(number("http.response.status_code", failed ? 503 : 200))
            .addAttributes(text("server.address", "shop-" + random.nextInt(20) + ".example.com"))
            .addAttributes(number("server.port", 8443))
            .addAttributes(text("client.address", "10.1." + random.nextInt(256) + ".17"))
            .addAttributes(text("user_agent.original", pick(AGENTS)));
    if (random.nextInt(ROOT_EVERY) != 0) span.setParentSpanId(id(8));
    if (failed) {
      span.setStatus(Status.newBuilder().setCodeValue(2).setMessage("upstream is not available"));
    }
    return span.build();
  }

  /** Never zero, as a zero id is invalid. */
  private ByteString id(int bytes) {
    ByteBuffer id = ByteBuffer.allocate(bytes);
    while (id.hasRemaining()) id.putLong(random.nextLong() | 1);
    return ByteString.copyFrom(id.flip());
  }

  private String hex() {
    return Long.toHexString(random.nextLong() | Long.MIN_VALUE);
  }

  private String pick(String[] of) {
    return of[random.nextInt(of.length)];
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
