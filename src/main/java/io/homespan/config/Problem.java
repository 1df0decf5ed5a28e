package io.homespan.config;

/**
 * One thing that is wrong, or without effect, in a configuration.
 *
 * @param keyPath where it stands: a key's path in the file, an environment variable, or the file
 * @param what what is wrong, naming the value
 * @param remedy what would do; may be empty
 * @param error false: a warning, the configuration is usable
 */
public record Problem(String keyPath, String what, String remedy, boolean error) {
  static Problem error(String keyPath, String what, String remedy) {
    return new Problem(keyPath, what, remedy, true);
  }

  static Problem warning(String keyPath, String what, String remedy) {
    return new Problem(keyPath, what, remedy, false);
  }

  /** One line: {@code key path: what is wrong; what would do}. A warning says that it is one. */
  @Override
  public String toString() {
    // names of keys and variables, as they were written, may hold anything
    String line = Shown.oneLine(keyPath + ": " + what + (remedy.isEmpty() ? "" : "; " + remedy));
    return error ? line : "warning: " + line;
  }
}
