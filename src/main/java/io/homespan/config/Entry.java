package io.homespan.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Something that may stand in the file, by its path from the top. */
sealed interface Entry permits Key, Entry.Foreign, Entry.Section {
  String path();

  /** The last word of the path. */
  default String name() {
    return path().substring(path().lastIndexOf('.') + 1);
  }

  /** A key of Data Prepper's {@code peer_forwarder} that has no effect here. */
  record Foreign(String path, String note) implements Entry {}

  /** Keys under a common name, in the order in which they are documented. */
  record Section(String path, Map<String, Entry> entries) implements Entry {
    /** Grows the tree that the paths describe. */
    static Section of(List<? extends Entry> all) {
      Section top = new Section("", new LinkedHashMap<>());
      for (Entry entry : all) {
        Section at = top;
        String path = entry.path();
        for (int dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', dot + 1)) {
          at = at.under(path.substring(0, dot));
        }
        at.entries.put(entry.name(), entry);
      }
      return top;
    }

    /** The section of that name; it must be there. */
    Section section(String name) {
      if (entries.get(name) instanceof Section section) {
        return section;
      }
      throw new IllegalArgumentException("no section " + name + " under " + path);
    }

    /** The names that have an effect. */
    List<String> known() {
      return entries.values().stream()
          .filter(entry -> entry instanceof Key || entry instanceof Section)
          .map(Entry::name)
          .toList();
    }

    /** Every path below that has an effect, sections included, by its last word. */
    Map<String, List<String>> pathsByName() {
      Map<String, List<String>> paths = new TreeMap<>();
      collect(paths);
      return paths;
    }

    private void collect(Map<String, List<String>> paths) {
      for (Entry entry : entries.values()) {
        if (entry instanceof Key || entry instanceof Section) {
          paths.computeIfAbsent(entry.name(), name -> new ArrayList<>()).add(entry.path());
        }
        if (entry instanceof Section section) {
          section.collect(paths);
        }
      }
    }

    private Section under(String prefix) {
      String name = prefix.substring(prefix.lastIndexOf('.') + 1);
      return (Section)
          entries.computeIfAbsent(name, absent -> new Section(prefix, new LinkedHashMap<>()));
    }
  }
}
