package io.homespan.guard;

import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a sink shows to its backend.
 *
 * @param tls null: in the clear
 * @param headers sent with each call; the same object until they change
 */
public record BackendKeys(@Nullable LiveTls tls, Supplier<Map<String, String>> headers) {
  /** For a backend that asks for nothing. */
  public static final BackendKeys NONE = new BackendKeys(null, Map::of);
}
