package io.homespan.journal;

import io.homespan.bus.Delivered;
import io.homespan.journal.Held.State;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Decides which stored records are delivered when, and knows which are done. Records are handed out
 * in order, as long as there is room: bytes under way, and places of those that wait for another
 * attempt, are bounded; what lies behind is read from disk when there is room again. Plain; time
 * comes in as nanoseconds. Not thread safe: belongs to one event loop.
 */
final class Backlog {
  /**
   * The bounds.
   *
   * @param bytesUnderWay of requests in memory; one alone may be larger
   * @param mostOpen records under way or waiting for another attempt
   * @param fileBytes of the log's files: what is little in one
   */
  record Bounds(long bytesUnderWay, int mostOpen, long fileBytes) {}

  static final Duration SHORTEST_PAUSE = Duration.ofMillis(200);
  static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

  private final Bounds bounds;
  private final RandomGenerator random;
  private final NavigableMap<Place, Held> open = new TreeMap<>();
  private final PriorityQueue<Held> waiting =
      new PriorityQueue<>(Comparator.comparingLong((Held held) -> held.due));
  private final NavigableMap<Long, Integer> ages = new TreeMap<>(); // of the open, by time stored
  private final Set<Place> doneBefore; // this start, and not passed yet
  private List<Place> newlyDone = new ArrayList<>();
  private Place cursor; // what lies behind was not handed out
  private long unread; // records behind the cursor
  private long oldestUnread;
  private long replays; // of the unread ones, those from before this start
  private long replayed;
  private long bytes; // under way
  private long bytesAgain; // of these, in attempts after the first
  private int underWay;
  private boolean opened;

  Backlog(Bounds bounds, RecordLog.Contents contents, RandomGenerator random) {
    this.bounds = bounds;
    this.random = random;
    this.doneBefore = new HashSet<>(contents.done());
    this.cursor = contents.before();
    this.unread = contents.records();
    this.replays = contents.records();
    this.oldestUnread = contents.oldest();
  }

  /** Hands records out from now on, or no more. */
  void handOut(boolean go) {
    opened = go;
  }

  /**
   * A request was appended. Returns it if it is to be delivered at once; else it will be read when
   * its turn comes.
   *
   * @param end behind the record
   */
  @Nullable Held appended(Place place, Place end, int spans, long storedAt, Buffer request) {
    if (unread > 0 || !hasRoom()) {
      if (unread++ == 0) oldestUnread = storedAt;
      return null;
    }
    cursor = end;
    return under(new Held(place, end.offset() - place.offset(), spans, storedAt, 0), request);
  }

  /** From where records are to be read, or null if none are or there is no room. */
  @Nullable Place readFrom() {
    return unread > 0 && hasRoom() ? cursor : null;
  }

  /** How many bytes there is room for. */
  long room() {
    return Math.max(1, bounds.bytesUnderWay() - bytes);
  }

  /**
   * What lies behind {@link #readFrom}. Returns what is to be delivered.
   *
   * @param all whether there was nothing more to be read
   */
  List<Held> read(List<RecordLog.Found> found, boolean all) {
    List<Held> deliver = new ArrayList<>();
    for (RecordLog.Found one : found) {
      cursor = one.end();
      Frame frame = one.frame();
      if (doneBefore.remove(one.place()) || (frame != null && frame.isMarks())) continue;
      if (unread > 0) unread--;
      if (replays > 0) {
        replays--;
        replayed++;
      }
      if (frame == null) {
        newlyDone.add(one.place());
        continue;
      }
      oldestUnread = frame.storedAt();
      int size = one.end().offset() - one.place().offset();
      Held held = new Held(one.place(), size, frame.spans(), frame.storedAt(), 0);
      deliver.add(under(held, frame.request()));
    }
    if (all) {
      unread = 0;
      replays = 0;
    }
    return deliver;
  }

  /** What is due for another attempt and must be read again; each is said once. */
  List<Held> due(long now) {
    List<Held> due = new ArrayList<>();
    while (opened && !waiting.isEmpty() && waiting.element().due - now <= 0) {
      // what fails again and again must not keep out what is new
      if (bytesAgain > 0 && bytesAgain + waiting.element().size > bounds.bytesUnderWay() / 2) break;
      Held held = waiting.remove();
      held.state = State.READING;
      take(held);
      due.add(held);
    }
    return due;
  }

  /** When to ask for what is due; MAX_VALUE: not before something else happens. */
  long dueAt() {
    return waiting.isEmpty() ? Long.MAX_VALUE : waiting.element().due;
  }

  /** It was read again. Returns whether it is to be delivered now; else it is to be moved. */
  boolean readAgain(Held held, Buffer request) {
    boolean deliver = held.state == State.READING;
    held.state = deliver ? State.UNDER_WAY : State.COPYING;
    held.request = deliver ? request : null;
    return deliver;
  }

  /** It can't be read any more. */
  void lost(Held held) {
    give(held);
    done(held);
  }

  /**
   * An attempt has ended. Returns whether a part of it was confirmed and the rest is to be written
   * as a record of its own; then it has {@link #copied} or is {@link #putBack}.
   */
  boolean ended(Held held, Delivered delivered, long now) {
    held.attempts++;
    if (delivered.refused().isEmpty()) {
      give(held);
      done(held);
      return false;
    }
    int rest = delivered.refused().stream().mapToInt(part -> part.spans()).sum();
    if (rest == held.spans) {
      pause(held, delivered.retryAfter(), now);
      return false;
    }
    held.state = State.COPYING;
    return true;
  }

  /** An attempt came to nothing. */
  void failed(Held held, long now) {
    held.attempts++;
    pause(held, Duration.ZERO, now);
  }

  /** What is left of a record is safe at another place, where it waits for its next attempt. */
  void copied(Held held, Place place, Place end, int spans, long now) {
    give(held);
    done(held);
    if (unread > 0) { // its turn comes again
      unread++;
      return;
    }
    cursor = end;
    int size = end.offset() - place.offset();
    Held copy = new Held(place, size, spans, held.storedAt, held.attempts);
    enter(copy);
    await(copy, Duration.ZERO, now);
  }

  /** The disk did not do what it was to do for it: it is tried again, later. */
  void putBack(Held held, long now) {
    pause(held, Duration.ZERO, now);
  }

  /**
   * Records that hold up the oldest file, nearly all of which is done, and are to be written again
   * at the end; each is said once.
   */
  List<Held> stragglers() {
    if (open.isEmpty()) return List.of();
    int file = open.firstKey().file();
    if (file >= cursor.file()) return List.of();
    List<Held> all = new ArrayList<>();
    long sum = 0;
    for (Map.Entry<Place, Held> entry : open.entrySet()) {
      if (entry.getKey().file() != file) break;
      Held held = entry.getValue();
      sum += held.size;
      if (held.state != State.WAITING || sum > bounds.fileBytes() / 4) return List.of();
      all.add(held);
    }
    for (Held held : all) {
      waiting.remove(held);
      held.state = State.MOVING;
      take(held);
    }
    return all;
  }

  /** Marks of what was done since they were last asked for; null if nothing was. */
  @Nullable Marks marks() {
    if (newlyDone.isEmpty()) return null;
    Marks marks = new Marks(before(), newlyDone);
    newlyDone = new ArrayList<>();
    return marks;
  }

  /** These could not be written. */
  void notMarked(Marks marks) {
    newlyDone.addAll(marks.done());
  }

  boolean hasNewMarks() {
    return !newlyDone.isEmpty();
  }

  /** All before this place is done. */
  Place before() {
    return open.isEmpty() ? cursor : open.firstKey();
  }

  /** Records on disk that are not done. */
  long records() {
    return unread + open.size();
  }

  /** Records from before this start that have been handed out. */
  long replayed() {
    return replayed;
  }

  /** Records that are being read, delivered or written. */
  int underWay() {
    return underWay;
  }

  /** When the oldest that is not done was stored, in milliseconds since 1970; MAX_VALUE: none. */
  long oldest() {
    long oldest = unread > 0 ? oldestUnread : Long.MAX_VALUE;
    return ages.isEmpty() ? oldest : Math.min(oldest, ages.firstKey());
  }

  private boolean hasRoom() {
    return opened && bytes < bounds.bytesUnderWay() && open.size() < bounds.mostOpen();
  }

  private Held under(Held held, Buffer request) {
    held.request = request;
    enter(held);
    take(held);
    return held;
  }

  private void enter(Held held) {
    open.put(held.place, held);
    ages.merge(held.storedAt, 1, Integer::sum);
  }

  private void done(Held held) {
    open.remove(held.place);
    ages.computeIfPresent(held.storedAt, (at, count) -> count == 1 ? null : count - 1);
    newlyDone.add(held.place);
  }

  private void take(Held held) {
    underWay++;
    bytes += held.size;
    held.again = held.attempts > 0;
    if (held.again) bytesAgain += held.size;
  }

  private void give(Held held) {
    held.request = null;
    underWay--;
    bytes -= held.size;
    if (held.again) bytesAgain -= held.size;
  }

  private void pause(Held held, Duration least, long now) {
    give(held);
    await(held, least, now);
  }

  /** Waits twice as long each time, and by chance half of it or all: or all would come at once. */
  private void await(Held held, Duration least, long now) {
    long pause = SHORTEST_PAUSE.toNanos() << Math.min(held.attempts, 16);
    pause = Math.min(LONGEST_PAUSE.toNanos(), pause);
    pause = pause / 2 + (long) (random.nextDouble() * (pause / 2.0));
    held.due = now + Math.max(pause, least.toNanos());
    held.state = State.WAITING;
    waiting.add(held);
  }
}
