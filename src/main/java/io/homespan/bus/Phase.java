package io.homespan.bus;

/** Where a node stands in its life. */
public enum Phase {
  /** Takes spans, once discovery knows peers. */
  SERVING,
  /** Not ready any more and out of its own table, but still serves: others may not know yet. */
  LEAVING,
  /** Refuses what is new and finishes what it has. */
  CLOSING
}
