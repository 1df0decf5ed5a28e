package io.homespan.config;

import java.util.List;

/** A configuration that can be used, and what its author should know about it. */
public record Loaded(Config config, List<Problem> warnings) {
  public Loaded {
    warnings = List.copyOf(warnings);
  }
}
