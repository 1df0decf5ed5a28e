package io.homespan.config;

import io.homespan.config.Entry.Section;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What to say of a key that nobody knows: a slip, a wrong level, or something else. */
final class UnknownKey {
  private UnknownKey() {}

  static Problem problem(Section section, String name, String at) {
    return Problem.error(at, "unknown key", remedy(section, name));
  }

  private static String remedy(Section section, String name) {
    Map<String, List<String>> everywhere = Schema.TOP.pathsByName();
    String full = section.path().isEmpty() ? name : section.path() + "." + name;
    for (List<String> paths : everywhere.values()) {
      if (name.indexOf('.') > 0 && (paths.contains(full) || paths.contains(name))) {
        return "keys are nested, not joined by dots: " + nested(paths.contains(full) ? full : name);
      }
    }
    List<String> elsewhere = everywhere.get(name);
    if (elsewhere != null) {
      return "wrong level: did you mean " + String.join(" or ", elsewhere) + "?";
    }
    List<String> siblings = section.known();
    String sibling = NearestKey.of(name, siblings);
    if (sibling != null && NearestKey.isSlip(name, sibling)) {
      return "did you mean " + sibling + "?";
    }
    String other = NearestKey.of(name, everywhere.keySet());
    if (other != null && NearestKey.isSlip(name, other)) {
      return "did you mean " + String.join(" or ", paths(everywhere, other)) + "?";
    }
    return "the nearest known key is " + sibling + "; known here: " + String.join(", ", siblings);
  }

  private static List<String> paths(Map<String, List<String>> everywhere, String name) {
    return everywhere.getOrDefault(name, List.of());
  }

  private static String nested(String path) {
    List<String> parts = new ArrayList<>(List.of(path.split("\\.")));
    String last = parts.remove(parts.size() - 1);
    StringBuilder text = new StringBuilder();
    parts.forEach(part -> text.append(part).append(": { "));
    return text.append(last).append(": ...").append(" }".repeat(parts.size())).toString();
  }
}
