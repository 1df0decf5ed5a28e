package io.homespan.bus;

import java.util.List;

/** How all providers of addresses have fared. Published after each look-up. */
public record Findings(List<Finding> providers) {
  /** Copies the list. */
  public Findings {
    providers = List.copyOf(providers);
  }
}
