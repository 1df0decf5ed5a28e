package io.homespan.otlp;

/**
 * The bytes are no {@code ExportTraceServiceRequest}. It carries no stack trace: the sender is to
 * blame, and senders can be many.
 */
public final class MalformedException extends Exception {
  private static final long serialVersionUID = 1;

  /** What is wrong, in words that name the byte offset or the JSON path. */
  public MalformedException(String message) {
    super(message, null, false, false);
  }
}
