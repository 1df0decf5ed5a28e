package io.homespan;

import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** Names spans, so that what was sent can be compared with what was kept. */
final class Spans {
  /** One span, by its two ids in hexadecimal. */
  record Ref(String trace, String span) {
    static Ref of(Span span) {
      HexFormat hex = HexFormat.of();
      return new Ref(
          hex.formatHex(span.getTraceId().toByteArray()),
          hex.formatHex(span.getSpanId().toByteArray()));
    }
  }

  private Spans() {}

  static List<Ref> in(ExportTraceServiceRequest request) {
    List<Ref> spans = new ArrayList<>();
    for (ResourceSpans resource : request.getResourceSpansList()) {
      for (ScopeSpans scope : resource.getScopeSpansList()) {
        for (Span span : scope.getSpansList()) spans.add(Ref.of(span));
      }
    }
    return spans;
  }

  static List<Ref> in(Iterable<ExportTraceServiceRequest> requests) {
    List<Ref> spans = new ArrayList<>();
    for (ExportTraceServiceRequest request : requests) spans.addAll(in(request));
    return spans;
  }

  /** What a file sink has written. A last line without an end does not count. */
  static List<Ref> inFile(Path file) throws IOException {
    if (!Files.exists(file)) return List.of();
    String text = Files.readString(file, StandardCharsets.UTF_8);
    List<Ref> spans = new ArrayList<>();
    text.substring(0, text.lastIndexOf('\n') + 1)
        .lines()
        .filter(line -> !line.isEmpty())
        .forEach(line -> read(new JsonObject(line), spans));
    return spans;
  }

  /** A line that kill -9 tore is skipped; a restart has begun a new one after it. */
  static List<Ref> inTornFile(Path file) throws IOException {
    List<Ref> spans = new ArrayList<>();
    for (String line : Files.readString(file, StandardCharsets.UTF_8).split("\n", -1)) {
      if (isWhole(line)) read(new JsonObject(line), spans);
    }
    return spans;
  }

  private static boolean isWhole(String line) {
    try {
      return !line.isEmpty() && new JsonObject(line).containsKey("resourceSpans");
    } catch (DecodeException torn) {
      return false;
    }
  }

  private static void read(JsonObject request, List<Ref> spans) {
    for (JsonObject resource : objects(request, "resourceSpans")) {
      for (JsonObject scope : objects(resource, "scopeSpans")) {
        for (JsonObject span : objects(scope, "spans")) {
          spans.add(new Ref(span.getString("traceId"), span.getString("spanId")));
        }
      }
    }
  }

  private static List<JsonObject> objects(JsonObject of, String key) {
    return of.getJsonArray(key, new JsonArray()).stream().map(JsonObject.class::cast).toList();
  }

  /** What is not among the others; AssertJ's containsAll looks through all of them for each. */
  static Set<Ref> missing(Collection<Ref> wanted, Collection<Ref> there) {
    Set<Ref> missing = new HashSet<>(wanted);
    new HashSet<>(there).forEach(missing::remove);
    return missing;
  }

  /** Deals a request's spans out over so many requests, whatever trace they belong to. */
  static List<ExportTraceServiceRequest> scattered(
      ExportTraceServiceRequest whole, int over, long seed) {
    Random random = new Random(seed);
    List<ExportTraceServiceRequest.Builder> out = new ArrayList<>();
    for (int i = 0; i < over; i++) out.add(ExportTraceServiceRequest.newBuilder());
    for (ResourceSpans resource : whole.getResourceSpansList()) {
      for (ScopeSpans scope : resource.getScopeSpansList()) {
        List<ScopeSpans.Builder> scopes = new ArrayList<>();
        for (int i = 0; i < over; i++) scopes.add(scope.toBuilder().clearSpans());
        for (Span span : scope.getSpansList()) scopes.get(random.nextInt(over)).addSpans(span);
        for (int i = 0; i < over; i++) {
          if (scopes.get(i).getSpansCount() == 0) continue;
          ResourceSpans.Builder headed = resource.toBuilder().clearScopeSpans();
          out.get(i).addResourceSpans(headed.addScopeSpans(scopes.get(i)));
        }
      }
    }
    return out.stream().map(ExportTraceServiceRequest.Builder::build).toList();
  }
}
