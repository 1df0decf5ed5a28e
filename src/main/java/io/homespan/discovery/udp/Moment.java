package io.homespan.discovery.udp;

import java.time.Duration;

/**
 * Now, by both clocks.
 *
 * @param nanos by the one that never jumps
 * @param epochMillis by the one that is the same everywhere, more or less
 */
record Moment(long nanos, long epochMillis) {
  Duration since(Moment earlier) {
    return Duration.ofNanos(nanos - earlier.nanos);
  }
}
