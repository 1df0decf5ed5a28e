package io.homespan.journal;

import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/** A record that was handed out and is not done. Belongs to one {@link Backlog}. */
final class Held {
  /** What is going on with it. */
  enum State {
    /** It is being delivered. */
    UNDER_WAY,
    /** It waits for its next attempt. */
    WAITING,
    /** It is read back for its next attempt. */
    READING,
    /** It is read back to be written again at the end. */
    MOVING,
    /** What is left of it is written at the end. */
    COPYING
  }

  final Place place;
  final int size;
  final int spans;
  final long storedAt;
  State state = State.UNDER_WAY;
  int attempts;

  /** When its next attempt is, in nanoseconds. */
  long due;

  /** Whether its bytes count as an attempt after the first. */
  boolean again;

  /** Its request, as long as that is in memory. */
  @Nullable Buffer request;

  Held(Place place, int size, int spans, long storedAt, int attempts) {
    this.place = place;
    this.size = size;
    this.spans = spans;
    this.storedAt = storedAt;
    this.attempts = attempts;
  }
}
