package io.homespan.sink;

import io.homespan.metrics.RefuseReason;
import io.homespan.otlp.Part;
import io.homespan.rpc.Message;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Decides what goes to the backend in one call, when, and what becomes of it. Not thread safe:
 * belongs to one sink. Times are nanoseconds on the owner's clock.
 *
 * <p><b>Gathering.</b> A part goes at once when no call is under way. While some are, parts are
 * gathered into a batch, which goes when it is full or its first part has waited {@link
 * #GATHER_NANOS}, as long as there are fewer than the most calls.
 *
 * <p><b>Trouble.</b> After a call that may be tried again, its parts go back to the head of the
 * queue, and one call at a time probes the backend: after its hint, else after a back-off that
 * doubles up to {@link #MAX_BACK_OFF}. What is not taken by its deadline is refused. A request
 * refused for ever is tried once more part by part, so that one bad part takes no other with it.
 *
 * <p>Spans that a backend rejects out of a batch can't be told apart. They are booked on the
 * batch's parts from the first on; the sum is right, the part may be another.
 */
final class OtlpBatches {
  /** How long a part is gathered for when there is room for another call. */
  static final long GATHER_NANOS = Duration.ofMillis(10).toNanos();

  /** After the first failure; jitter takes up to half off. */
  static final Duration FIRST_BACK_OFF = Duration.ofMillis(200);

  /** The longest wait between two probes without a hint. */
  static final Duration MAX_BACK_OFF = Duration.ofSeconds(5);

  /** The longest hint that is obeyed to the full. */
  static final Duration MAX_HINT = Duration.ofSeconds(30);

  /** Not one sweep for each deadline: under overload parts expire one after the other. */
  private static final long SWEEP_NANOS = Duration.ofMillis(10).toNanos();

  private static final long NEVER = Long.MAX_VALUE;

  /**
   * Bounds.
   *
   * @param batchSpans spans of a batch; a part that alone has more goes whole
   * @param batchBytes likewise bytes
   * @param calls calls under way at once
   * @param backlogBytes bytes of all parts that wait or are under way; over it parts are refused
   */
  record Limits(int batchSpans, int batchBytes, int calls, long backlogBytes) {}

  /** Parts that go in one call; joined end to end they are the request. */
  record Batch(List<Waiting> waiting, long begun) implements Message {
    @Override
    public int size() {
      long size = 0;
      for (Waiting w : waiting) size += w.part.size();
      return Math.toIntExact(size);
    }

    @Override
    public void writeTo(ByteBuffer out) {
      for (Waiting w : waiting) w.part.writeTo(out);
    }
  }

  /** A part, and who wants to know how it ends. {@code alone}: it is suspected to be a bad one. */
  record Waiting(Part part, long deadline, long since, boolean alone, Consumer<Outcome> ended) {}

  private final Limits limits;
  private final RandomGenerator random;
  private final ArrayDeque<Waiting> queue = new ArrayDeque<>();
  private long queuedSpans;
  private long queuedBytes;
  private long backlogBytes;
  private int calls;
  private long earliestDeadline = NEVER; // or earlier: what left the queue may have had it
  private long sweptAt;
  private @Nullable String trouble;
  private int failures;
  private long troubleSince;
  private long tryAt;

  OtlpBatches(Limits limits, RandomGenerator random) {
    this.limits = limits;
    this.random = random;
  }

  /** Takes a part in, or refuses it at once when there is no room. */
  void offer(Part part, long deadline, long now, Consumer<Outcome> ended) {
    if (backlogBytes > 0 && backlogBytes + part.size() > limits.backlogBytes) {
      ended.accept(new Outcome.Refused(RefuseReason.FULL, "the backlog for the backend is full"));
      return;
    }
    if (queue.isEmpty()) sweptAt = now - SWEEP_NANOS;
    backlogBytes += part.size();
    Waiting waiting = new Waiting(part, deadline, now, false, ended);
    queue.addLast(waiting);
    queued(waiting);
  }

  /** The batch that is to be sent now, or null; refuses what has expired. */
  @Nullable Batch next(long now) {
    boolean maySend = mayCall(now);
    if (earliestDeadline != NEVER
        && now - earliestDeadline >= 0
        && (maySend || now - sweptAt >= SWEEP_NANOS)) {
      refuseExpired(now);
    }
    Waiting first = queue.peek();
    if (first == null || !maySend || !due(first, now)) return null;
    List<Waiting> batch = new ArrayList<>();
    long spans = 0;
    long bytes = 0;
    for (Waiting w = first; w != null; w = queue.peek()) {
      spans += w.part.spans();
      bytes += w.part.size();
      boolean fits = spans <= limits.batchSpans && bytes <= limits.batchBytes && !w.alone;
      if (!batch.isEmpty() && !fits) break;
      batch.add(unqueued(queue.remove()));
      if (w.alone) break;
    }
    calls++;
    return new Batch(batch, now);
  }

  /**
   * When {@link #next} is to be asked again if nothing happens before; or {@link Long#MAX_VALUE}.
   */
  long wakeAt(long now) {
    Waiting first = queue.peek();
    if (first == null) return NEVER;
    long sweep = Math.max(earliestDeadline - now, sweptAt + SWEEP_NANOS - now) + now;
    if (trouble != null) return calls == 0 ? earlier(tryAt, sweep) : sweep;
    return calls < limits.calls ? earlier(first.since + GATHER_NANOS, sweep) : sweep;
  }

  /** A call has ended; settles its parts or puts them back. */
  void answered(Batch batch, Answer answer, long now) {
    calls--;
    if (answer instanceof Answer.Later later) {
      failed(batch, later, now);
      putBack(batch, false);
      return;
    }
    if (batch.begun - troubleSince >= 0) trouble = null;
    if (trouble == null) failures = 0;
    if (answer instanceof Answer.Never && batch.waiting.size() > 1) {
      putBack(batch, true);
    } else if (answer instanceof Answer.Never never) {
      settle(batch, Integer.MAX_VALUE, never.why());
    } else if (answer instanceof Answer.Taken taken) {
      settle(batch, taken.rejected(), taken.why());
    }
  }

  /** Why the backend takes nothing now, or null. */
  @Nullable String trouble() {
    return trouble;
  }

  /** Whether nothing waits or is under way. */
  boolean idle() {
    return queue.isEmpty() && calls == 0;
  }

  private boolean mayCall(long now) {
    return trouble == null ? calls < limits.calls : calls == 0 && now - tryAt >= 0;
  }

  private boolean due(Waiting first, long now) {
    return calls == 0
        || first.alone
        || trouble != null
        || queuedSpans >= limits.batchSpans
        || queuedBytes >= limits.batchBytes
        || now - first.since >= GATHER_NANOS;
  }

  /** A call that began before the trouble adds no failure to it, but its hint counts. */
  private void failed(Batch batch, Answer.Later later, long now) {
    boolean known = trouble != null && batch.begun - troubleSince < 0;
    if (!known) {
      failures++;
      troubleSince = now;
      tryAt = now + backOff();
    }
    trouble = later.why();
    if (later.hint() != null && !later.hint().isZero()) {
      Duration hint = later.hint().compareTo(MAX_HINT) < 0 ? later.hint() : MAX_HINT;
      long hinted = now + hint.toNanos();
      if (!known || hinted - tryAt > 0) tryAt = hinted;
    }
  }

  private long backOff() {
    long doubled = FIRST_BACK_OFF.toNanos() << Math.min(failures - 1, 20);
    long longest = Math.min(doubled, MAX_BACK_OFF.toNanos());
    return longest - random.nextLong(longest / 2 + 1);
  }

  private void putBack(Batch batch, boolean alone) {
    for (int i = batch.waiting.size() - 1; i >= 0; i--) {
      Waiting w = batch.waiting.get(i);
      Waiting back = new Waiting(w.part, w.deadline, w.since, alone || w.alone, w.ended);
      queue.addFirst(back);
      queued(back);
    }
  }

  private void settle(Batch batch, int rejected, String why) {
    for (Waiting w : batch.waiting) backlogBytes -= w.part.size();
    int left = rejected;
    for (Waiting w : batch.waiting) {
      int dropped = Math.min(left, w.part.spans());
      left -= dropped;
      w.ended.accept(dropped == 0 ? Outcome.CONFIRMED : new Outcome.Dropped(dropped, why));
    }
  }

  private void refuseExpired(long now) {
    List<Waiting> expired = new ArrayList<>();
    List<Waiting> stay = new ArrayList<>(queue.size());
    for (Waiting w : queue) (w.deadline - now <= 0 ? expired : stay).add(w);
    queue.clear();
    queuedSpans = 0;
    queuedBytes = 0;
    earliestDeadline = NEVER;
    sweptAt = now;
    for (Waiting w : stay) {
      queue.addLast(w);
      queued(w);
    }
    for (Waiting w : expired) backlogBytes -= w.part.size();
    for (Waiting w : expired) {
      w.ended.accept(
          trouble == null
              ? Outcome.expired()
              : new Outcome.Refused(RefuseReason.TIMEOUT, "the backend: " + trouble));
    }
  }

  private void queued(Waiting w) {
    queuedSpans += w.part.spans();
    queuedBytes += w.part.size();
    earliestDeadline = earlier(earliestDeadline, w.deadline);
  }

  private Waiting unqueued(Waiting w) {
    queuedSpans -= w.part.spans();
    queuedBytes -= w.part.size();
    return w;
  }

  private static long earlier(long a, long b) {
    if (a == NEVER || b == NEVER) return a == NEVER ? b : a;
    return a - b < 0 ? a : b;
  }
}
