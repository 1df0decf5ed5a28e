package io.homespan.discovery.kubernetes;

import io.homespan.discovery.LookupException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/** JSON in which anything may be missing, or be something else. */
final class Json {
  private static final int MOST_SHOWN = 200;

  private Json() {}

  static JsonObject parse(Buffer text) throws LookupException {
    try {
      return new JsonObject(text);
    } catch (DecodeException | ClassCastException e) {
      throw new LookupException("malformed", "the API answered with what is no JSON object");
    }
  }

  /** Empty if it is none. */
  static JsonObject object(JsonObject in, String key) {
    return in.getValue(key) instanceof JsonObject object ? object : new JsonObject();
  }

  /** Empty if it is none. */
  static JsonArray list(JsonObject in, String key) {
    return in.getValue(key) instanceof JsonArray list ? list : new JsonArray();
  }

  /** "" if it is none. */
  static String text(JsonObject in, String key) {
    return in.getValue(key) instanceof String text ? text : "";
  }

  /** Others' text as it may stand in a log: short, on one line. */
  static String shown(String text) {
    String line = text.replaceAll("\\p{C}", "?");
    return line.length() <= MOST_SHOWN ? line : line.substring(0, MOST_SHOWN) + "...";
  }
}
