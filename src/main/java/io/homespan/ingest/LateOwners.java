package io.homespan.ingest;

import io.homespan.bus.Fate;
import io.homespan.bus.Fates;
import io.homespan.otlp.Batch;
import io.homespan.otlp.Cutting;
import io.homespan.otlp.MalformedException;
import io.homespan.otlp.RoutingKey;
import io.vertx.core.buffer.Buffer;
import java.util.List;

/**
 * Finds what a peer, by a table of its own, sent to a node that is not the owner, or not any more.
 * It was kept all the same, since a span hops once; other spans of its trace may be elsewhere. Not
 * thread safe: belongs to one event loop.
 */
final class LateOwners {
  private final Cutting cutter;
  private int elsewhere;

  LateOwners(RoutingKey routing) {
    this.cutter = routing.cutter();
  }

  /**
   * How many spans of a batch were kept here as the owner's, though by this table another peer owns
   * their traces. Walks over the whole batch, so it is for batches by another table only.
   */
  int spansIn(Buffer batch, List<Fates> parts, Neighbourhood tier) {
    elsewhere = 0;
    try {
      List<Batch.Entry> entries = Batch.split(batch).orElse(List.of());
      for (int i = 0; i < entries.size(); i++) {
        Batch.Entry entry = entries.get(i);
        if (entry.standIn() || !isKept(parts.get(i))) continue;
        cutter.cut(entry.part().bytes(), (high, low) -> count(tier, high, low));
      }
    } catch (MalformedException e) {
      return elsewhere; // spans that a sink refused; they are in no trace
    }
    return elsewhere;
  }

  private int count(Neighbourhood tier, long high, long low) {
    if (tier.table().owner(high, low) != tier.self()) elsewhere++;
    return 0; // one owner, so nothing is copied
  }

  private static boolean isKept(Fates part) {
    return part.all().stream().anyMatch(Fate.Kept.class::isInstance);
  }
}
