package io.homespan.discovery;

import java.util.Locale;

/** A look-up that found nothing. It carries no stack trace: the world is to blame. */
public final class LookupException extends Exception {
  private static final long serialVersionUID = 1;

  private final String failure;

  /**
   * Says what went wrong.
   *
   * @param failure the kind: one of few words, fit for a metric's label
   * @param message for the operator, in few words
   */
  public LookupException(String failure, String message) {
    super(message, null, false, false);
    this.failure = failure;
  }

  /** The kind of failure: one of few words, fit for a metric's label. */
  public String failure() {
    return failure;
  }

  /**
   * As it is told: the kind, by which logs and metrics go together, and the message; without the
   * kind if the message has it, or if it says no more than that something went wrong.
   */
  String told() {
    String message = String.valueOf(getMessage());
    boolean plain = failure.equals("error");
    boolean said = message.toLowerCase(Locale.ROOT).contains(failure);
    return plain || said ? message : failure + ", " + message;
  }

  /** Whether the answer was that there is no such thing; anything else is no answer. */
  boolean isAbsence() {
    return failure.equals("nxdomain") || failure.equals("empty");
  }
}
