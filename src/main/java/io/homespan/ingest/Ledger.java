package io.homespan.ingest;

import io.homespan.bus.Fate;
import io.homespan.bus.Fates;
import io.homespan.metrics.DropReason;
import io.homespan.metrics.Metrics;
import java.util.List;

/** Books every span that was cut, once, by its fate. Any thread may call. */
final class Ledger {
  private final Metrics metrics;
  private final Metrics.From from;

  Ledger(Metrics metrics, Metrics.From from) {
    this.metrics = metrics;
    this.from = from;
  }

  void book(List<Fates> parts, int invalid) {
    if (invalid > 0) metrics.dropped(from, DropReason.INVALID, invalid);
    for (Fates part : parts) part.all().forEach(this::book);
  }

  /**
   * The same, but a part of which anything is refused will be tried again as a whole, so nothing of
   * it is booked yet: each span is booked once.
   */
  void bookFinal(List<Fates> parts, int invalid) {
    book(parts.stream().filter(part -> !part.isRefused()).toList(), invalid);
  }

  private void book(Fate fate) {
    if (fate instanceof Fate.Kept kept) {
      metrics.kept(from, kept.as(), kept.spans());
    } else if (fate instanceof Fate.Forwarded forwarded) {
      metrics.forwarded(from, forwarded.peerId(), forwarded.spans());
    } else if (fate instanceof Fate.Repeated repeated) {
      metrics.repeated(repeated.spans());
    } else if (fate instanceof Fate.Refused refused) {
      metrics.refused(from, refused.reason(), refused.spans());
    } else if (fate instanceof Fate.Dropped dropped) {
      metrics.dropped(from, dropped.reason(), dropped.spans());
    }
  }
}
