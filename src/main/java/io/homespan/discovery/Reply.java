package io.homespan.discovery;

/** How it ended to ask an address who it is. */
sealed interface Reply {
  /** A node of this cluster. */
  record Answered(Hello hello) implements Reply {}

  /** A node of another cluster, which says no more than that. */
  record OtherCluster(String cluster) implements Reply {}

  /** Something that speaks HTTP/2 but not this exchange: a plain OTLP receiver, most likely. */
  record Foreign() implements Reply {}

  /** Nobody, or nobody who could answer now. */
  record Unanswered(String cause) implements Reply {}
}
