package io.homespan.bus;

import java.util.List;

/** The fates of a part's spans; together they are about all of its spans. */
public record Fates(List<Fate> all) {
  /** Copies the list. */
  public Fates {
    all = List.copyOf(all);
  }

  /** One fate for the whole part. */
  public static Fates of(Fate fate) {
    return new Fates(List.of(fate));
  }

  /** Whether any of the spans is to be sent again. */
  public boolean isRefused() {
    return all.stream().anyMatch(Fate.Refused.class::isInstance);
  }
}
