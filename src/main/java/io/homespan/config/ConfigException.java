package io.homespan.config;

import java.util.List;
import java.util.stream.Collectors;

/** A configuration that cannot be used, with all its problems. Has no stack trace: it is news. */
public final class ConfigException extends RuntimeException {
  private static final long serialVersionUID = 1;

  @SuppressWarnings("serial") // never serialized
  private final List<Problem> problems;

  /** With all that is wrong. */
  public ConfigException(List<Problem> problems) {
    super(
        problems.stream().map(Problem::toString).collect(Collectors.joining("\n")),
        null,
        false,
        false);
    this.problems = List.copyOf(problems);
  }

  /** Errors and warnings, in the order of the file; at least one is an error. */
  public List<Problem> problems() {
    return problems;
  }
}
