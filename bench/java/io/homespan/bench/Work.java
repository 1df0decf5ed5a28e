package io.homespan.bench;

import io.vertx.core.json.JsonObject;
import java.util.Locale;

/**
 * What requests look like.
 *
 * @param least spans of a request; they are spread evenly up to {@code most}
 */
record Work(Shape shape, int least, int most, boolean gzip) {
  Work {
    if (least < 1 || most < least)
      throw new IllegalArgumentException("spans " + least + "-" + most);
  }

  static Work of(JsonObject command) {
    String[] spans = command.getValue("spans", 100).toString().split("-", -1);
    return new Work(
        Shape.valueOf(command.getString("shape", "mixed").toUpperCase(Locale.ROOT)),
        Integer.parseInt(spans[0]),
        Integer.parseInt(spans[spans.length - 1]),
        command.getBoolean("gzip", false));
  }
}
