package io.homespan.ingest;

import io.homespan.bus.Deliver;
import io.homespan.bus.Delivered;
import io.homespan.bus.Fate;
import io.homespan.bus.Fates;
import io.homespan.bus.Forward;
import io.homespan.bus.Keep;
import io.homespan.bus.Store;
import io.homespan.bus.Topic;
import io.homespan.bus.Topics;
import io.homespan.bus.Unanswered;
import io.homespan.metrics.KeptAs;
import io.homespan.otlp.Batch;
import io.homespan.otlp.Cutter;
import io.homespan.otlp.Cutting;
import io.homespan.otlp.MalformedException;
import io.homespan.otlp.Part;
import io.homespan.otlp.RoutingKey;
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
  record Outcome(List<Fates> parts, int invalid) {
    /**
     * Whether nobody reads the request any more. That is sure of parts whose every span has arrived
     * somewhere: those who tried others have given up before. Who refuses may have done so for
     * somebody who is still at it, and what is stored has no fate yet: the journal holds it.
     */
    boolean isSpent() {
      if (parts.isEmpty()) return false;
      for (Fates part : parts) {
        for (Fate fate : part.all()) {
          if (fate instanceof Fate.Refused || fate instanceof Fate.Dropped) return false;
        }
      }
      return true;
    }
  }

  private final Vertx vertx;
  private final LongSupplier nanoClock;
  private final Supplier<Duration> hints;
  private final Cutting cutter;
  private final Cutter nobodys = new Cutter(); // for requests that stay whole

  Delivery(Vertx vertx, RoutingKey routing, LongSupplier nanoClock, Supplier<Duration> hints) {
    this.cutter = routing.cutter();
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
      parts.add(handOver(piece, tier, egress, deadline));
    }
    return gathered(parts, cut.invalidSpans());
  }

  /**
   * Has the journal store a sender's request, which keeps it until it is delivered. The outcome has
   * fates of what could not be stored only.
   */
  Future<Outcome> store(Buffer request, Neighbourhood tier, long deadline)
      throws MalformedException {
    // as it would be cut now, so that what can't be is refused and not stored
    Cutter.Cut cut = cutter.cut(request, tier.table()::owner);
    int invalid = cut.invalidSpans();
    if (cut.spans() == 0) return Future.succeededFuture(new Outcome(List.of(), invalid));
    Part part =
        invalid == 0
            ? new Part(cut.pieces().get(0).part().id(), request, cut.spans())
            : nobodys.cut(request, (high, low) -> 0).pieces().get(0).part();
    return Topics.SPANS_STORE
        .ask(vertx, new Store(part, deadline), millisUntil(deadline))
        .map(
            stored ->
                stored.refusal() == null ? List.<Fates>of() : List.of(Fates.of(stored.refusal())))
        .otherwise(cause -> List.of(Unanswered.refused(cause, part.spans(), hints.get())))
        .map(fates -> new Outcome(fates, invalid));
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
    return keepWhole(request, deadline);
  }

  /** The same of who is not believed what it says of parts. */
  Future<Outcome> keepWhole(Buffer request, long deadline) throws MalformedException {
    List<Future<Fates>> parts = new ArrayList<>();
    Cutter.Cut cut = nobodys.cut(request, (high, low) -> 0);
    for (Cutter.Piece piece : cut.pieces()) parts.add(keep(piece.part(), KeptAs.OWNER, deadline));
    return gathered(parts, cut.invalidSpans());
  }

  /**
   * Brings each span of a stored request to the owner of its trace, as the tier is now, and books
   * those that have arrived.
   */
  Future<Delivered> again(
      Deliver stored, Neighbourhood tier, Topic<Forward, Fates> egress, Ledger ledger)
      throws MalformedException {
    Cutter.Cut cut;
    try {
      cut = cutter.cut(stored.request(), tier.table()::owner);
    } catch (
        MalformedException e) { // its headers are too large for so many owners as there are now
      cut = nobodys.cut(stored.request(), (high, low) -> Math.max(0, tier.self()));
    }
    List<Part> parts = cut.pieces().stream().map(Cutter.Piece::part).toList();
    List<Future<Fates>> fates =
        cut.pieces().stream()
            .map(piece -> handOver(piece, tier, egress, stored.deadline()))
            .toList();
    return gathered(fates, cut.invalidSpans())
        .map(
            outcome -> {
              ledger.bookFinal(outcome.parts(), outcome.invalid());
              return rest(parts, outcome.parts());
            });
  }

  private static Delivered rest(List<Part> parts, List<Fates> fates) {
    List<Part> refused = new ArrayList<>();
    Duration retryAfter = Duration.ZERO;
    String why = "";
    for (int i = 0; i < parts.size(); i++) {
      if (fates.get(i).isRefused()) refused.add(parts.get(i));
      for (Fate fate : fates.get(i).all()) {
        if (!(fate instanceof Fate.Refused one)) continue;
        why = one.why();
        if (one.retryAfter().compareTo(retryAfter) > 0) retryAfter = one.retryAfter();
      }
    }
    return new Delivered(refused, retryAfter, why);
  }

  private static Future<Outcome> gathered(List<Future<Fates>> parts, int invalid) {
    return Future.all(parts).map(all -> new Outcome(all.list(), invalid));
  }

  private Future<Fates> handOver(
      Cutter.Piece piece, Neighbourhood tier, Topic<Forward, Fates> egress, long deadline) {
    Part part = piece.part();
    return piece.owner() == tier.self()
        ? keep(part, KeptAs.OWNER, deadline)
        : forward(egress, new Forward(part, tier.table().peer(piece.owner()), deadline));
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
