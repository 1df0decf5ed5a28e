package io.homespan.heartbeat;

import java.util.Locale;

/** How a probe ended; every probe has exactly one. */
public enum Outcome {
  /** Answered. */
  OK,
  /** Nothing came in time. */
  TIMEOUT,
  /** Nobody listens there. */
  REFUSED,
  /** The connection broke. */
  RESET,
  /** The host's name has no address. */
  UNRESOLVED,
  /** No TLS, or not with whom it should be. */
  TLS,
  /** An answer came that is none: another service listens there. */
  UNEXPECTED;

  /** As counted and shown. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
