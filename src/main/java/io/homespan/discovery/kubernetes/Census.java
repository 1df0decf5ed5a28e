package io.homespan.discovery.kubernetes;

import io.homespan.discovery.Address;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What the endpoints of a service come to.
 *
 * @param addresses of those that are peers, each once, in order
 * @param notes the zones of those that are told, and who is not ready, by their addresses as
 *     listed; not to be changed
 * @param fates how many endpoints became what; not to be changed
 * @param zones how many peers are in each zone; not to be changed
 * @param ports the names of ports that there are; not to be changed
 */
record Census(
    List<Address> addresses,
    Map<String, String> notes,
    Map<Fate, Integer> fates,
    SortedMap<String, Integer> zones,
    List<String> ports) {

  /** What became of an endpoint. The name in lower case is a metric's label. */
  enum Fate {
    PEER,
    /** Left out, as {@code include_not_ready} is false. */
    NOT_READY,
    TERMINATING,
    /** Its slice has no port of the name. */
    NO_PORT,
    FQDN,
    MALFORMED;

    String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  static Census empty() {
    return new Census(List.of(), Map.of(), new EnumMap<>(Fate.class), new TreeMap<>(), List.of());
  }

  int count(Fate fate) {
    return fates.getOrDefault(fate, 0);
  }

  /** For the log: {@code peer=3 terminating=1 zones a=2 b=1}. */
  String summary() {
    String counts = fates.isEmpty() ? "none" : counted();
    if (zones.isEmpty()) return counts;
    String spread =
        zones.entrySet().stream()
            .map(each -> each.getKey() + "=" + each.getValue())
            .collect(Collectors.joining(" ", " zones ", ""));
    return counts + spread;
  }

  private String counted() {
    return fates.entrySet().stream()
        .map(each -> each.getKey().label() + "=" + each.getValue())
        .collect(Collectors.joining(" "));
  }

  /** Why there is no peer, for the operator. */
  String whyEmpty(String service, String port) {
    if (fates.isEmpty()) {
      return "service "
          + service
          + " has no endpoints: is it there, and does its selector match the pods' labels?";
    }
    if (count(Fate.NO_PORT) > 0) {
      return "no port of service "
          + service
          + " is named "
          + port
          + "; write one of "
          + (ports.isEmpty()
              ? "its names, when it has any"
              : String.join(", ", ports.subList(0, Math.min(5, ports.size()))))
          + " as discovery.kubernetes.port, or a number";
    }
    String hint =
        count(Fate.NOT_READY) > 0 ? "; discovery.kubernetes.include_not_ready: true has them" : "";
    return "no endpoint of service " + service + " can be a peer: " + counted() + hint;
  }
}
