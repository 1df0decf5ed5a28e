package io.homespan.egress;

import io.homespan.bus.Fate;
import io.homespan.metrics.DropReason;
import io.homespan.metrics.RefuseReason;
import io.homespan.otlp.Part;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

/**
 * A part on its way to one peer, with what has been tried for it.
 *
 * @param part what is to be delivered
 * @param standIn whether the peer is not the owner of its traces
 * @param passed ids of the peers that could not be reached with these spans
 * @param attempts calls to this peer whose end is unknown
 * @param alone to be sent in a call of its own
 * @param deadline when nobody waits any more, in nanoseconds of the clock
 * @param parcel where its fates are gathered
 */
record Consignment(
    Part part,
    boolean standIn,
    Set<String> passed,
    int attempts,
    boolean alone,
    long deadline,
    Parcel parcel) {
  Consignment {
    passed = Set.copyOf(passed);
  }

  /** The same to the same peer, once more. */
  Consignment again() {
    return new Consignment(part, standIn, passed, attempts + 1, alone, deadline, parcel);
  }

  /** The same to the same peer, without company: one of its companions may be to blame. */
  Consignment byItself() {
    return new Consignment(part, standIn, passed, attempts, true, deadline, parcel);
  }

  /** Some of its spans, for the same peer. */
  Consignment piece(Part some) {
    return new Consignment(some, standIn, passed, attempts, true, deadline, parcel);
  }

  /** Some of its spans, for a peer that comes later in their order. */
  Consignment toStandIn(Part some) {
    return new Consignment(some, true, passed, 0, false, deadline, parcel);
  }

  /** The same, for a peer that owns its traces by a newer table. */
  Consignment toOwner() {
    return new Consignment(part, false, passed, attempts, alone, deadline, parcel);
  }

  /** Whom to pass over from now on. */
  Consignment passing(String peerId) {
    Set<String> more = new HashSet<>(passed);
    more.add(peerId);
    return new Consignment(part, standIn, more, attempts, alone, deadline, parcel);
  }

  /**
   * The peer has it; so many of its spans it rejected for good.
   *
   * @param vague whether they may have been others: then who sent it is told, even of none
   */
  void confirmed(String peerId, int rejected, String message, boolean vague) {
    int rest = part.spans() - rejected;
    if (rejected > 0 || vague) {
      parcel.add(new Fate.Dropped(DropReason.SINK_REFUSED, message, rejected));
    }
    if (rest > 0) parcel.add(new Fate.Forwarded(peerId, rest));
  }

  /** It is lost for good. */
  void dropped(String why) {
    parcel.add(new Fate.Dropped(DropReason.SINK_REFUSED, why, part.spans()));
  }

  /** It goes back to whoever sent it. */
  void refused(RefuseReason reason, Duration hint, String why) {
    parcel.add(new Fate.Refused(reason, hint, why, part.spans()));
  }
}
