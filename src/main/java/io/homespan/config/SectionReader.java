package io.homespan.config;

import io.homespan.config.Entry.Foreign;
import io.homespan.config.Entry.Section;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads mappings by the schema, and tells of all that does not fit. Not thread safe. */
final class SectionReader {
  private final List<Problem> problems;
  private final Set<String> ownProviders;
  private final Map<String, JsonObject> ownSettings = new TreeMap<>();
  private boolean foreignSeen;

  /** {@code ownProviders} may have sections under {@code discovery} that no schema knows. */
  SectionReader(List<Problem> problems, Set<String> ownProviders) {
    this.problems = problems;
    this.ownProviders = ownProviders;
  }

  /** What stands under the names of providers that are not ours. */
  Map<String, JsonObject> ownSettings() {
    return Map.copyOf(ownSettings);
  }

  /** Has a key been met that only Data Prepper uses? */
  boolean foreignSeen() {
    return foreignSeen;
  }

  /**
   * Reads one mapping.
   *
   * @param value what stands there; null: nothing, so that all has its default
   * @param at its path in the file; empty: the top
   */
  void read(Section section, @Nullable Object value, String at, Values into) {
    if (value == null) {
      return;
    }
    if (!(value instanceof JsonObject mapping)) {
      problems.add(
          Problem.error(
              at,
              Shown.typed(value) + ", not a mapping",
              "write keys below it, indented: " + String.join(", ", section.known())));
      return;
    }
    for (String name : mapping.fieldNames()) {
      Object child = mapping.getValue(name);
      String here = at.isEmpty() ? name : at + "." + name;
      Entry entry = section.entries().get(name);
      if (entry instanceof Section below) {
        read(below, child, here, into);
      } else if (entry instanceof Key<?> key) {
        key(key, child, here, into);
      } else if (entry instanceof Foreign foreign) {
        foreignSeen = true;
        problems.add(Problem.warning(here, "has no effect", foreign.note()));
      } else if (section.path().equals(Schema.DISCOVERY) && ownProviders.contains(name)) {
        own(name, child, here);
      } else {
        problems.add(UnknownKey.problem(section, name, here));
      }
    }
  }

  private void own(String name, @Nullable Object value, String at) {
    if (value instanceof JsonObject settings) {
      ownSettings.put(name, settings.copy());
    } else if (value != null) {
      problems.add(
          Problem.error(
              at,
              Shown.typed(value) + ", not a mapping",
              "write the settings of your provider below it, indented"));
    }
  }

  private <T> void key(Key<T> key, @Nullable Object value, String at, Values into) {
    if (value == null || (key.mayBeEmpty() && "".equals(value))) {
      empty(key, at, into);
    } else {
      into.put(key, key.kind().read(value, told(at)), at);
    }
  }

  private <T> void empty(Key<T> key, String at, Values into) {
    if (key.mayBeEmpty()) {
      into.empty(key, at);
    } else {
      problems.add(
          Problem.error(at, "is empty", "write a value, or remove it to have the default"));
      into.put(key, null, at);
    }
  }

  /** Reads a variable's text in place of what the file says. */
  <T> void override(Key<T> key, String text, Values into) {
    override(key, key.variable(), text, into);
  }

  /** The same of a variable that is not named after the key. */
  <T> void override(Key<T> key, String variable, String text, Values into) {
    if (text.isBlank()) {
      empty(key, variable, into);
    } else {
      into.put(key, key.kind().parse(text, told(variable)), variable);
    }
  }

  private Kind.Wrong told(String at) {
    return (where, what, remedy) -> problems.add(Problem.error(at + where, what, remedy));
  }
}
