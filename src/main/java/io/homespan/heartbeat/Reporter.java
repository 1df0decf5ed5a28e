package io.homespan.heartbeat;

import java.time.Duration;

/**
 * Takes every result of this node's probes somewhere else. What it can't take it drops and counts;
 * nobody waits for it.
 */
public interface Reporter {
  /** Called on the heartbeat's event loop, one result after the other: it never blocks. */
  void report(Measurement what);

  /**
   * Takes what was reported to where it belongs as far as that can be done in time, and ends.
   *
   * @param limit blocks for about that long at most; not for an event loop
   */
  void close(Duration limit);
}
