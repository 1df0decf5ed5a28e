package io.homespan.config;

import io.vertx.core.json.JsonObject;

/** How values stand in messages. */
final class Shown {
  private static final int MOST = 80;

  private Shown() {}

  /** The value and what it is: {@code "48" is text}. */
  static String typed(Object value) {
    if (value instanceof JsonObject) {
      return "this is a mapping";
    }
    if (value instanceof Iterable) {
      return "this is a list";
    }
    if (value instanceof CharSequence text) {
      return quoted(text.toString()) + " is text";
    }
    if (value instanceof Number) {
      return value + " is a number";
    }
    return bare(value)
        + (value instanceof Boolean ? " is a truth value" : " is a date or the like");
  }

  /** Text in quotes, shortened, on one line. */
  static String quoted(String text) {
    return "\"" + bare(text) + "\"";
  }

  /** The same without line feeds and other control characters. */
  static String oneLine(String text) {
    return text.replaceAll("\\p{Cntrl}", "?");
  }

  /** The value as it would be written, shortened, on one line. */
  static String bare(Object value) {
    String text = oneLine(value.toString());
    return text.length() <= MOST ? text : text.substring(0, MOST) + "...";
  }
}
