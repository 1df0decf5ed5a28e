package io.homespan.config;

import io.homespan.config.Config.Endpoint;
import io.homespan.config.Config.Secret;
import io.homespan.config.Config.Settings;
import io.homespan.config.Entry.Section;
import io.homespan.config.Kind.Listed;
import io.homespan.config.Kind.Truth;
import io.homespan.config.Numbers.Seconds;
import io.homespan.config.Numbers.Whole;
import io.homespan.config.Words.DiscoveryMode;
import io.homespan.config.Words.OneOf;
import io.homespan.config.Words.Text;
import io.homespan.mesh.Peer;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Every key: its path, what it may hold, its default. The one list that all else is driven by. */
final class Schema {
  private static final long GIB = 1L << 30;
  private static final Kind<Long> SERVER_PORT = new Whole(0, 65535);
  private static final Kind<Long> COUNT = new Whole(1, 16_777_216);
  private static final Kind<Long> CALLS = new Whole(1, 10_000);
  private static final Kind<Long> BYTES = new Whole(1024, 1024 * GIB);
  private static final Kind<Duration> INTERVAL = Seconds.from(0.01, 3600);
  private static final Kind<Duration> TTL = Seconds.from(0.05, 86400);
  private static final Kind<String> HOST = new EndpointKind.Host();
  private static final Kind<String> FILE = Text.of("[^\\p{Cntrl}]+", "a file's path");
  private static final Kind<String> CLIENT_AUTH =
      new OneOf(List.of(TlsRules.NONE, TlsRules.REQUIRED));
  private static final Kind<String> PEM =
      new Text(Pattern.compile("[^\\p{Cntrl}]*"), "a PEM file's path", true);

  static final Key<String> CLUSTER =
      key(
          "cluster",
          Text.of("[^\\p{Z}\\p{C}]{1,100}", "1 to 100 printable characters, no spaces"),
          "homespan");
  static final Key<String> ZONE =
      key(
          "zone",
          new Text(
              Pattern.compile("[^\\p{Z}\\p{C}]{0,100}"),
              "up to 100 printable characters, no spaces",
              true),
          "");
  static final Key<String> ROLE = key("role", new OneOf(List.of("node", "gateway")), "node");
  static final Key<String> ROUTING_KEY =
      key("routing_key", new RoutingRules.ByWhat(), RoutingRules.TRACE_ID);
  static final Key<List<String>> ROUTING_ATTRIBUTES =
      key(
          "routing_attributes",
          new Listed<>(Text.of("[^\\p{Cntrl}]{1,200}", "an attribute's name"), true),
          List.of());
  static final Key<Duration> DRAIN_DELAY = key("drain_delay", Seconds.from(0, 3600), seconds(5));
  static final Key<Duration> SHUTDOWN_TIMEOUT = key("shutdown_timeout", INTERVAL, seconds(30));

  static final Key<String> INGEST_HOST = key("ingest.host", HOST, "0.0.0.0");
  static final Key<Long> INGEST_PORT = key("ingest.port", SERVER_PORT, 21890L);
  static final Key<Duration> REQUEST_TIMEOUT = key("ingest.request_timeout", INTERVAL, seconds(8));
  static final Key<Duration> MAX_CONNECTION_AGE =
      key("ingest.max_connection_age", Seconds.from(0, 86_400), seconds(300));
  static final Key<Long> MAX_MESSAGE_BYTES =
      key("ingest.max_message_bytes", new Whole(1024, GIB), 64L << 20);
  static final Key<Long> INGEST_REQUESTS = key("ingest.max_requests_in_flight", COUNT, 4096L);
  static final Key<Long> INGEST_BYTES = key("ingest.max_bytes_in_flight", BYTES, 128L << 20);
  static final Key<Long> INGEST_CONNECTIONS = key("ingest.max_connections", COUNT, 10_000L);
  static final Key<Boolean> INGEST_SSL = key("ingest.ssl", new Truth(), false);
  static final Key<String> INGEST_CHAIN = new Key<>("ingest.ssl_certificate_file", PEM, null);
  static final Key<String> INGEST_KEY = new Key<>("ingest.ssl_key_file", PEM, null);
  static final Key<String> INGEST_CLIENT_AUTH =
      key("ingest.ssl_client_auth", CLIENT_AUTH, TlsRules.NONE);
  static final Key<String> INGEST_CLIENT_CA = new Key<>("ingest.ssl_client_ca_file", PEM, null);
  static final Key<List<String>> INGEST_TOKENS =
      key("ingest.authentication.token_files", new Listed<>(FILE, true), List.of());
  static final Key<List<String>> INGEST_USERS =
      key("ingest.authentication.user_files", new Listed<>(FILE, true), List.of());

  static final Key<List<String>> DISCOVERY_MODE =
      key(
          "peer_forwarder.discovery_mode",
          new Listed<>(new DiscoveryMode(), true),
          List.of(DiscoveryMode.STATIC));
  static final Key<List<Endpoint>> STATIC_ENDPOINTS =
      key(
          "peer_forwarder.static_endpoints",
          new Listed<>(new EndpointKind(0, false, false, false, "host:21891"), false),
          List.of());
  static final Key<List<String>> DOMAIN_NAME =
      key("peer_forwarder.domain_name", new Listed<>(new Words.Domain(), true), List.of());
  static final Key<Endpoint> ADVERTISE =
      new Key<>(
          "peer_forwarder.advertise", new EndpointKind(0, true, false, false, "host:21891"), null);
  static final Key<Duration> TIME_OUT = key("peer_forwarder.time_out", INTERVAL, seconds(3));
  static final Key<Duration> CONNECT_TIMEOUT =
      key("peer_forwarder.connect_timeout", INTERVAL, seconds(1));
  static final Key<Long> SPAN_AGG_COUNT = key("peer_forwarder.span_agg_count", COUNT, 48L);
  static final Key<Duration> SPAN_AGG_WAIT =
      key("peer_forwarder.span_agg_wait", Seconds.from(0, 10), Duration.ofMillis(5));
  static final Key<Long> MAX_CALLS = key("peer_forwarder.max_calls_per_peer", CALLS, 8L);
  static final Key<Long> MAX_BACKLOG =
      key("peer_forwarder.max_backlog_bytes_per_peer", BYTES, 64L << 20);
  static final Key<String> PEER_HOST = key("peer_forwarder.server.host", HOST, "0.0.0.0");
  static final Key<Long> PEER_PORT = key("peer_forwarder.server.port", SERVER_PORT, 21891L);
  static final Key<Long> PEER_REQUESTS =
      key("peer_forwarder.server.max_requests_in_flight", COUNT, 4096L);
  static final Key<Long> PEER_BYTES =
      key("peer_forwarder.server.max_bytes_in_flight", BYTES, 128L << 20);
  static final Key<Long> PEER_CONNECTIONS =
      key("peer_forwarder.server.max_connections", COUNT, 10_000L);
  static final Key<Long> CLIENT_PORT =
      key("peer_forwarder.client.port", new Whole(1, 65535), 21891L);
  static final Key<Long> WEIGHT = key("peer_forwarder.weight", new Whole(1, Peer.MAX_WEIGHT), 1L);
  static final Key<Boolean> SSL = key("peer_forwarder.ssl", new Truth(), false);
  static final Key<String> CHAIN_FILE = new Key<>("peer_forwarder.sslKeyCertChainFile", PEM, null);
  static final Key<String> KEY_FILE = new Key<>("peer_forwarder.sslKeyFile", PEM, null);
  static final Key<String> PEER_CA = new Key<>("peer_forwarder.ssl_ca_file", PEM, null);
  static final Key<String> PEER_CLIENT_AUTH =
      key("peer_forwarder.ssl_client_auth", CLIENT_AUTH, TlsRules.REQUIRED);
  static final Key<Boolean> VERIFY_HOST = key("peer_forwarder.ssl_verify_host", new Truth(), true);
  static final Key<String> PEER_NAME =
      new Key<>("peer_forwarder.ssl_peer_name", new Words.Domain(), null);

  static final Key<Duration> EXCHANGE_INTERVAL =
      key("discovery.exchange_interval", INTERVAL, seconds(5));
  static final Key<Duration> EXCHANGE_TIMEOUT =
      key("discovery.exchange_timeout", INTERVAL, seconds(2));
  static final Key<Long> MAX_PEERS = key("discovery.max_peers", new Whole(1, 100_000), 1000L);
  static final Key<Long> REMOVAL_MISSES = key("discovery.removal_misses", new Whole(0, 1000), 3L);
  static final Key<Duration> MAX_STALENESS =
      key("discovery.max_staleness", Seconds.from(0, 604_800), seconds(300));
  static final Key<Duration> LOOK_UP_TIMEOUT =
      key("discovery.look_up_timeout", INTERVAL, seconds(10));
  static final Key<String> ENDPOINTS_FILE = new Key<>("discovery.file.path", FILE, null);
  static final Key<List<Endpoint>> DNS_SERVERS =
      key(
          "discovery.dns.servers",
          new Listed<>(new EndpointKind(53, false, false, true, "10.0.0.10:53"), false),
          List.of());
  static final Key<Duration> MIN_TTL = key("discovery.dns.min_ttl", TTL, seconds(1));
  static final Key<Duration> MAX_TTL = key("discovery.dns.max_ttl", TTL, seconds(30));
  static final Key<Duration> QUERY_TIMEOUT =
      key("discovery.dns.query_timeout", INTERVAL, seconds(2));

  static final Key<List<String>> SRV_NAMES =
      key("discovery.dns_srv.names", new Listed<>(new Words.Domain(), true), List.of());

  /** Of the addresses that a site may use as it likes. */
  static final String GROUP_EXAMPLE = "239.255.21.89";

  static final Key<String> UDP_GROUP =
      key("discovery.udp.group", new UdpKinds.Group(), GROUP_EXAMPLE);
  static final Key<Long> UDP_PORT = key("discovery.udp.port", new Whole(1, 65535), 21893L);
  static final Key<Long> UDP_TTL = key("discovery.udp.ttl", new Whole(0, 255), 1L);
  static final Key<String> UDP_INTERFACE =
      new Key<>("discovery.udp.interface", Text.of("[^\\p{Cntrl}]+", "an interface's name"), null);
  static final Key<Duration> UDP_INTERVAL = key("discovery.udp.interval", INTERVAL, seconds(1));
  static final Key<Duration> UDP_EXPIRE = key("discovery.udp.expire_after", INTERVAL, seconds(10));
  static final Key<Duration> UDP_SKEW =
      key("discovery.udp.max_clock_skew", Seconds.from(1, 86_400), seconds(300));
  static final Key<Secret> UDP_SECRET =
      new Key<>("discovery.udp.secret", new UdpKinds.SecretText(), null);

  static final Key<List<Endpoint>> ZOOKEEPER_SERVERS =
      key(
          "discovery.zookeeper.servers",
          new Listed<>(new EndpointKind(2181, false, false, false, "zk-1:2181"), true),
          List.of());
  static final Key<String> ZOOKEEPER_PATH =
      new Key<>(
          "discovery.zookeeper.path",
          Text.of(ZooKeeperRules.PATH, "names after slashes, such as /homespan/peers"),
          null);
  static final Key<String> ZOOKEEPER_LAYOUT =
      key(
          "discovery.zookeeper.layout",
          new OneOf(List.of(ZooKeeperRules.HOMESPAN, ZooKeeperRules.HEARTBEAT)),
          ZooKeeperRules.HOMESPAN);
  static final Key<Duration> ZOOKEEPER_SESSION =
      key("discovery.zookeeper.session_timeout", Seconds.from(1, 3600), seconds(10));
  static final Key<Duration> ZOOKEEPER_CONNECT =
      key("discovery.zookeeper.connect_timeout", Seconds.from(0.1, 3600), seconds(5));

  static final Key<String> KUBERNETES_SERVICE =
      new Key<>(
          "discovery.kubernetes.service",
          Text.of(KubernetesRules.LABEL, "a service's name, such as homespan-peers"),
          null);
  static final Key<String> KUBERNETES_NAMESPACE =
      new Key<>(
          "discovery.kubernetes.namespace",
          Text.of(KubernetesRules.LABEL, "a namespace's name, such as tracing"),
          null);
  static final Key<String> KUBERNETES_PORT =
      new Key<>("discovery.kubernetes.port", new KubernetesRules.Port(), null);
  static final Key<KubernetesRules.Api> KUBERNETES_API =
      new Key<>("discovery.kubernetes.api", new KubernetesRules.ApiAddress(), null);
  static final Key<String> KUBERNETES_TOKEN =
      key("discovery.kubernetes.token_file", FILE, KubernetesRules.IN_A_POD + "token");
  static final Key<String> KUBERNETES_CA =
      key("discovery.kubernetes.ca_file", FILE, KubernetesRules.IN_A_POD + "ca.crt");
  static final Key<Boolean> KUBERNETES_NOT_READY =
      key("discovery.kubernetes.include_not_ready", new Truth(), true);
  static final Key<Duration> KUBERNETES_REQUEST =
      key("discovery.kubernetes.request_timeout", INTERVAL, seconds(5));
  static final Key<Duration> KUBERNETES_WATCH =
      key("discovery.kubernetes.watch_timeout", Seconds.from(1, 3600), seconds(60));

  static final Key<String> SINK_TYPE =
      key("sink.type", new OneOf(List.of("log", "file", "otlp")), "log");
  static final Key<String> FILE_PATH = key("sink.file.path", FILE, "homespan-spans.jsonl");
  static final Key<Long> ROTATE_BYTES =
      key("sink.file.rotate_bytes", new Whole(1, 1L << 50), 256L << 20);
  static final Key<Long> MAX_ROTATED =
      key("sink.file.max_rotated_files", new Whole(0, 1_000_000), 0L);
  static final Key<TlsRules.Backend> OTLP_ENDPOINT =
      key(
          "sink.otlp.endpoint",
          new TlsRules.BackendAddress(),
          new TlsRules.Backend(new Endpoint("127.0.0.1", 4317), false));
  static final Key<Duration> OTLP_TIME_OUT = key("sink.otlp.time_out", INTERVAL, seconds(5));
  static final Key<Duration> OTLP_CONNECT = key("sink.otlp.connect_timeout", INTERVAL, seconds(1));
  static final Key<Long> OTLP_BATCH = key("sink.otlp.max_batch_spans", COUNT, 512L);
  static final Key<Long> OTLP_CALLS = key("sink.otlp.max_calls", CALLS, 16L);
  static final Key<String> OTLP_CA = new Key<>("sink.otlp.ssl_ca_file", PEM, null);
  static final Key<String> OTLP_CHAIN = new Key<>("sink.otlp.ssl_certificate_file", PEM, null);
  static final Key<String> OTLP_KEY = new Key<>("sink.otlp.ssl_key_file", PEM, null);
  static final Key<String> OTLP_HEADERS =
      new Key<>(
          "sink.otlp.headers_file",
          new Text(Pattern.compile("[^\\p{Cntrl}]*"), "a file's path", true),
          null);

  static final Key<String> ACKNOWLEDGE =
      key("acknowledge", new OneOf(List.of("delivered", "stored")), "delivered");
  static final Key<String> JOURNAL_PATH =
      key("journal.path", Text.of("[^\\p{Cntrl}]+", "a directory's path"), "homespan-journal");
  static final Key<Long> JOURNAL_BYTES =
      key("journal.max_bytes", new Whole(1 << 20, 1L << 50), 4 * GIB);
  static final Key<Long> JOURNAL_FILE_BYTES =
      key("journal.file_bytes", new Whole(64 << 10, GIB), 32L << 20);
  static final Key<Long> JOURNAL_UNDER_WAY =
      key("journal.max_bytes_under_way", new Whole(64 << 10, 64 * GIB), 32L << 20);

  static final Key<Duration> REMEMBER =
      key("repeats.remember", Seconds.from(0, 86400), seconds(120));
  static final Key<Long> MAX_PARTS = key("repeats.max_parts", COUNT, 262144L);

  static final Key<Boolean> HEARTBEAT = key("heartbeat.enabled", new Truth(), false);
  static final Key<Duration> HEARTBEAT_INTERVAL =
      key("heartbeat.interval", Seconds.from(1, 3600), seconds(10));
  static final Key<Duration> HEARTBEAT_CONNECT =
      key("heartbeat.connect_timeout", Seconds.from(0.1, 60), seconds(5));
  static final Key<Duration> HEARTBEAT_TIME_OUT =
      key("heartbeat.time_out", Seconds.from(0.1, 60), seconds(5));
  static final Key<Long> HEARTBEAT_PAYLOAD =
      key("heartbeat.payload_bytes", new Whole(1, 65536), 16384L);
  static final Key<Long> HEARTBEAT_PROBES =
      key("heartbeat.max_probes_per_second", new Whole(1, 10_000), 10L);
  static final Key<Long> HEARTBEAT_SERIES =
      key("heartbeat.max_metric_peers", new Whole(0, 1000), 100L);
  static final Key<List<String>> REPORTERS =
      key("heartbeat.reporters", new Listed<>(new ReportRules.Word(), true), List.of());
  static final Key<List<Endpoint>> KAFKA_SERVERS =
      key(
          "heartbeat.kafka.bootstrap_servers",
          new Listed<>(new EndpointKind(9092, false, false, false, "kafka-1:9092"), true),
          List.of());
  static final Key<String> KAFKA_TOPIC =
      key(
          "heartbeat.kafka.topic",
          Text.of("(?!\\.{1,2}$)[a-zA-Z0-9._-]{1,249}", "1 to 249 letters, digits, . _ or -"),
          "distributedTrace");
  static final Key<String> KAFKA_FORMAT =
      key(
          "heartbeat.kafka.format",
          new OneOf(List.of(ReportRules.V1, ReportRules.AGENT)),
          ReportRules.V1);
  static final Key<Long> KAFKA_QUEUE =
      key("heartbeat.kafka.queue", new Whole(1, 1_000_000), 10_000L);
  static final Key<Settings> KAFKA_PROPERTIES =
      key("heartbeat.kafka.properties", new ReportRules.Properties(), Settings.NONE);
  static final Key<String> REPORT_PATH =
      key("heartbeat.file.path", FILE, "homespan-heartbeat.jsonl");
  static final Key<Long> REPORT_BYTES =
      key("heartbeat.file.max_bytes", new Whole(4096, 1L << 50), 64L << 20);
  static final Key<TlsRules.Backend> METRICS_ENDPOINT =
      key(
          "heartbeat.otlp.endpoint",
          new TlsRules.BackendAddress(),
          new TlsRules.Backend(new Endpoint("127.0.0.1", 4317), false));
  static final Key<Duration> METRICS_INTERVAL =
      key("heartbeat.otlp.interval", Seconds.from(1, 3600), seconds(30));
  static final Key<Duration> METRICS_TIME_OUT =
      key("heartbeat.otlp.time_out", INTERVAL, seconds(5));
  static final Key<String> METRICS_CA = new Key<>("heartbeat.otlp.ssl_ca_file", PEM, null);

  static final Key<String> ADMIN_HOST = key("admin.host", HOST, "127.0.0.1");
  static final Key<Long> ADMIN_PORT = key("admin.port", SERVER_PORT, 21892L);
  static final Key<Long> ADMIN_CONNECTIONS = key("admin.max_connections", COUNT, 100L);
  static final Key<Boolean> ADMIN_SSL = key("admin.ssl", new Truth(), false);
  static final Key<String> ADMIN_CHAIN = new Key<>("admin.ssl_certificate_file", PEM, null);
  static final Key<String> ADMIN_KEY = new Key<>("admin.ssl_key_file", PEM, null);
  static final Key<String> ADMIN_CLIENT_AUTH =
      key("admin.ssl_client_auth", CLIENT_AUTH, TlsRules.NONE);
  static final Key<String> ADMIN_CLIENT_CA = new Key<>("admin.ssl_client_ca_file", PEM, null);
  static final Key<List<String>> ADMIN_TOKENS =
      key("admin.token_files", new Listed<>(FILE, true), List.of());

  static final List<Key<?>> KEYS =
      List.of(
          CLUSTER,
          ZONE,
          ROLE,
          ROUTING_KEY,
          ROUTING_ATTRIBUTES,
          DRAIN_DELAY,
          SHUTDOWN_TIMEOUT, //
          INGEST_HOST,
          INGEST_PORT,
          REQUEST_TIMEOUT,
          MAX_CONNECTION_AGE,
          MAX_MESSAGE_BYTES,
          INGEST_REQUESTS, //
          INGEST_BYTES,
          INGEST_CONNECTIONS, //
          INGEST_SSL,
          INGEST_CHAIN,
          INGEST_KEY,
          INGEST_CLIENT_AUTH,
          INGEST_CLIENT_CA,
          INGEST_TOKENS,
          INGEST_USERS, //
          DISCOVERY_MODE,
          STATIC_ENDPOINTS,
          DOMAIN_NAME,
          ADVERTISE,
          TIME_OUT,
          CONNECT_TIMEOUT, //
          SPAN_AGG_COUNT,
          SPAN_AGG_WAIT,
          MAX_CALLS,
          MAX_BACKLOG, //
          PEER_HOST,
          PEER_PORT,
          PEER_REQUESTS,
          PEER_BYTES,
          PEER_CONNECTIONS,
          CLIENT_PORT,
          WEIGHT, //
          SSL,
          CHAIN_FILE,
          KEY_FILE,
          PEER_CA,
          PEER_CLIENT_AUTH,
          VERIFY_HOST,
          PEER_NAME, //
          EXCHANGE_INTERVAL,
          EXCHANGE_TIMEOUT,
          MAX_PEERS,
          REMOVAL_MISSES,
          MAX_STALENESS,
          LOOK_UP_TIMEOUT,
          ENDPOINTS_FILE, //
          DNS_SERVERS,
          MIN_TTL,
          MAX_TTL,
          QUERY_TIMEOUT, //
          SRV_NAMES, //
          UDP_GROUP,
          UDP_PORT,
          UDP_TTL,
          UDP_INTERFACE,
          UDP_INTERVAL,
          UDP_EXPIRE,
          UDP_SKEW,
          UDP_SECRET, //
          ZOOKEEPER_SERVERS,
          ZOOKEEPER_PATH,
          ZOOKEEPER_LAYOUT,
          ZOOKEEPER_SESSION,
          ZOOKEEPER_CONNECT, //
          KUBERNETES_SERVICE,
          KUBERNETES_NAMESPACE,
          KUBERNETES_PORT,
          KUBERNETES_API,
          KUBERNETES_TOKEN,
          KUBERNETES_CA,
          KUBERNETES_NOT_READY,
          KUBERNETES_REQUEST,
          KUBERNETES_WATCH, //
          SINK_TYPE,
          FILE_PATH,
          ROTATE_BYTES,
          MAX_ROTATED, //
          OTLP_ENDPOINT,
          OTLP_TIME_OUT,
          OTLP_CONNECT,
          OTLP_BATCH,
          OTLP_CALLS,
          OTLP_CA,
          OTLP_CHAIN,
          OTLP_KEY,
          OTLP_HEADERS, //
          ACKNOWLEDGE,
          JOURNAL_PATH,
          JOURNAL_BYTES,
          JOURNAL_FILE_BYTES,
          JOURNAL_UNDER_WAY, //
          REMEMBER,
          MAX_PARTS, //
          HEARTBEAT,
          HEARTBEAT_INTERVAL,
          HEARTBEAT_CONNECT,
          HEARTBEAT_TIME_OUT,
          HEARTBEAT_PAYLOAD,
          HEARTBEAT_PROBES,
          HEARTBEAT_SERIES,
          REPORTERS,
          KAFKA_SERVERS,
          KAFKA_TOPIC,
          KAFKA_FORMAT,
          KAFKA_QUEUE,
          KAFKA_PROPERTIES,
          REPORT_PATH,
          REPORT_BYTES,
          METRICS_ENDPOINT,
          METRICS_INTERVAL,
          METRICS_TIME_OUT,
          METRICS_CA, //
          ADMIN_HOST,
          ADMIN_PORT,
          ADMIN_CONNECTIONS,
          ADMIN_SSL,
          ADMIN_CHAIN,
          ADMIN_KEY,
          ADMIN_CLIENT_AUTH,
          ADMIN_CLIENT_CA,
          ADMIN_TOKENS);

  /** All that may stand in a file. */
  static final Section TOP =
      Section.of(
          Stream.<List<? extends Entry>>of(KEYS, DataPrepperKeys.PEER_FORWARDER)
              .flatMap(List::stream)
              .toList());

  static final String PEER_FORWARDER = "peer_forwarder";
  static final String DISCOVERY = "discovery";
  static final String SINK = "sink";

  private Schema() {}

  static boolean isSinks(Key<?> key) {
    return key.path().startsWith("sink.");
  }

  private static <T> Key<T> key(String path, Kind<T> kind, T otherwise) {
    return new Key<>(path, kind, otherwise);
  }

  private static Duration seconds(long seconds) {
    return Duration.ofSeconds(seconds);
  }
}
