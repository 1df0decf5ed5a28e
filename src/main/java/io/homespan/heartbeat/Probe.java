package io.homespan.heartbeat;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The kinds of measurements. */
public enum Probe {
  /** A new connection, and with it a new source port; the time until it is open. */
  TCP,
  /** A small unary call on an open connection of the mesh's own; its round trip. */
  GRPC,
  /** The same with a payload that comes back. */
  PAYLOAD;

  private final String word = name().toLowerCase(Locale.ROOT);

  /** As configured, counted and shown. */
  public String word() {
    return word;
  }

  /** The kind of this word, or null. */
  static @Nullable Probe of(String word) {
    for (Probe one : values()) if (one.word().equals(word)) return one;
    return null;
  }
}
