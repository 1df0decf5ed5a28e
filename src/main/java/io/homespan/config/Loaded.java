package io.homespan.config;

import java.util.List;
import java.util.Map;

/**
 * A configuration that can be used, and what its author should know about it.
 *
 * @param values what each key holds, by its path, defaults included
 */
public record Loaded(Config config, List<Problem> warnings, Map<String, Object> values) {
  public Loaded {
    warnings = List.copyOf(warnings);
    values = Map.copyOf(values);
  }
}
