package io.homespan.config;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Variables that override keys: {@code HOMESPAN_} and the path in capitals, joined by {@code _}.
 */
final class Environment {
  private static final String PREFIX = "HOMESPAN_";

  /** What Kubernetes injects for services named homespan and homespan-x. */
  private static final Pattern INJECTED_NAME =
      Pattern.compile(
          "HOMESPAN_(PORT|(\\w+_)?(SERVICE_HOST|SERVICE_PORT(_\\w+)?"
              + "|PORT_\\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?))");

  private static final Pattern INJECTED_VALUE = Pattern.compile("(tcp|udp|sctp)://.*");

  private static final Map<String, Key<?>> VARIABLES =
      Schema.KEYS.stream().collect(Collectors.toUnmodifiableMap(Key::variable, key -> key));

  private Environment() {}

  /**
   * Overrides what the file says.
   *
   * @param sinks variables for a sink apply if there is just one
   */
  static void apply(
      Map<String, String> env,
      SectionReader reader,
      Values node,
      List<Values> sinks,
      List<Problem> problems) {
    new TreeMap<>(env)
        .forEach(
            (name, text) -> {
              if (!name.startsWith(PREFIX) || isInjected(name, text)) {
                return;
              }
              Key<?> key = VARIABLES.get(name);
              if (key == null) {
                problems.add(unknown(name));
              } else if (!Schema.isSinks(key)) {
                reader.override(key, text, node);
              } else if (sinks.size() == 1) {
                reader.override(key, text, sinks.get(0));
              } else {
                problems.add(
                    Problem.error(
                        name,
                        "there are " + sinks.size() + " sinks, and it names none of them",
                        "set it in the file"));
              }
            });
  }

  private static Problem unknown(String name) {
    return Problem.warning(
        name,
        "unknown variable, has no effect",
        "the nearest known one is " + NearestKey.of(name, VARIABLES.keySet()));
  }

  private static boolean isInjected(String name, String text) {
    return INJECTED_VALUE.matcher(text).matches() || INJECTED_NAME.matcher(name).matches();
  }
}
