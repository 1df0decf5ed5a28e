package io.homespan.metrics;

import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * The meters of one kind by the value of a label, found without building a tag. No meter ever goes,
 * since a counter that vanishes breaks {@code rate()}; so their number is bounded, and the values
 * beyond the bound share a meter under {@value #OTHER}. Any thread may use it.
 */
final class BoundedMeters<M> {
  static final String OTHER = "other";

  private final int bound;
  private final Function<String, M> register;
  private final ConcurrentHashMap<String, M> meters = new ConcurrentHashMap<>();

  /** {@code register} is called once for each value. */
  BoundedMeters(int bound, Function<String, M> register) {
    this.bound = bound;
    this.register = register;
  }

  M of(String value) {
    M meter = meters.get(value);
    return meter != null ? meter : add(value);
  }

  /** All there are, each once. */
  Iterable<M> all() {
    return meters.values();
  }

  private synchronized M add(String value) {
    String label = meters.size() < bound ? value : OTHER;
    return meters.computeIfAbsent(label, register);
  }
}
