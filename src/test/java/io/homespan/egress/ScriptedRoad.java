package io.homespan.egress;

import io.homespan.bus.Fate;
import io.homespan.bus.Fates;
import io.homespan.mesh.Peer;
import io.homespan.metrics.ForwardStep;
import io.homespan.metrics.KeptAs;
import io.homespan.rpc.GrpcCode;
import io.homespan.rpc.Reply;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The world as a script has it, under a clock that moves only when a test says so. A call is
 * answered by the next step for its peer; when the script has ended, with OK after a millisecond.
 */
final class ScriptedRoad implements Road {
  /** How a call ends, and how long that takes. */
  record Step(Duration after, Reply reply) {}

  /** A call as it was made. */
  record Call(String peer, String host, List<Consignment> batch, Duration timeout, long at) {
    int spans() {
      return batch.stream().mapToInt(one -> one.part().spans()).sum();
    }
  }

  /** What this node had to keep. */
  record Kept(Consignment consignment, KeptAs as) {}

  private record Event(long at, long number, Runnable what) {}

  static final Duration MILLI = Duration.ofMillis(1);

  final List<Call> calls = new ArrayList<>();
  final List<Kept> kept = new ArrayList<>();
  final Map<ForwardStep, Integer> steps = new EnumMap<>(ForwardStep.class);
  final Map<Doubt, Integer> perhapsTwice = new EnumMap<>(Doubt.class);
  private final Map<String, Deque<Step>> scripts = new HashMap<>();
  private final PriorityQueue<Event> events =
      new PriorityQueue<>(Comparator.comparingLong(Event::at).thenComparingLong(Event::number));
  private long now;
  private long events0;

  void then(String peer, Step step) {
    scripts.computeIfAbsent(peer, id -> new ArrayDeque<>()).add(step);
  }

  void then(String peer, Reply reply) {
    then(peer, new Step(MILLI, reply));
  }

  /** The scripts have ended. */
  void forget() {
    scripts.clear();
  }

  static Reply answered(int status) {
    return new Reply.Answered(status, "says the script", null, Buffer.buffer());
  }

  static Reply fullFor(Duration hint) {
    return new Reply.Answered(GrpcCode.UNAVAILABLE, "busy", hint, Buffer.buffer());
  }

  static Reply refused() {
    return new Reply.NotSent("connection refused");
  }

  static Step timedOut() {
    return new Step(Duration.ofSeconds(3), new Reply.Lost("no answer in time"));
  }

  Stream<String> called() {
    return calls.stream().map(Call::peer);
  }

  /** Lets time pass, until nothing more happens. Fails after too many events: that is a loop. */
  void runOut() {
    for (int i = 0; !events.isEmpty(); i++) {
      if (i > 100_000) throw new AssertionError("it never comes to rest");
      next();
    }
  }

  void run(Duration time) {
    long until = now + time.toNanos();
    while (!events.isEmpty() && events.element().at() <= until) next();
    now = until;
  }

  private void next() {
    Event event = events.remove();
    now = Math.max(now, event.at());
    event.what().run();
  }

  @Override
  public void call(Peer peer, List<Consignment> batch, Duration timeout, Consumer<Reply> ended) {
    calls.add(new Call(peer.id(), peer.host(), List.copyOf(batch), timeout, now));
    @Nullable Deque<Step> script = scripts.get(peer.id());
    @Nullable Step step = script == null ? null : script.poll();
    Step done = step == null ? new Step(MILLI, answered(GrpcCode.OK)) : step;
    boolean inTime = done.after().compareTo(timeout) <= 0;
    if (inTime) after(done.after(), () -> ended.accept(done.reply()));
    else after(timeout, () -> ended.accept(new Reply.Lost("no answer in time")));
  }

  @Override
  public void keep(Consignment consignment, KeptAs as, Consumer<Fates> done) {
    kept.add(new Kept(consignment, as));
    int spans = consignment.part().spans();
    after(Duration.ZERO, () -> done.accept(Fates.of(new Fate.Kept(as, spans))));
  }

  @Override
  public void stepped(ForwardStep step, int parts) {
    steps.merge(step, parts, Integer::sum);
  }

  @Override
  public void perhapsTwice(Doubt doubt, int spans) {
    perhapsTwice.merge(doubt, spans, Integer::sum);
  }

  @Override
  public void after(Duration time, Runnable then) {
    events.add(new Event(now + time.toNanos(), events0++, then));
  }

  @Override
  public long now() {
    return now;
  }
}
