package io.homespan.discovery;

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
}
