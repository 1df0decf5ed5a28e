package io.homespan.discovery;

/**
 * Something that is wrong now and that an operator should know.
 *
 * @param subject what it is about: with the kind it tells whether a problem is new
 * @param sentence for the operator
 */
record Problem(Kind kind, String subject, String sentence) {
  /** The name in lower case is a metric's label. */
  enum Kind {
    LOOKUP_FAILED(false),
    STALE(false),
    TOO_MANY(false),
    VIRTUAL_ADDRESS(false),
    TABLES_DIFFER(false),
    SAME_ID(true),
    OTHER_CLUSTER(true);

    private final boolean error;

    Kind(boolean error) {
      this.error = error;
    }

    /** Whether traces may be split as long as it lasts. */
    boolean isError() {
      return error;
    }
  }

  boolean isSameAs(Problem other) {
    return kind == other.kind && subject.equals(other.subject);
  }
}
