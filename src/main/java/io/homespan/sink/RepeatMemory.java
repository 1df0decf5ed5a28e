package io.homespan.sink;

import io.homespan.otlp.KeptIds;
import io.homespan.otlp.PartId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Remembers which parts were kept or are being kept, so that a repeat gets the first one's outcome
 * and is not kept twice. Not thread safe: belongs to one verticle.
 *
 * <p>What is settled is bounded by number and by time, the oldest is forgotten first. What is being
 * kept is never forgotten; its number is bounded by the admission of those who ask. A part that
 * every sink refused is forgotten at once, so that it can be tried again; one that some sinks have
 * and others refused is remembered with each sink's outcome.
 *
 * <p>A part that was kept whole, which is nearly all of them, costs 32 to 40 bytes ({@link
 * KeptIds}); one with more to tell about 200. Nothing outlives the process: after a restart a
 * repeat is kept again.
 */
final class RepeatMemory {
  /** What is known of an id. */
  sealed interface Seen {
    /** Nothing. */
    record Never() implements Seen {}

    /** It is being kept: the repeat waits. */
    record Keeping() implements Seen {}

    /** Some sinks are done with it, the others refused; nobody is trying now. */
    record Unfinished(Verdict before) implements Seen {}

    /** It is settled for good. */
    record Settled(Verdict verdict) implements Seen {}
  }

  private record Told(Verdict verdict, long at) {}

  private final int maxParts;
  private final long rememberNanos;
  private final Verdict keptWhole;
  private final KeptIds kept;
  private final LinkedHashMap<PartId, Told> told = new LinkedHashMap<>();
  private final Map<PartId, List<Consumer<Verdict>>> keeping = new HashMap<>();
  private long forgottenEarly;

  /** For so many sinks; remembers at most {@code maxParts} settled ids, each for so long. */
  RepeatMemory(int sinks, int maxParts, Duration remember) {
    this.maxParts = maxParts;
    this.rememberNanos = remember.toNanos();
    this.keptWhole = Verdict.kept(sinks);
    this.kept = new KeptIds(maxParts);
  }

  /** What is known of this id at this time. */
  Seen look(PartId id, long now) {
    while (remembered() > 0 && now - oldestAt() >= rememberNanos) forgetOldest();
    if (keeping.containsKey(id)) return new Seen.Keeping();
    if (kept.contains(id)) return new Seen.Settled(keptWhole);
    Told before = told.get(id);
    if (before == null) return new Seen.Never();
    return before.verdict.refusal() == null
        ? new Seen.Settled(before.verdict)
        : new Seen.Unfinished(before.verdict);
  }

  /** The id is being kept from now on; it was {@code Never} seen or {@code Unfinished}. */
  void begin(PartId id) {
    told.remove(id);
    if (keeping.putIfAbsent(id, List.of()) != null) {
      throw new IllegalStateException("part " + id + " is being kept");
    }
  }

  /** Lets a repeat hear how it ends with the id, which is being kept. */
  void await(PartId id, Consumer<Verdict> repeat) {
    keeping.compute(
        id,
        (key, waiting) -> {
          if (waiting == null) throw new IllegalStateException("part " + id + " is not being kept");
          List<Consumer<Verdict>> longer = waiting.isEmpty() ? new ArrayList<>(1) : waiting;
          longer.add(repeat);
          return longer;
        });
  }

  /** It has ended with the id; tells the repeats that waited. */
  void ended(PartId id, Verdict verdict, long now) {
    List<Consumer<Verdict>> waiting = keeping.remove(id);
    if (waiting == null) throw new IllegalStateException("part " + id + " is not being kept");
    if (verdict.partlySettled()) {
      makeRoom(now);
      if (verdict.keptWhole()) kept.add(id, now);
      else told.put(id, new Told(verdict, now));
    }
    waiting.forEach(repeat -> repeat.accept(verdict));
  }

  /** How many settled or unfinished parts are remembered. */
  int remembered() {
    return kept.size() + told.size();
  }

  /** How many, in all, were forgotten for want of room before their time. */
  long forgottenEarly() {
    return forgottenEarly;
  }

  /** How many parts are being kept. */
  int beingKept() {
    return keeping.size();
  }

  private void makeRoom(long now) {
    while (remembered() >= maxParts) {
      if (now - oldestAt() < rememberNanos) forgottenEarly++;
      forgetOldest();
    }
  }

  private long oldestAt() {
    if (told.isEmpty()) return kept.oldestAt();
    long oldestTold = told.values().iterator().next().at;
    return kept.size() == 0 || oldestTold - kept.oldestAt() < 0 ? oldestTold : kept.oldestAt();
  }

  private void forgetOldest() {
    if (kept.size() > 0 && kept.oldestAt() == oldestAt()) {
      kept.removeOldest();
      return;
    }
    Iterator<Told> oldest = told.values().iterator();
    oldest.next();
    oldest.remove();
  }
}
