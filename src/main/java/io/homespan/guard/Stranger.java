package io.homespan.guard;

import java.util.Locale;

/** Why a caller is not let in. The name is the metric's label. */
enum Stranger {
  /** No token and no password came. */
  MISSING,
  /** What came is not known here. */
  WRONG;

  String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
