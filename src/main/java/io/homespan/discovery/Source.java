package io.homespan.discovery;

import io.homespan.mesh.PeerSet;
import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What one provider lists: what it found last, and what it found before for as long as its grace
 * lasts. A failure takes nothing away and is no miss. Times are nanoseconds of one clock. Not
 * thread safe: belongs to one {@link Listing}.
 */
final class Source {
  private final String kind;
  private final Grace grace;
  private final int max;
  private final NavigableMap<String, Entry> entries = new TreeMap<>(PeerSet.BYTEWISE);
  private int found;
  private boolean asked;
  private boolean looked;
  private @Nullable String failure;
  private @Nullable Long goodAt;
  private @Nullable Long failedAt;
  private String lastFailure = "";
  private Map<String, String> notes = Map.of();

  /** {@code max} bounds what it remembers. */
  Source(String kind, Grace grace, int max) {
    this.kind = kind;
    this.grace = grace;
    this.max = max;
  }

  private static final class Entry {
    Address address;
    boolean missing;
    int needed;
    int misses;
    long since;

    Entry(Address address) {
      this.address = address;
    }
  }

  /**
   * A good answer, or what was told.
   *
   * @param asked whether it is asked again and again, so that misses can be counted
   * @param left whose peer has said good-bye: they need no grace
   */
  void found(Collection<Address> all, boolean asked, Predicate<String> left, long now) {
    looked = true;
    this.asked = asked;
    failure = null;
    goodAt = now;
    int before = found;
    NavigableMap<String, Address> listed = new TreeMap<>(PeerSet.BYTEWISE);
    for (Address each : all) listed.putIfAbsent(each.listed(), each);
    found = listed.size();
    while (listed.size() > max) listed.pollLastEntry();
    miss(listed, before, now);
    for (Address each : listed.values()) {
      Entry entry = entries.computeIfAbsent(each.listed(), text -> new Entry(each));
      entry.address = each;
      entry.missing = false;
    }
    entries.entrySet().removeIf(one -> isOver(one.getValue(), left.test(one.getKey())));
    forget();
  }

  private void miss(Map<String, Address> listed, int before, long now) {
    int lost = 0;
    for (Map.Entry<String, Entry> one : entries.entrySet()) {
      if (!one.getValue().missing && !listed.containsKey(one.getKey())) lost++;
    }
    int needed = grace.misses(lost, before);
    for (Map.Entry<String, Entry> one : entries.entrySet()) {
      if (listed.containsKey(one.getKey())) continue;
      Entry entry = one.getValue();
      if (!entry.missing) {
        entry.missing = true;
        entry.needed = needed;
        entry.misses = 0;
        entry.since = now;
      }
      entry.misses++;
    }
  }

  private boolean isOver(Entry entry, boolean left) {
    if (!entry.missing) return false;
    return left || (!grace.isForGood() && asked && entry.misses >= entry.needed);
  }

  /** What is missing goes before what is there, if there is no room for both. */
  private void forget() {
    Iterator<Entry> all = entries.descendingMap().values().iterator();
    int tooMany = entries.size() - max;
    while (tooMany > 0 && all.hasNext()) {
      if (!all.next().missing) continue;
      all.remove();
      tooMany--;
    }
  }

  void missed(String failure, long now) {
    looked = true;
    this.failure = failure;
    lastFailure = failure;
    failedAt = now;
  }

  /** Removes what has been missing for too long by the clock, and says whether there was any. */
  boolean expire(long now) {
    if (asked || grace.isForGood()) return false;
    return entries.values().removeIf(entry -> entry.missing && due(entry) - now <= 0);
  }

  /** When {@link #expire} will next have something to do; null: as far as is known, never. */
  @Nullable Long due() {
    Long least = null;
    if (asked || grace.isForGood()) return null;
    for (Entry entry : entries.values()) {
      if (!entry.missing) continue;
      if (least == null || due(entry) - least < 0) least = due(entry);
    }
    return least;
  }

  private long due(Entry entry) {
    return entry.since + grace.interval().multipliedBy(entry.needed).toNanos();
  }

  /** What else the last answer says, by how addresses are listed; of those that are remembered. */
  void noted(Map<String, String> all) {
    NavigableMap<String, String> held = new TreeMap<>(PeerSet.BYTEWISE);
    all.forEach(
        (listed, note) -> {
          if (holds(listed)) held.put(listed, note);
        });
    notes = Collections.unmodifiableMap(held);
  }

  Map<String, String> notes() {
    return notes;
  }

  String kind() {
    return kind;
  }

  boolean hasLooked() {
    return looked;
  }

  /** Of its last look-up; null: that was good. */
  @Nullable String failure() {
    return failure;
  }

  boolean isEmpty() {
    return entries.isEmpty();
  }

  /** How many it found last, whatever there was room for. */
  int found() {
    return found;
  }

  /** All that it lists, what is missing included. */
  Collection<Address> all() {
    return entries.values().stream().map(entry -> entry.address).toList();
  }

  /** Whether its last answer held this. */
  boolean holds(String listed) {
    Entry entry = entries.get(listed);
    return entry != null && !entry.missing;
  }

  /** Since when, as of its last answers, nothing good has come; null: all is well. */
  @Nullable Duration failing(long start, long now) {
    if (failure == null) return null;
    return Duration.ofNanos(now - (goodAt == null ? start : goodAt));
  }

  @Nullable Long goodAt() {
    return goodAt;
  }

  @Nullable Long failedAt() {
    return failedAt;
  }

  /** The last one there was, or "". */
  String lastFailure() {
    return lastFailure;
  }
}
