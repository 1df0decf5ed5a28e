package io.homespan.config;

import io.homespan.config.Config.Endpoint;
import io.homespan.config.Config.Role;
import io.homespan.config.Words.DiscoveryMode;
import java.util.List;
import java.util.Set;

/** What must hold for a gateway, which stands before receivers that are no Homespan nodes. */
final class GatewayRules {
  /** Where OTLP/gRPC receivers listen by custom. */
  static final long RECEIVER_PORT = 4317;

  /** A role that nobody can write: a command has it. */
  static final String AGENT = "agent";

  /** By these nodes find one another, by what they say of themselves. Receivers say nothing. */
  private static final Set<String> OF_NODES =
      Set.of(DiscoveryMode.SELF, UdpRules.MODE, ZooKeeperRules.MODE);

  private static final List<Key<?>> OF_A_NODE = // of one that is a peer to others
      List.of(
          Schema.ADVERTISE,
          Schema.WEIGHT,
          Schema.PEER_HOST,
          Schema.PEER_PORT,
          Schema.PEER_REQUESTS,
          Schema.PEER_BYTES,
          Schema.PEER_CONNECTIONS,
          Schema.PEER_CLIENT_AUTH);

  private GatewayRules() {}

  static boolean isGateway(Values node) {
    return node.get(Schema.ROLE).equals("gateway");
  }

  /** Takes no spans: of the ports it has those for peers and for operators. */
  static boolean isAgent(Values node) {
    return node.get(Schema.ROLE).equals(AGENT);
  }

  static Role role(Values node) {
    return isGateway(node) ? Role.GATEWAY : isAgent(node) ? Role.AGENT : Role.NODE;
  }

  /** Receivers have another port than peers have: that holds where none is written. */
  static void apply(Values node) {
    if (!isGateway(node) || node.given(Schema.CLIENT_PORT)) return;
    node.put(Schema.CLIENT_PORT, RECEIVER_PORT, node.place(Schema.CLIENT_PORT));
  }

  static void check(Values node, Peers peers, List<Values> sinks, List<Problem> problems) {
    if (!isGateway(node)) return;
    for (String mode : peers.modes()) {
      if (!OF_NODES.contains(mode)) continue;
      String why =
          mode.equals(DiscoveryMode.SELF)
              ? ", and role is gateway: it would be its own receiver"
              : " finds what announces itself, and receivers don't; role is gateway";
      problems.add(
          Problem.error(
              node.place(Schema.DISCOVERY_MODE),
              mode + why,
              "write static, file, dns, dns_srv or kubernetes"));
    }
    for (Key<?> key : OF_A_NODE) {
      if (!node.changed(key)) continue;
      problems.add(
          Problem.warning(
              node.place(key), "has no effect: a gateway is nobody's peer", "remove it"));
    }
    for (Values sink : sinks) {
      for (Key<?> key : Schema.KEYS) {
        if (!Schema.isSinks(key) || !sink.given(key)) continue;
        problems.add(
            Problem.warning(
                sink.place(key),
                "has no effect: a gateway keeps nothing, its receivers do",
                "remove it, or write role: node"));
      }
    }
    checkLoop(node, peers, problems);
  }

  /** Spans that it sends to itself would come back for ever. */
  private static void checkLoop(Values node, Peers peers, List<Problem> problems) {
    if (!node.sound(Schema.INGEST_HOST, Schema.INGEST_PORT)) return;
    int port = node.number(Schema.INGEST_PORT);
    String boundTo = node.get(Schema.INGEST_HOST);
    boolean any = boundTo.equals("0.0.0.0") || boundTo.equals("::");
    for (Endpoint receiver : peers.endpoints()) {
      String host = receiver.normalised().host();
      boolean here = host.equals("localhost") || host.equals("::1") || host.equals("127.0.0.1");
      if (receiver.port() != port || !(any ? here : host.equals(boundTo))) continue;
      problems.add(
          Problem.error(
              node.place(Schema.STATIC_ENDPOINTS),
              receiver + " is this gateway's own port for senders",
              "write a receiver's, or another ingest.port"));
    }
  }
}
