package io.homespan.admin;

import io.vertx.core.json.JsonObject;

/** An answer: HTTP status and body. */
record Page(int status, JsonObject body) {
  static Page ok(JsonObject body) {
    return new Page(200, body);
  }

  /** {@code why} is a sentence for a person. */
  static Page error(int status, String why) {
    return new Page(status, new JsonObject().put("error", why));
  }
}
