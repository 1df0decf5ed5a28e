package io.homespan.egress;

import io.homespan.bus.Fate;
import io.homespan.bus.Fates;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Gathers the fates of one forwarded part until every span has one. Not thread safe. */
final class Parcel {
  private final Consumer<Fates> done;
  private final List<Fate> fates = new ArrayList<>(1);
  private int open;

  Parcel(int spans, Consumer<Fates> done) {
    this.open = spans;
    this.done = done;
  }

  /** Ends some spans' way. */
  void add(Fate fate) {
    if (fate.spans() > open) {
      throw new IllegalStateException("fates for " + fate.spans() + " spans; " + open + " open");
    }
    fates.add(fate);
    open -= fate.spans();
    if (open == 0) done.accept(new Fates(fates));
  }
}
