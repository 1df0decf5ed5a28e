package io.homespan.discovery;

import io.homespan.mesh.PeerSet;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Says when a changed set of peers becomes the owner table. Each new table moves traces, so who
 * joins waits for others who may join with it: until nobody has for a while, but not for long. Who
 * goes is out at once. Times are nanoseconds of one clock. Not thread safe: belongs to one
 * verticle.
 */
final class Coalescing {
  static final Duration QUIET = Duration.ofMillis(200);
  static final Duration LONGEST = Duration.ofMillis(800);

  private @Nullable PeerSet last;
  private long since;
  private long changed;

  /** How long {@code wanted} is still to wait before it replaces {@code current}; zero: now. */
  Duration hold(PeerSet current, PeerSet wanted, long now) {
    if (current.isEmpty() || !onlyJoins(current, wanted)) {
      last = null;
      return Duration.ZERO;
    }
    if (last == null) since = now;
    if (!wanted.equals(last)) changed = now;
    last = wanted;
    long quiet = changed + QUIET.toNanos() - now;
    long longest = since + LONGEST.toNanos() - now;
    long left = Math.min(quiet, longest);
    if (left > 0) return Duration.ofNanos(left);
    last = null;
    return Duration.ZERO;
  }

  private static boolean onlyJoins(PeerSet current, PeerSet wanted) {
    return wanted.size() > current.size() && wanted.ids().containsAll(current.ids());
  }
}
