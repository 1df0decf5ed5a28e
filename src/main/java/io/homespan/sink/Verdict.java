package io.homespan.sink;

import io.homespan.bus.Fate;
import io.homespan.bus.Fates;
import io.homespan.metrics.DropReason;
import io.homespan.metrics.KeptAs;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What all sinks together say about a part, in the order of the configuration.
 *
 * <p>One refusal refuses the part. Spans that several sinks dropped are taken to be the same ones,
 * since no sink says which: the most that one dropped counts.
 */
record Verdict(List<Outcome> bySink) {
  Verdict {
    bySink = List.copyOf(bySink);
  }

  /** Every one of so many sinks has confirmed. */
  static Verdict kept(int sinks) {
    return new Verdict(Collections.nCopies(sinks, Outcome.CONFIRMED));
  }

  /** The first refusal, or null when the part is settled for good. */
  Outcome.@Nullable Refused refusal() {
    for (Outcome outcome : bySink) {
      if (outcome instanceof Outcome.Refused refused) return refused;
    }
    return null;
  }

  /** Whether each sink has all of it. */
  boolean keptWhole() {
    return bySink.stream().allMatch(Outcome.Confirmed.class::isInstance);
  }

  /** Whether some sink is done with it, so that it must not be asked again. */
  boolean partlySettled() {
    return !bySink.stream().allMatch(Outcome.Refused.class::isInstance);
  }

  /** The fates of a part that was asked for the first time. */
  Fates fates(int spans, KeptAs as, Duration hint) {
    return fates(spans, hint, kept -> new Fate.Kept(as, kept));
  }

  /**
   * The fates of a repeat. What the first one dropped, this one drops as well and is booked with
   * it: its sender must be told too.
   */
  Fates repeated(int spans, Duration hint) {
    return fates(spans, hint, Fate.Repeated::new);
  }

  private Fates fates(int spans, Duration hint, IntFunction<Fate> settled) {
    Outcome.Refused refused = refusal();
    if (refused != null) {
      return Fates.of(new Fate.Refused(refused.reason(), hint, refused.why(), spans));
    }
    List<Outcome.Dropped> drops =
        bySink.stream()
            .map(o -> o instanceof Outcome.Dropped dropped ? dropped : null)
            .filter(Objects::nonNull)
            .toList();
    int dropped = 0;
    for (Outcome.Dropped drop : drops) dropped = Math.max(dropped, Math.min(spans, drop.spans()));
    if (dropped == 0) return Fates.of(settled.apply(spans));
    String why = drops.stream().map(Outcome.Dropped::why).collect(Collectors.joining("; "));
    List<Fate> fates = new ArrayList<>(2);
    if (dropped < spans) fates.add(settled.apply(spans - dropped));
    fates.add(new Fate.Dropped(DropReason.SINK_REFUSED, why, dropped));
    return new Fates(fates);
  }
}
