package io.homespan.config;

import io.homespan.config.Config.Endpoint;
import io.homespan.config.Words.DiscoveryMode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * How peers are found, once modes and their settings have been seen together.
 *
 * @param modes at least one
 * @param endpoints with ports, without repeats
 */
record Peers(List<String> modes, List<Endpoint> endpoints) {
  /**
   * Compares what was read.
   *
   * @param own the providers that are not ours
   * @param ownSet those of them that have settings
   */
  static Peers of(Values node, Set<String> own, Set<String> ownSet, List<Problem> problems) {
    List<Endpoint> endpoints = endpoints(node, problems);
    Set<String> modes = new LinkedHashSet<>(node.get(Schema.DISCOVERY_MODE));
    if (modes.isEmpty() && node.sound(Schema.DISCOVERY_MODE)) {
      problems.add(
          Problem.error(
              node.place(Schema.DISCOVERY_MODE), "is empty", "write " + DiscoveryMode.choices()));
    }
    if (node.sound(Schema.DISCOVERY_MODE)) {
      checkWords(node, own, ownSet, problems);
    }
    if (node.sound(Schema.DISCOVERY_MODE, Schema.STATIC_ENDPOINTS)) {
      checkStatic(node, modes, endpoints, problems);
    }
    if (node.sound(Schema.DISCOVERY_MODE, Schema.DOMAIN_NAME)) {
      checkDns(node, modes, problems);
    }
    if (node.sound(Schema.DISCOVERY_MODE)) {
      checkSettings(node, modes, problems);
      UdpRules.check(node, modes, problems);
      ZooKeeperRules.check(node, modes, problems);
      KubernetesRules.check(node, modes, problems);
    }
    return new Peers(List.copyOf(modes), endpoints);
  }

  private static void checkWords(
      Values node, Set<String> own, Set<String> ownSet, List<Problem> problems) {
    List<String> modes = node.get(Schema.DISCOVERY_MODE);
    String place = node.place(Schema.DISCOVERY_MODE);
    List<String> known = new ArrayList<>(DiscoveryMode.BUILT);
    known.addAll(own);
    for (String mode : modes) {
      if (known.contains(mode)) continue;
      String where = modes.size() == 1 ? "" : "[" + modes.indexOf(mode) + "]";
      String near = NearestKey.suggest(mode, known);
      String onClassPath =
          own.isEmpty()
              ? "; no provider of your own is on the class path"
              : "; of your own, on the class path: " + String.join(", ", own);
      problems.add(
          Problem.error(
              place + where,
              Shown.quoted(mode) + " is unknown",
              near + "write " + String.join(", ", DiscoveryMode.BUILT) + onClassPath));
    }
    for (String word : own) {
      if (DiscoveryMode.isBuiltIn(word)) {
        problems.add(
            Problem.warning(
                place,
                "a provider of your own is called " + word + " and has no effect",
                "let its kind() be another word: this one is built in"));
      }
    }
    for (String word : ownSet) {
      if (!modes.contains(word)) {
        problems.add(
            Problem.warning(
                Schema.DISCOVERY + "." + word,
                "has no effect",
                "add " + word + " to peer_forwarder.discovery_mode to use it"));
      }
    }
  }

  /** Settings of ways that are not used, and those without which a way is no use. */
  private static void checkSettings(Values node, Set<String> modes, List<Problem> problems) {
    for (String mode : DiscoveryMode.BUILT) {
      // names are looked up by its settings whatever finds them
      if (modes.contains(mode) || mode.equals(DiscoveryMode.DNS)) continue;
      for (Key<?> key : Schema.KEYS) {
        if (!key.path().startsWith(Schema.DISCOVERY + "." + mode + ".") || !node.changed(key)) {
          continue;
        }
        problems.add(
            Problem.warning(
                node.place(key),
                "has no effect",
                "add " + mode + " to peer_forwarder.discovery_mode to use it"));
      }
    }
    if (modes.contains(DiscoveryMode.FILE)
        && node.sound(Schema.ENDPOINTS_FILE)
        && node.find(Schema.ENDPOINTS_FILE) == null) {
      problems.add(
          Problem.error(
              node.place(Schema.ENDPOINTS_FILE),
              "is empty, and discovery_mode is file",
              "write the path of a file that lists the nodes"));
    }
    if (modes.contains(DiscoveryMode.DNS_SRV)
        && node.sound(Schema.SRV_NAMES)
        && node.get(Schema.SRV_NAMES).isEmpty()) {
      problems.add(
          Problem.error(
              node.place(Schema.SRV_NAMES),
              "is empty, and discovery_mode is dns_srv",
              "write the service's name, such as _homespan._tcp.tier.local"));
    }
  }

  private static List<Endpoint> endpoints(Values node, List<Problem> problems) {
    int port = node.number(Schema.CLIENT_PORT);
    Set<Endpoint> seen = new LinkedHashSet<>();
    Set<String> repeats = new LinkedHashSet<>();
    for (Endpoint written : node.get(Schema.STATIC_ENDPOINTS)) {
      Endpoint endpoint = new Endpoint(written.host(), written.port() == 0 ? port : written.port());
      if (!seen.add(endpoint)) {
        repeats.add(endpoint.toString());
      }
    }
    if (!repeats.isEmpty()) {
      problems.add(
          Problem.warning(
              node.place(Schema.STATIC_ENDPOINTS),
              String.join(", ", repeats) + " more than once",
              "each counts once"));
    }
    return List.copyOf(seen);
  }

  private static void checkStatic(
      Values node, Set<String> modes, List<Endpoint> endpoints, List<Problem> problems) {
    String place = node.place(Schema.STATIC_ENDPOINTS);
    boolean asked = modes.contains(DiscoveryMode.STATIC);
    if (!asked && !endpoints.isEmpty()) {
      problems.add(
          Problem.warning(
              place, "has no effect", "add static to peer_forwarder.discovery_mode to use it"));
    }
    if (asked && endpoints.isEmpty() && GatewayRules.isGateway(node)) {
      problems.add(
          Problem.error(
              place,
              "is empty, and role is gateway: it has nobody to forward to",
              "list the receivers, or write another peer_forwarder.discovery_mode"));
    } else if (asked && endpoints.isEmpty()) {
      modes.remove(DiscoveryMode.STATIC);
      if (modes.isEmpty()) {
        modes.add(DiscoveryMode.SELF);
      }
      String what =
          modes.equals(Set.of(DiscoveryMode.SELF))
              ? "is empty: this node knows only itself"
              : "is empty: static finds no peer";
      problems.add(Problem.warning(place, what, "list the nodes of the tier, this one included"));
    }
  }

  private static void checkDns(Values node, Set<String> modes, List<Problem> problems) {
    String place = node.place(Schema.DOMAIN_NAME);
    boolean named = !node.get(Schema.DOMAIN_NAME).isEmpty();
    if (modes.contains(DiscoveryMode.DNS) && !named) {
      problems.add(
          Problem.error(
              place,
              "is empty, and discovery_mode is dns",
              "write the name whose addresses are the nodes"));
    }
    if (!modes.contains(DiscoveryMode.DNS) && named) {
      problems.add(
          Problem.warning(
              place, "has no effect", "add dns to peer_forwarder.discovery_mode to use it"));
    }
  }
}
