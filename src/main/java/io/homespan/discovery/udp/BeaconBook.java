package io.homespan.discovery.udp;

import io.homespan.discovery.Address;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who is being announced: judges each datagram and remembers what it must. Not thread safe: belongs
 * to one thread.
 *
 * <p>It remembers processes whose beacons were believed, at most {@code maxPeers} of them, and as
 * many that have gone, for as long as their old beacons could be sent again. Should there be more,
 * none is forgotten without a trace: from a process that is not known, nothing is believed that is
 * as old as the last beacon of one that was forgotten.
 *
 * <p>A time stamp must be near this node's time. If this node's clock jumps, the peers that it
 * knows are not lost: their clocks went on as expected, which counts as well.
 */
final class BeaconBook {
  private final BeaconFormat format;
  private final String cluster;
  private final String ownInstance;
  private final int maxPeers;
  private final Duration expireAfter;
  private final Duration maxClockSkew;
  private final Map<String, Seen> present = new LinkedHashMap<>();
  private final Map<String, Seen> gone = new LinkedHashMap<>(); // the first left first
  private final Map<Heard, Trouble> troubles = new EnumMap<>(Heard.class);
  private long forgottenUntil = Long.MIN_VALUE;
  private Moment ownHeard;
  private Moment hearingSince;

  /**
   * Knows nobody yet.
   *
   * @param expireAfter without a beacon for so long a peer is gone, and a trouble over
   */
  BeaconBook(
      BeaconFormat format,
      String cluster,
      String ownInstance,
      int maxPeers,
      Duration expireAfter,
      Duration maxClockSkew,
      Moment now) {
    this.format = format;
    this.cluster = cluster;
    this.ownInstance = ownInstance;
    this.maxPeers = maxPeers;
    this.expireAfter = expireAfter;
    this.maxClockSkew = maxClockSkew;
    this.ownHeard = now;
    this.hearingSince = now;
  }

  /** The last beacon that was believed, and when it came. */
  private record Seen(Beacon last, Moment at) {}

  /** Something that goes on; the first case of it is the one that is told. */
  private record Trouble(String sentence, Moment last) {}

  /** Judges a datagram of {@code length} bytes that came from {@code sender}. */
  Heard hear(byte[] bytes, int length, String sender, Moment now) {
    BeaconFormat.Read read = format.read(bytes, length);
    Heard heard = read.beacon() == null ? read.heard() : judge(read.beacon(), now);
    Trouble before = troubles.get(heard);
    String sentence =
        before != null ? before.sentence : sentence(heard, read.claimed(), sender, read.beacon());
    if (sentence != null) troubles.put(heard, new Trouble(sentence, now));
    return heard;
  }

  private Heard judge(Beacon beacon, Moment now) {
    String instance = beacon.instance();
    Seen known = present.get(instance);
    boolean isPresent = known != null;
    if (known == null) known = gone.get(instance);
    if (known == null && beacon.sentAt() <= forgottenUntil) return Heard.REPLAYED;
    if (known != null && beacon.sequence() <= known.last.sequence()) return Heard.REPLAYED;
    if (!isTimely(beacon, known, now)) return Heard.CLOCK;
    boolean own = instance.equals(ownInstance);
    if (!isPresent && !beacon.leaving() && present.size() >= maxPeers && !own) {
      return Heard.TOO_MANY;
    }
    Seen seen = new Seen(beacon, now);
    if (own) hearOwn(now);
    if (beacon.leaving()) {
      present.remove(instance);
      leave(instance, seen, now);
      return Heard.GOOD_BYE;
    }
    gone.remove(instance);
    present.put(instance, seen);
    return Heard.OK;
  }

  private void hearOwn(Moment now) {
    if (isDeaf(now)) hearingSince = now; // who was not heard meanwhile gets the whole time again
    ownHeard = now;
  }

  private boolean isTimely(Beacon beacon, @Nullable Seen known, Moment now) {
    if (isNear(beacon.sentAt(), now.epochMillis())) return true;
    if (known == null) return false;
    return isNear(beacon.sentAt(), known.last.sentAt() + now.since(known.at).toMillis());
  }

  private boolean isNear(long one, long other) {
    long apart = one - other;
    if (((one ^ other) & (one ^ apart)) < 0) return false; // further than a long can tell
    return apart <= maxClockSkew.toMillis() && -apart <= maxClockSkew.toMillis();
  }

  /** What it sent before could be sent again by others as long as its time stamps are near. */
  private void leave(String instance, Seen seen, Moment now) {
    gone.remove(instance);
    gone.put(instance, seen);
    if (gone.size() <= maxPeers) return;
    Iterator<Seen> oldest = gone.values().iterator();
    long until = Math.min(oldest.next().last.sentAt(), now.epochMillis()); // newcomers must get in
    forgottenUntil = Math.max(forgottenUntil, until);
    oldest.remove();
  }

  /**
   * Lets those go who were not heard for too long, and whose time to be remembered is over. Nobody
   * while this node does not hear itself.
   */
  void expire(Moment now) {
    troubles.values().removeIf(trouble -> isOver(trouble.last, now));
    Duration remembered = maxClockSkew.multipliedBy(2);
    gone.values().removeIf(seen -> now.since(seen.at).compareTo(remembered) > 0);
    if (isDeaf(now) || !isOver(hearingSince, now)) return;
    List<Map.Entry<String, Seen>> over = new ArrayList<>();
    for (Map.Entry<String, Seen> each : present.entrySet()) {
      if (isOver(each.getValue().at, now)) over.add(each);
    }
    for (Map.Entry<String, Seen> each : over) {
      present.remove(each.getKey());
      leave(each.getKey(), each.getValue(), now);
    }
  }

  private boolean isOver(Moment last, Moment now) {
    return now.since(last).compareTo(expireAfter) > 0;
  }

  /** Whether this node has not heard itself for longer than it would wait for a peer. */
  boolean isDeaf(Moment now) {
    // sooner than peers expire: what silenced this node silenced them at about the same time
    return now.since(ownHeard).multipliedBy(2).compareTo(expireAfter) > 0;
  }

  /** Where those are that announce themselves, each once. */
  Set<Address> addresses() {
    Set<Address> addresses = new LinkedHashSet<>();
    for (Seen seen : present.values()) addresses.add(seen.last.address());
    return addresses;
  }

  /** How many processes are remembered, present or gone. */
  int remembered() {
    return present.size() + gone.size();
  }

  /** What an operator should know, by its kind; the same text for as long as it goes on. */
  Map<Heard, String> troubles() {
    Map<Heard, String> sentences = new EnumMap<>(Heard.class);
    troubles.forEach((heard, trouble) -> sentences.put(heard, trouble.sentence));
    return sentences;
  }

  /** Null: nothing to tell. What anybody can send, or a network does by itself, is only counted. */
  private @Nullable String sentence(
      Heard heard, @Nullable String claimed, String sender, @Nullable Beacon beacon) {
    return switch (heard) {
      case OK, GOOD_BYE, OVERSIZED, GARBAGE, REPLAYED -> null;
      case OTHER_VERSION ->
          "beacons of format " + claimed + " come from " + sender + "; this node reads format 1";
      case OTHER_CLUSTER ->
          "beacons of cluster \""
              + claimed
              + "\" come from "
              + sender
              + "; this node belongs to \""
              + cluster
              + "\"; give the tiers different discovery.udp.group or port";
      case FORGED ->
          "beacons without this tier's secret come from "
              + sender
              + "; discovery.udp.secret must be equal on all nodes";
      case CLOCK ->
          "the clock of "
              + (beacon == null ? sender : beacon.address().listed())
              + " is more than discovery.udp.max_clock_skew = "
              + maxClockSkew.toSeconds()
              + " s from this node's, or somebody sends its old beacons again; its beacons are"
              + " refused";
      case TOO_MANY ->
          "more nodes announce themselves than discovery.max_peers = " + maxPeers + " allows";
    };
  }
}
