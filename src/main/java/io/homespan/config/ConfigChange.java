package io.homespan.config;

import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a running node takes over of another configuration: where its peers are, and how it sends to
 * them. Everything else was settled when it started, its ports, bounds and sinks.
 *
 * @param config the running one with what changes
 * @param taken a sentence for each key that changes
 * @param refused a sentence for each that differs and stays as it is
 */
public record ConfigChange(Config config, List<String> taken, List<String> refused) {
  private static final Set<String> CHANGE =
      Set.of(
          Schema.DISCOVERY_MODE.path(),
          Schema.STATIC_ENDPOINTS.path(),
          Schema.DOMAIN_NAME.path(),
          Schema.CLIENT_PORT.path(),
          Schema.TIME_OUT.path(),
          Schema.SPAN_AGG_COUNT.path(),
          Schema.SPAN_AGG_WAIT.path());

  public ConfigChange {
    taken = List.copyOf(taken);
    refused = List.copyOf(refused);
  }

  /** From what runs to what its file says now. */
  public static ConfigChange between(Loaded running, Loaded next) {
    List<String> taken = new ArrayList<>();
    List<String> refused = new ArrayList<>();
    Set<String> paths = new TreeSet<>(running.values().keySet());
    paths.addAll(next.values().keySet());
    for (String path : paths) {
      Object before = running.values().get(path);
      Object after = next.values().get(path);
      if (Objects.equals(before, after)) continue;
      String what = path + ": " + shown(before) + " -> " + shown(after);
      if (changes(path, running, next)) taken.add(what);
      else refused.add(what + " can't be done while the node runs; restart it");
    }
    Config config =
        sameRole(running, next) ? merged(running.config(), next.config()) : running.config();
    return new ConfigChange(config, taken, refused);
  }

  /** A node that took a gateway's receivers for its peers would give them what it owns. */
  private static boolean sameRole(Loaded running, Loaded next) {
    return running.config().role() == next.config().role();
  }

  /** Also what a provider is told, be it one of ours or not. */
  private static boolean changes(String path, Loaded running, Loaded next) {
    if (!sameRole(running, next)) return false;
    if (CHANGE.contains(path)) return true;
    String[] steps = path.split("\\.", -1);
    if (!steps[0].equals("discovery")) return false;
    return steps.length > 2
        || running.config().discovery().own().containsKey(steps[1])
        || next.config().discovery().own().containsKey(steps[1]);
  }

  private static String shown(@Nullable Object value) {
    if (value instanceof JsonObject) return "its settings"; // which may hold secrets
    if (value instanceof Duration time) { // as it is written
      return BigDecimal.valueOf(time.toNanos(), 9).stripTrailingZeros().toPlainString();
    }
    return value == null ? "nothing" : Shown.bare(String.valueOf(value));
  }

  private static Config merged(Config now, Config next) {
    Config.PeerForwarder peers = now.peerForwarder();
    Config.PeerForwarder newPeers = next.peerForwarder();
    Config.Discovery discovery = now.discovery();
    Config.Discovery newDiscovery = next.discovery();
    return new Config(
        now.cluster(),
        now.zone(),
        now.role(),
        now.routing(),
        now.drainDelay(),
        now.shutdownTimeout(),
        now.ingest(),
        new Config.PeerForwarder(
            newPeers.discoveryModes(),
            newPeers.staticEndpoints(),
            newPeers.domainNames(),
            peers.advertise(),
            newPeers.timeOut(),
            peers.connectTimeout(),
            newPeers.spanAggCount(),
            newPeers.spanAggWait(),
            peers.maxCallsPerPeer(),
            peers.maxBacklogBytesPerPeer(),
            peers.server(),
            newPeers.clientPort(),
            peers.weight(),
            peers.tls()),
        new Config.Discovery(
            discovery.exchangeInterval(),
            discovery.exchangeTimeout(),
            discovery.maxPeers(),
            discovery.removalMisses(),
            discovery.maxStaleness(),
            discovery.lookUpTimeout(),
            newDiscovery.file(),
            newDiscovery.dns(),
            newDiscovery.dnsSrvNames(),
            newDiscovery.udp(),
            newDiscovery.zookeeper(),
            newDiscovery.kubernetes(),
            newDiscovery.own()),
        now.sinks(),
        now.journal(),
        now.repeats(),
        now.heartbeat(),
        now.admin());
  }

  /** What runs from now on, to compare the next one with. */
  public Loaded running(Loaded before, Loaded next) {
    Map<String, Object> values = new TreeMap<>(before.values());
    Set<String> paths = new TreeSet<>(before.values().keySet());
    paths.addAll(next.values().keySet());
    for (String path : paths) {
      if (!changes(path, before, next)) continue;
      Object value = next.values().get(path);
      if (value == null) values.remove(path);
      else values.put(path, value);
    }
    return new Loaded(config, next.warnings(), values);
  }
}
