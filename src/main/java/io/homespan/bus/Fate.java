package io.homespan.bus;

import io.homespan.metrics.DropReason;
import io.homespan.metrics.KeptAs;
import io.homespan.metrics.RefuseReason;
import java.time.Duration;

/** How it ended with some spans of a part. Each span of a part has exactly one. */
public sealed interface Fate {
  /** How many spans it is about. */
  int spans();

  /** This node's sinks confirmed them. */
  record Kept(KeptAs as, int spans) implements Fate {}

  /** A peer confirmed them. */
  record Forwarded(String peerId, int spans) implements Fate {}

  /** They had been kept before; the first keeping stands for this one. */
  record Repeated(int spans) implements Fate {}

  /** They have no home now; whoever sent them may send them again after the hint. */
  record Refused(RefuseReason reason, Duration retryAfter, String why, int spans) implements Fate {}

  /**
   * They are lost for good, for a reason that the sender is told. Of no spans: some that were sent
   * along with these were lost, and it can't be told which.
   */
  record Dropped(DropReason reason, String why, int spans) implements Fate {}
}
