package io.homespan.guard;

import io.homespan.config.Config.SecretFile;
import io.homespan.config.Problem;

/** A file that can't be used, in the words of a problem with the configuration. */
final class UnusableException extends Exception {
  private static final long serialVersionUID = 1;

  private final transient Problem problem;
  private final String reason;

  /** {@code what} may be shown to anybody: it names no path and nothing of what is in the file. */
  UnusableException(SecretFile file, String what, String remedy) {
    super(file.path() + " " + what, null, false, false);
    this.reason = file.key() + " " + what;
    this.problem = new Problem(file.key(), file.path() + " " + what, remedy, true);
  }

  Problem problem() {
    return problem;
  }

  /** Which key's file it is, and why; without its path. */
  String reason() {
    return reason;
  }
}
