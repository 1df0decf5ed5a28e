package io.homespan.config;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What was read for the keys, and where each stood. Not thread safe. */
final class Values {
  private final String prefix;
  private final String at;
  private final Map<Key<?>, Object> values = new HashMap<>();
  private final Map<Key<?>, String> places = new HashMap<>();
  private final Set<Key<?>> refused = new HashSet<>();

  /**
   * Nothing yet.
   *
   * @param prefix the section that stands elsewhere than the schema says
   * @param at where it stands
   */
  Values(String prefix, String at) {
    this.prefix = prefix;
    this.at = at;
  }

  /** The value, or the default; also the default for a key whose value was refused. */
  <T> T get(Key<T> key) {
    return Objects.requireNonNull(find(key), key.path());
  }

  int number(Key<Long> key) {
    return Math.toIntExact(get(key));
  }

  /** As {@link #get}; null where there is no default. */
  @SuppressWarnings("unchecked") // put() saw to it
  <T> @Nullable T find(Key<T> key) {
    Object value = values.get(key);
    return value == null ? key.otherwise() : (T) value;
  }

  /** Keeps a value; null: it was refused. */
  <T> void put(Key<T> key, @Nullable T value, String place) {
    places.put(key, place);
    if (value == null) {
      refused.add(key);
    } else {
      values.put(key, value);
      refused.remove(key);
    }
  }

  /** The key stands somewhere without a value. */
  void empty(Key<?> key, String place) {
    places.put(key, place);
    values.remove(key);
  }

  /** Can what these keys say be compared? Not if one of them was refused. */
  boolean sound(Key<?>... keys) {
    for (Key<?> key : keys) {
      if (refused.contains(key)) {
        return false;
      }
    }
    return true;
  }

  /** Does it hold something else than the default? */
  boolean changed(Key<?> key) {
    Object value = values.get(key);
    return value != null && !value.equals(key.otherwise());
  }

  /** Was a value given, be it the default? */
  boolean given(Key<?> key) {
    return values.containsKey(key) || refused.contains(key);
  }

  /** Where the value stands, or would stand: a path in the file, or a variable. */
  String place(Key<?> key) {
    String path = key.path();
    String usual = path.startsWith(prefix + ".") ? at + path.substring(prefix.length()) : path;
    return places.getOrDefault(key, usual);
  }
}
