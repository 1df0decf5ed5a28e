package io.homespan.demo;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A span that stands in a node's file. Ids are hex, lower case. */
record KeptSpan(String traceId, String spanId) {

  /**
   * All spans in a file of OTLP/JSON lines, in order.
   *
   * @throws IOException if the file cannot be read
   */
  static List<KeptSpan> in(Path file) throws IOException {
    List<KeptSpan> found = new ArrayList<>();
    // a line at a time: the file may be larger than the heap
    try (Stream<String> lines = Files.lines(file)) {
      lines.forEach(line -> read(new JsonObject(line), found));
    }
    return found;
  }

  private static void read(JsonObject request, List<KeptSpan> found) {
    for (JsonObject resource : objects(request, "resourceSpans")) {
      for (JsonObject scope : objects(resource, "scopeSpans")) {
        for (JsonObject span : objects(scope, "spans")) {
          found.add(new KeptSpan(span.getString("traceId"), span.getString("spanId")));
        }
      }
    }
  }

  private static List<JsonObject> objects(JsonObject parent, String name) {
    JsonArray array = parent.getJsonArray(name, new JsonArray());
    return array.stream().map(JsonObject.class::cast).toList();
  }
}
