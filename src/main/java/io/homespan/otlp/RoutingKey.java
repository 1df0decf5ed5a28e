package io.homespan.otlp;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * What decides on where a span goes: its trace id, or the values of some attributes. A text is made
 * of those, {@code name=value|} for each name in order, and hashed to 64 bits; the value of an
 * attribute that is missing is empty. So whoever knows the values can tell the owner.
 *
 * @param attributes none: the trace id decides
 */
public record RoutingKey(List<String> attributes) {
  /** By trace id, as it is unless something else is wanted. */
  public static final RoutingKey TRACE_ID = new RoutingKey(List.of());

  private static final long BASIS = 0xCBF29CE484222325L;
  private static final long PRIME = 0x100000001B3L;

  /** Copies the list. */
  public RoutingKey {
    attributes = List.copyOf(attributes);
  }

  /** The hash for spans with these values, as {@link #hash}; those that are not named are empty. */
  public long hash(Map<String, String> values) {
    StringBuilder text = new StringBuilder();
    for (String name : attributes) {
      text.append(name).append('=').append(values.getOrDefault(name, "")).append('|');
    }
    return hash(text.toString());
  }

  /** A new one for each event loop. */
  public Cutting cutter() {
    return attributes.isEmpty() ? new Cutter() : new KeyCutter(attributes);
  }

  /**
   * The hash of such a text. It stands where the high half of a trace id does, the low half being
   * 0.
   */
  public static long hash(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return add(BASIS, bytes, 0, bytes.length);
  }

  /** Of no text yet. */
  static long begin() {
    return BASIS;
  }

  /** FNV-1a, 64 bits (Fowler, Noll, Vo), with these bytes behind those before. */
  static long add(long hash, byte[] bytes, int from, int to) {
    long h = hash;
    for (int i = from; i < to; i++) h = add(h, bytes[i]);
    return h;
  }

  static long add(long hash, int b) {
    return (hash ^ (b & 0xFF)) * PRIME;
  }
}
