package io.homespan.config;

import io.homespan.config.Config.Admin;
import io.homespan.config.Config.Admission;
import io.homespan.config.Config.Discovery;
import io.homespan.config.Config.Dns;
import io.homespan.config.Config.Ingest;
import io.homespan.config.Config.Journal;
import io.homespan.config.Config.PeerForwarder;
import io.homespan.config.Config.Repeats;
import io.homespan.config.Config.Server;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Checked values into the record tree. */
final class Assembly {
  private Assembly() {}

  static Config config(
      Values node, Peers peers, List<Values> sinks, Map<String, JsonObject> ownSettings) {
    return new Config(
        node.get(Schema.CLUSTER),
        node.get(Schema.ZONE),
        GatewayRules.role(node),
        RoutingRules.routing(node),
        node.get(Schema.DRAIN_DELAY),
        node.get(Schema.SHUTDOWN_TIMEOUT),
        ingest(node),
        peerForwarder(node, peers),
        discovery(node, peers, ownSettings),
        sinks.stream().map(Sinks::sink).toList(),
        journal(node),
        new Repeats(node.get(Schema.REMEMBER), node.number(Schema.MAX_PARTS)),
        new Config.Heartbeat(
            node.get(Schema.HEARTBEAT),
            node.get(Schema.HEARTBEAT_INTERVAL),
            node.get(Schema.HEARTBEAT_CONNECT),
            node.get(Schema.HEARTBEAT_TIME_OUT),
            node.number(Schema.HEARTBEAT_PAYLOAD),
            node.number(Schema.HEARTBEAT_PROBES),
            node.number(Schema.HEARTBEAT_SERIES),
            ReportRules.of(node)),
        new Admin(
            node.get(Schema.ADMIN_HOST),
            node.number(Schema.ADMIN_PORT),
            node.number(Schema.ADMIN_CONNECTIONS),
            TlsRules.ofAdmin(node),
            TlsRules.authentication(node, Schema.ADMIN_TOKENS, null)));
  }

  private static Journal journal(Values node) {
    return new Journal(
        node.get(Schema.ACKNOWLEDGE).equals("stored"),
        node.get(Schema.JOURNAL_PATH),
        node.get(Schema.JOURNAL_BYTES),
        node.number(Schema.JOURNAL_FILE_BYTES),
        node.get(Schema.JOURNAL_UNDER_WAY));
  }

  private static Ingest ingest(Values node) {
    return new Ingest(
        node.get(Schema.INGEST_HOST),
        node.number(Schema.INGEST_PORT),
        node.get(Schema.REQUEST_TIMEOUT),
        node.get(Schema.MAX_CONNECTION_AGE),
        node.number(Schema.MAX_MESSAGE_BYTES),
        new Admission(
            node.number(Schema.INGEST_REQUESTS),
            node.get(Schema.INGEST_BYTES),
            node.number(Schema.INGEST_CONNECTIONS)),
        TlsRules.ofIngest(node),
        TlsRules.authentication(node, Schema.INGEST_TOKENS, Schema.INGEST_USERS));
  }

  private static PeerForwarder peerForwarder(Values node, Peers peers) {
    return new PeerForwarder(
        peers.modes(),
        peers.endpoints(),
        node.get(Schema.DOMAIN_NAME).stream().distinct().toList(),
        node.find(Schema.ADVERTISE),
        node.get(Schema.TIME_OUT),
        node.get(Schema.CONNECT_TIMEOUT),
        node.number(Schema.SPAN_AGG_COUNT),
        node.get(Schema.SPAN_AGG_WAIT),
        node.number(Schema.MAX_CALLS),
        node.get(Schema.MAX_BACKLOG),
        new Server(
            node.get(Schema.PEER_HOST),
            node.number(Schema.PEER_PORT),
            new Admission(
                node.number(Schema.PEER_REQUESTS),
                node.get(Schema.PEER_BYTES),
                node.number(Schema.PEER_CONNECTIONS))),
        node.number(Schema.CLIENT_PORT),
        node.number(Schema.WEIGHT),
        TlsRules.ofPeers(node));
  }

  private static Discovery discovery(Values node, Peers peers, Map<String, JsonObject> own) {
    return new Discovery(
        node.get(Schema.EXCHANGE_INTERVAL),
        node.get(Schema.EXCHANGE_TIMEOUT),
        node.number(Schema.MAX_PEERS),
        node.number(Schema.REMOVAL_MISSES),
        node.get(Schema.MAX_STALENESS),
        node.get(Schema.LOOK_UP_TIMEOUT),
        Objects.requireNonNullElse(node.find(Schema.ENDPOINTS_FILE), ""),
        new Dns(
            node.get(Schema.DNS_SERVERS),
            node.get(Schema.MIN_TTL),
            node.get(Schema.MAX_TTL),
            node.get(Schema.QUERY_TIMEOUT)),
        node.get(Schema.SRV_NAMES).stream().distinct().toList(),
        UdpRules.of(node, peers.modes()),
        ZooKeeperRules.of(node, peers.modes()),
        KubernetesRules.of(node, peers.modes()),
        own);
  }
}
