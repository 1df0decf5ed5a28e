package io.homespan.sink;

import io.homespan.metrics.RefuseReason;

/** How it ended with a part at one sink. */
sealed interface Outcome {
  /** The sink has all of it. */
  Outcome CONFIRMED = new Confirmed();

  /** The sink has all of it. */
  record Confirmed() implements Outcome {}

  /** The sink will never take {@code spans} of it, for this reason; it has the others. */
  record Dropped(int spans, String why) implements Outcome {}

  /** The sink has none of it, as far as is known, and may be asked again later. */
  record Refused(RefuseReason reason, String why) implements Outcome {}

  /** The refusal of a part whose time is up before anything was begun. */
  static Refused expired() {
    return new Refused(RefuseReason.TIMEOUT, "time was up before the part could be kept");
  }
}
