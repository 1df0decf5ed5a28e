package io.homespan.config;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a key may hold. A value that is refused is answered with null, after {@link Wrong} was told
 * why; a list tells of each element.
 */
interface Kind<T> {
  /** Reads what the YAML parser made of the value; never null. */
  @Nullable T read(Object value, Wrong wrong);

  /** Reads an environment variable, where everything is text. */
  default @Nullable T parse(String text, Wrong wrong) {
    return read(text, wrong);
  }

  /** May the key stand in the file with nothing after it? */
  default boolean mayBeEmpty() {
    return false;
  }

  /** Who is told what is wrong with a value. */
  interface Wrong {
    /**
     * Tells of one thing.
     *
     * @param at where in the value: empty, or {@code [2]} for an element of a list
     */
    void is(String at, String what, String remedy);

    default void is(String what, String remedy) {
      is("", what, remedy);
    }
  }

  /** A list; an environment variable separates the elements by commas. */
  record Listed<T>(Kind<T> element, boolean loneAllowed) implements Kind<List<T>> {
    @Override
    public @Nullable List<T> read(Object value, Wrong wrong) {
      if (value instanceof Iterable<?> elements) {
        return readAll(elements, wrong);
      }
      if (loneAllowed) {
        T lone = element.read(value, wrong);
        return lone == null ? null : List.of(lone);
      }
      wrong.is(
          Shown.typed(value) + ", not a list",
          "write [" + String.join(", ", Shown.bare(value).split(" *, *", -1)) + "]");
      return null;
    }

    @Override
    public @Nullable List<T> parse(String text, Wrong wrong) {
      List<String> words =
          Arrays.stream(text.split(",")).map(String::trim).filter(w -> !w.isEmpty()).toList();
      return readAll(words, wrong);
    }

    @Override
    public boolean mayBeEmpty() {
      return true;
    }

    private @Nullable List<T> readAll(Iterable<?> elements, Wrong wrong) {
      List<T> all = new ArrayList<>();
      boolean sound = true;
      int index = 0;
      for (Object each : elements) {
        String here = "[" + index++ + "]";
        T one = null;
        if (each == null) {
          wrong.is(here, "is empty", "write a value, or remove it");
        } else {
          one = element.read(each, (at, what, remedy) -> wrong.is(here + at, what, remedy));
        }
        if (one == null) {
          sound = false;
        } else {
          all.add(one);
        }
      }
      return sound ? List.copyOf(all) : null;
    }
  }

  /** {@code true} or {@code false}. */
  record Truth() implements Kind<Boolean> {
    @Override
    public @Nullable Boolean read(Object value, Wrong wrong) {
      if (value instanceof Boolean truth) {
        return truth;
      }
      wrong.is(Shown.typed(value) + ", not true or false", "write true or false, without quotes");
      return null;
    }

    @Override
    public @Nullable Boolean parse(String text, Wrong wrong) {
      return switch (text.trim().toLowerCase(Locale.ROOT)) {
        case "true" -> Boolean.TRUE;
        case "false" -> Boolean.FALSE;
        default -> {
          wrong.is(Shown.quoted(text) + " is neither true nor false", "write true or false");
          yield null;
        }
      };
    }
  }
}
