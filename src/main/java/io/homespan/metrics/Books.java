package io.homespan.metrics;

/**
 * What a node has booked so far, in spans; {@link Metrics} says what each means. A snapshot taken
 * while spans arrive may catch one between two of its entries.
 */
public record Books(
    long received, long kept, long forwarded, long refused, long dropped, long repeated) {
  /** Whether every span that was received has its fate: true whenever the node is at rest. */
  public boolean balanced() {
    return received == kept + forwarded + refused + dropped;
  }
}
