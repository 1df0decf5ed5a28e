package io.homespan.config;

import io.homespan.config.Config.Routing;
import io.homespan.config.Words.OneOf;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What must hold for the key by which spans are routed. */
final class RoutingRules {
  static final String TRACE_ID = "traceID";
  private static final String SERVICE = "service";
  private static final String ATTRIBUTES = "attributes";
  private static final List<String> WORDS = List.of(TRACE_ID, SERVICE, ATTRIBUTES);

  private RoutingRules() {}

  /** One of the words, in any case. */
  record ByWhat() implements Kind<String> {
    @Override
    public @Nullable String read(Object value, Wrong wrong) {
      if (value instanceof String text) {
        for (String word : WORDS) if (word.equalsIgnoreCase(text.trim())) return word;
      }
      return new OneOf(WORDS).read(value, wrong);
    }
  }

  static Routing routing(Values node) {
    String key = node.get(Schema.ROUTING_KEY);
    List<String> attributes =
        switch (key) {
          case SERVICE -> List.of("service.name");
          case ATTRIBUTES -> node.get(Schema.ROUTING_ATTRIBUTES).stream().distinct().toList();
          default -> List.of();
        };
    return new Routing(key.toLowerCase(Locale.ROOT), attributes);
  }

  static void check(Values node, List<Problem> problems) {
    if (!node.sound(Schema.ROUTING_KEY, Schema.ROUTING_ATTRIBUTES)) return;
    String key = node.get(Schema.ROUTING_KEY);
    boolean named = !node.get(Schema.ROUTING_ATTRIBUTES).isEmpty();
    if (key.equals(ATTRIBUTES) && !named) {
      problems.add(
          Problem.error(
              node.place(Schema.ROUTING_ATTRIBUTES),
              "is empty, and routing_key is attributes",
              "list their names, such as [service.name, http.route]"));
    }
    if (!key.equals(ATTRIBUTES) && named) {
      problems.add(
          Problem.warning(
              node.place(Schema.ROUTING_ATTRIBUTES),
              "has no effect: routing_key is " + key,
              "write routing_key: attributes to use it"));
    }
    if (!key.equals(TRACE_ID) && !GatewayRules.isGateway(node)) {
      problems.add(
          Problem.warning(
              node.place(Schema.ROUTING_KEY),
              key + " splits traces: the spans of one are kept on several nodes",
              "write traceID for whole traces; else the same on every node"));
    }
  }
}
