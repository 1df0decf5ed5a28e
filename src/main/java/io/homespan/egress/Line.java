package io.homespan.egress;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;

/**
 * What waits for one peer, and when it goes: at once while no call is under way, else gathered
 * until there are enough spans or the first has waited long enough. Bounded in bytes and in calls.
 * Not thread safe: belongs to one event loop.
 */
final class Line {
  /**
   * The bounds of a line.
   *
   * @param aggCount with so many spans a call goes, if it may; a part that alone is larger goes
   *     whole, and the last call that may be under way takes all that waits
   * @param maxWaitNanos how long a part waits for company while calls are under way
   * @param maxCalls calls under way at once
   * @param maxBacklogBytes bytes that wait at most
   * @param maxCallBytes a call gathers no further than this
   */
  record Bounds(
      int aggCount, long maxWaitNanos, int maxCalls, long maxBacklogBytes, long maxCallBytes) {}

  private record Waiting(Consignment consignment, long since) {}

  private Bounds bounds;
  private final Deque<Waiting> queue = new ArrayDeque<>();
  private int spans;
  private long bytes;
  private long bytesAside; // of parts that wait for a hint to be over
  private int calls;
  private boolean doubtful;

  Line(Bounds bounds) {
    this.bounds = bounds;
  }

  /** Others hold from now on; what waits stays. */
  void change(Bounds next) {
    bounds = next;
  }

  /** Queues, unless the backlog is full. One part is always taken, however large. */
  boolean offer(Consignment consignment, long now) {
    long more = consignment.part().size();
    if (!hasRoom(more)) return false;
    queue.add(new Waiting(consignment, now));
    spans += consignment.part().spans();
    bytes += more;
    return true;
  }

  /**
   * Counts a part that the peer had no room for with what waits, unless the backlog is full: it
   * waits elsewhere until its time, and is to be taken back then. So a full peer holds no more of
   * this node's memory than its backlog may, and the rest of it is there for who needs others.
   */
  boolean setAside(Consignment consignment) {
    long more = consignment.part().size();
    if (!hasRoom(more)) return false;
    bytesAside += more;
    return true;
  }

  /** Its time has come. */
  void takeBack(Consignment consignment) {
    bytesAside -= consignment.part().size();
  }

  private boolean hasRoom(long more) {
    return bytes() == 0 || bytes() + more <= bounds.maxBacklogBytes();
  }

  /** How much of the backlog is taken, 0 to 1. */
  double load() {
    return Math.min(1, (double) bytes() / bounds.maxBacklogBytes());
  }

  /** What is to be sent in one call now; empty if nothing is. A call then counts as under way. */
  List<Consignment> next(long now) {
    if (queue.isEmpty() || calls >= bounds.maxCalls()) return List.of();
    boolean due =
        calls == 0
            || spans >= bounds.aggCount()
            || now - queue.element().since() >= bounds.maxWaitNanos();
    if (!due) return List.of();
    // all other calls are under way: what has come together meanwhile goes together, since the time
    // of a round trip is then what bounds the spans that get through, and a call costs more than a
    // KB
    boolean all = calls + 1 == bounds.maxCalls() && !doubtful;
    int most = all ? Integer.MAX_VALUE : bounds.aggCount();
    List<Consignment> batch = new ArrayList<>();
    int gathered = 0;
    long size = 0;
    while (!queue.isEmpty()) {
      Consignment first = queue.element().consignment();
      boolean more =
          batch.isEmpty()
              || (gathered + first.part().spans() <= most
                  && size + first.part().size() <= bounds.maxCallBytes()
                  && !first.alone());
      if (!more) break;
      queue.remove();
      batch.add(first);
      gathered += first.part().spans();
      size += first.part().size();
      if (first.alone()) break;
    }
    spans -= gathered;
    bytes -= size;
    calls++;
    return batch;
  }

  /**
   * A call has ended.
   *
   * @param answered if not, the next ones take no more along than they must
   */
  void ended(boolean answered) {
    calls--;
    doubtful = !answered;
  }

  /** Takes everything out that waits. */
  List<Consignment> empty() {
    List<Consignment> all = queue.stream().map(Waiting::consignment).toList();
    queue.clear();
    spans = 0;
    bytes = 0;
    return all;
  }

  /** Takes out what nobody waits for any more. */
  List<Consignment> expired(long now) {
    List<Consignment> late = new ArrayList<>();
    for (Iterator<Waiting> i = queue.iterator(); i.hasNext(); ) {
      Consignment waiting = i.next().consignment();
      if (now - waiting.deadline() < 0) continue;
      i.remove();
      late.add(waiting);
      spans -= waiting.part().spans();
      bytes -= waiting.part().size();
    }
    return late;
  }

  /** When {@link #next} may give something without a call having ended; MAX_VALUE: never. */
  long dueAt() {
    if (queue.isEmpty() || calls >= bounds.maxCalls()) return Long.MAX_VALUE;
    return queue.element().since() + bounds.maxWaitNanos();
  }

  /** Of all that waits, for its turn or for a hint to be over. */
  long bytes() {
    return bytes + bytesAside;
  }

  int calls() {
    return calls;
  }

  boolean isIdle() {
    return queue.isEmpty() && calls == 0;
  }
}
