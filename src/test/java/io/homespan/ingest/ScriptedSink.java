package io.homespan.ingest;

import io.homespan.bus.Fate;
import io.homespan.bus.Fates;
import io.homespan.bus.Forward;
import io.homespan.bus.Keep;
import io.homespan.bus.Topics;
import io.homespan.metrics.DropReason;
import io.homespan.metrics.KeptAs;
import io.homespan.metrics.RefuseReason;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.IntFunction;

/** Stands for sinks and egress: confirms all that it is asked, unless the test says otherwise. */
final class ScriptedSink {
  final Queue<Keep> kept = new ConcurrentLinkedQueue<>();
  final Queue<Forward> forwarded = new ConcurrentLinkedQueue<>();
  private volatile IntFunction<Future<Fates>> keeping = spans -> Future.failedFuture("unset");
  private volatile boolean confirms = true;

  /** Begins to answer. */
  void listen(Vertx vertx) {
    Topics.SPANS_KEEP.answer(
        vertx,
        keep -> {
          kept.add(keep);
          int spans = keep.part().spans();
          return confirms
              ? Future.succeededFuture(Fates.of(new Fate.Kept(keep.as(), spans)))
              : keeping.apply(spans);
        });
    Topics.SPANS_FORWARD.answer(
        vertx,
        forward -> {
          forwarded.add(forward);
          Fate fate = new Fate.Forwarded(forward.owner().id(), forward.part().spans());
          return Future.succeededFuture(Fates.of(fate));
        });
  }

  /** What is to be kept gets this fate from now on. */
  void keeps(IntFunction<Future<Fates>> fates) {
    keeping = fates;
    confirms = false;
  }

  void refuses(Duration hint) {
    keeps(
        spans ->
            Future.succeededFuture(
                Fates.of(new Fate.Refused(RefuseReason.FULL, hint, "the sink is full", spans))));
  }

  void dropsOneSpanOfEachPart() {
    keeps(
        spans ->
            Future.succeededFuture(
                new Fates(
                    List.of(
                        new Fate.Dropped(DropReason.SINK_REFUSED, "the backend says no", 1),
                        new Fate.Kept(KeptAs.OWNER, spans - 1)))));
  }

  void neverAnswers() {
    keeps(spans -> Promise.<Fates>promise().future());
  }

  int spans() {
    int spans = 0;
    for (Keep keep : kept) spans += keep.part().spans();
    for (Forward forward : forwarded) spans += forward.part().spans();
    return spans;
  }
}
