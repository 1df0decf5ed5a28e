package io.homespan.guard;

import io.homespan.config.Config.SecretFile;
import io.homespan.metrics.Metrics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a backend is told with each call: a key, a tenant's name. One file, {@code name: value} a
 * line. Any thread may call.
 */
final class LiveHeaders {
  private static final int MOST = 32;
  private static final int MOST_CHARACTERS = 8192; // names and values together, as servers take
  private static final Pattern LINE =
      Pattern.compile("([A-Za-z0-9][A-Za-z0-9_.-]*)\\s*:\\s*([\\x20-\\x7e]*[\\x21-\\x7e])\\s*");
  private static final Set<String> OURS =
      Set.of("te", "host", "connection", "content-type", "content-length", "user-agent");

  private final LiveFiles<Map<String, String>> files;

  private LiveHeaders(LiveFiles<Map<String, String>> files) {
    this.files = files;
  }

  /**
   * Reads the file. Blocks.
   *
   * @param of what it is for, as a metric's label
   */
  static LiveHeaders read(String of, SecretFile file, Metrics metrics) throws UnusableException {
    return new LiveHeaders(new LiveFiles<>(of, List.of(file), before -> headers(file), metrics));
  }

  /**
   * In the order of the file, names in lower case. What is wrong is told without values. Blocks.
   */
  static Map<String, String> headers(SecretFile file) throws UnusableException {
    Map<String, String> all = new LinkedHashMap<>();
    int characters = 0;
    List<String> lines = Pem.text(file).lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (line.isEmpty() || line.startsWith("#")) continue;
      String where = " in line " + (i + 1);
      Matcher matcher = LINE.matcher(line);
      if (!matcher.matches()) {
        throw new UnusableException(
            file, "has no header" + where, "write name: value, of printable ASCII characters");
      }
      String name = matcher.group(1).toLowerCase(Locale.ROOT);
      if (OURS.contains(name) || name.startsWith("grpc-") || name.startsWith("homespan-")) {
        throw new UnusableException(
            file, "has the header " + name + where + ", which is the call's own", "take it out");
      }
      if (all.put(name, matcher.group(2)) != null) {
        throw new UnusableException(file, "has " + name + " twice" + where, "write it once");
      }
      characters += line.length();
    }
    if (all.isEmpty()) {
      throw new UnusableException(file, "holds no header", "write name: value, or name no file");
    }
    if (all.size() > MOST || characters > MOST_CHARACTERS) {
      throw new UnusableException(
          file,
          "holds more than " + MOST + " headers or " + MOST_CHARACTERS + " characters",
          "write fewer: no backend takes so many");
    }
    return all;
  }

  LiveFiles<?> files() {
    return files;
  }

  /** The same object until the file changes. */
  Map<String, String> now() {
    return files.now();
  }
}
