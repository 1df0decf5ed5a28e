package io.homespan.ingest;

import io.homespan.bus.Fates;
import io.homespan.bus.Forward;
import io.homespan.bus.Keep;
import io.homespan.bus.Topic;
import io.homespan.bus.Topics;
import io.homespan.bus.Unanswered;
import io.homespan.metrics.KeptAs;
import io.homespan.otlp.Batch;
import io.homespan.otlp.Cutter;
import io.homespan.otlp.MalformedException;
import io.homespan.otlp.Part;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Cuts a request, hands its parts over and waits for their fates, until the deadline and no longer.
 * Belongs to one event loop.
 */
final class Delivery {
  /**
   * What became of a request.
   *
   * @param parts the fates of each part, in the order of the parts
   * @param invalid spans that were in no part
   */
  record Outcome(List<Fates> parts, int invalid) {}

  private final Vertx vertx;
  private final LongSupplier nanoClock;
  private final Supplier<Duration> hints;
  private final Cutter cutter = new Cutter();

  Delivery(Vertx vertx, LongSupplier nanoClock, Supplier<Duration> hints) {
    this.vertx = vertx;
    this.nanoClock = nanoClock;
    this.hints = hints;
  }

  /** Brings each span of a sender's request to the owner of its trace. */
  Future<Outcome> scatter(
      Buffer request, Neighbourhood tier, Topic<Forward, Fates> egress, long deadline)
      throws MalformedException {
    Cutter.Cut cut = cutter.cut(request, tier.table()::owner);
    List<Future<Fates>> parts = new ArrayList<>(cut.pieces().size());
    for (Cutter.Piece piece : cut.pieces()) {
      Part part = piece.part();
      parts.add(
          piece.owner() == tier.self()
              ? keep(part, KeptAs.OWNER, deadline)
              : forward(egress, new Forward(part, tier.table().peer(piece.owner()), deadline)));
    }
    return gathered(parts, cut.invalidSpans());
  }

  /** Keeps what a peer sent, whoever owns it: a span hops once. */
  Future<Outcome> keepAll(Buffer request, long deadline) throws MalformedException {
    List<Future<Fates>> parts = new ArrayList<>();
    var entries = Batch.split(request);
    if (entries.isPresent()) {
      for (Batch.Entry entry : entries.get()) {
        KeptAs as = entry.standIn() ? KeptAs.STAND_IN : KeptAs.OWNER;
        parts.add(keep(entry.part(), as, deadline));
      }
      return gathered(parts, 0);
    }
    Cutter.Cut cut = cutter.cut(request, (high, low) -> 0);
    for (Cutter.Piece piece : cut.pieces()) parts.add(keep(piece.part(), KeptAs.OWNER, deadline));
    return gathered(parts, cut.invalidSpans());
  }

  private static Future<Outcome> gathered(List<Future<Fates>> parts, int invalid) {
    return Future.all(parts).map(all -> new Outcome(all.list(), invalid));
  }

  private Future<Fates> keep(Part part, KeptAs as, long deadline) {
    return Topics.SPANS_KEEP
        .ask(vertx, new Keep(part, as, deadline), millisUntil(deadline))
        .otherwise(cause -> Unanswered.refused(cause, part.spans(), hints.get()));
  }

  private Future<Fates> forward(Topic<Forward, Fates> egress, Forward forward) {
    return egress
        .ask(vertx, forward, millisUntil(forward.deadline()))
        .otherwise(cause -> Unanswered.refused(cause, forward.part().spans(), hints.get()));
  }

  private long millisUntil(long deadline) {
    return Deadlines.millisUntil(deadline, nanoClock.getAsLong());
  }
}
