package io.homespan.egress;

import java.util.Locale;

/**
 * Why spans go to another peer although the first may have kept them. The name in lower case is the
 * label of {@code homespan_spans_perhaps_twice_total}.
 */
enum Doubt {
  /** It did not answer twice, or has died: a stand-in gets them. */
  STAND_IN,
  /** It has left the tier: who owns them now gets them. */
  NEW_TABLE;

  static final String METRIC = "homespan_spans_perhaps_twice";
  static final String HELP =
      "Spans that went elsewhere although a peer that did not answer may have kept them";

  String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
