package io.homespan.config;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A key that has an effect.
 *
 * @param otherwise its default; null: there is none, and the key may be empty
 */
record Key<T>(String path, Kind<T> kind, @Nullable T otherwise) implements Entry {
  /** The environment variable that overrides it. */
  String variable() {
    return "HOMESPAN_" + path.toUpperCase(Locale.ROOT).replace('.', '_');
  }

  /** May it stand in the file with nothing after it? */
  boolean mayBeEmpty() {
    return otherwise == null || kind.mayBeEmpty();
  }
}
