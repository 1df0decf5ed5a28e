package io.homespan;

import io.vertx.core.json.jackson.JacksonCodec;
import io.vertx.core.spi.JsonFactory;
import io.vertx.core.spi.json.JsonCodec;

/**
 * The tests' Kafka brings Jackson's data binding, which Vert.x would use for JSON; a node has none.
 */
public final class PlainJson implements JsonFactory {
  @Override
  public int order() {
    return Integer.MIN_VALUE;
  }

  @Override
  public JsonCodec codec() {
    return new JacksonCodec();
  }
}
