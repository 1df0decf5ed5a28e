package io.homespan.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.homespan.config.Config.Endpoint;
import io.homespan.config.Config.FileSink;
import io.homespan.config.Config.LogSink;
import io.homespan.config.Config.OtlpSink;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is written ends up where it belongs. */
class ConfigReaderTest {
  private static Reading reading;

  @BeforeAll
  static void open() {
    reading = new Reading();
  }

  @AfterAll
  static void close() {
    reading.close();
  }

  @Test
  void everyKey_reachesTheRecordTree() {
    Config config =
        reading.config(
            """
            cluster: c
            zone: z-1
            drain_delay: 0.5
            shutdown_timeout: 2
            ingest: { host: "[::1]", port: 0, request_timeout: 7, max_message_bytes: 4096,
              max_requests_in_flight: 11, max_bytes_in_flight: 4097, max_connections: 34,
              max_connection_age: 33 }
            peer_forwarder:
              discovery_mode: [static, DNS, Mine, file]
              static_endpoints: [A.Local, "b:7", "[2001:DB8::1]:9", "[::1]"]
              domain_name: X.local
              advertise: "Me:9"
              time_out: 1.25
              connect_timeout: 0.75
              span_agg_count: 12
              span_agg_wait: 0.0005
              max_calls_per_peer: 13
              max_backlog_bytes_per_peer: 4098
              server: { host: 127.0.0.1, port: 14, max_requests_in_flight: 15, max_bytes_in_flight: 4099,
                max_connections: 35 }
              client: { port: 16 }
              weight: 39
            discovery:
              exchange_interval: 17
              exchange_timeout: 18
              max_peers: 19
              removal_misses: 37
              max_staleness: 38
              look_up_timeout: 36
              file: { path: peers.yaml }
              mine: { a: 1 }
              dns: { servers: [10.0.0.1, "10.0.0.2:54"], min_ttl: 20, max_ttl: 21, query_timeout: 22 }
              dns_srv: { names: _Homespan._tcp.tier.local. }
            sink:
              - { type: file, file: { path: a.jsonl, rotate_bytes: 23, max_rotated_files: 24 } }
              - type: otlp
                otlp: { endpoint: "http://Tempo/", time_out: 5, connect_timeout: 6,
                  max_batch_spans: 27, max_calls: 28 }
              - type: log
            acknowledge: Stored
            journal: { path: j, max_bytes: 2000001, file_bytes: 65537, max_bytes_under_way: 65538 }
            repeats: { remember: 29, max_parts: 30 }
            heartbeat:
              { enabled: true, interval: 2, connect_timeout: 4, time_out: 6, payload_bytes: 35,
                max_probes_per_second: 36, max_metric_peers: 37 }
            admin: { host: "::", port: 31 }
            """);
    assertThat(config)
        .isEqualTo(
            new Config(
                "c",
                "z-1",
                Config.Role.NODE,
                Config.Routing.TRACE_ID,
                Duration.ofMillis(500),
                Duration.ofSeconds(2),
                new Config.Ingest(
                    "::1",
                    0,
                    Duration.ofSeconds(7),
                    Duration.ofSeconds(33),
                    4096,
                    new Config.Admission(11, 4097, 34)),
                new Config.PeerForwarder(
                    List.of("static", "dns", "mine", "file"),
                    List.of(
                        new Endpoint("a.local", 16),
                        new Endpoint("b", 7),
                        new Endpoint("2001:db8::1", 9),
                        new Endpoint("::1", 16)),
                    List.of("x.local"),
                    new Endpoint("me", 9),
                    Duration.ofMillis(1250),
                    Duration.ofMillis(750),
                    12,
                    Duration.ofNanos(500_000),
                    13,
                    4098,
                    new Config.Server("127.0.0.1", 14, new Config.Admission(15, 4099, 35)),
                    16,
                    39),
                new Config.Discovery(
                    Duration.ofSeconds(17),
                    Duration.ofSeconds(18),
                    19,
                    37,
                    Duration.ofSeconds(38),
                    Duration.ofSeconds(36),
                    "peers.yaml",
                    new Config.Dns(
                        List.of(new Endpoint("10.0.0.1", 53), new Endpoint("10.0.0.2", 54)),
                        Duration.ofSeconds(20),
                        Duration.ofSeconds(21),
                        Duration.ofSeconds(22)),
                    List.of("_homespan._tcp.tier.local."),
                    null,
                    null,
                    null,
                    Map.of("mine", new JsonObject().put("a", 1))),
                List.of(
                    new FileSink("a.jsonl", 23, 24),
                    new OtlpSink(
                        new Endpoint("tempo", 4317),
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(6),
                        27,
                        28),
                    new LogSink()),
                new Config.Journal(true, "j", 2_000_001, 65_537, 65_538),
                new Config.Repeats(Duration.ofSeconds(29), 30),
                new Config.Heartbeat(
                    true,
                    Duration.ofSeconds(2),
                    Duration.ofSeconds(4),
                    Duration.ofSeconds(6),
                    35,
                    36,
                    37,
                    Config.Reports.NONE),
                new Config.Admin("::", 31)));
  }

  @Test
  void reporters_areReadWithTheirSettings_andWhatMayBeSecretIsShownNowhere() {
    Loaded read =
        reading.loaded(
            "heartbeat: { enabled: true, reporters: [kafka, file, otlp],"
                + " kafka: { bootstrap_servers: [K1, \"k2:7\"], topic: t, format: Agent, queue: 8,"
                + " properties: { acks: all, ssl.key.password: hunter2, linger.ms: 7 } },"
                + " file: { path: f.jsonl, max_bytes: 4097 },"
                + " otlp: { endpoint: \"https://c:9\", interval: 11, time_out: 2, ssl_ca_file: ca } }",
            Map.of());

    Config.Reports reports = read.config().heartbeat().reports();
    assertThat(reports)
        .isEqualTo(
            new Config.Reports(
                new Config.KafkaReports(
                    List.of(new Endpoint("k1", 9092), new Endpoint("k2", 7)),
                    "t",
                    Config.KafkaReports.Format.AGENT,
                    8,
                    new Config.Settings(
                        Map.of("acks", "all", "ssl.key.password", "hunter2", "linger.ms", "7"))),
                new Config.FileReports("f.jsonl", 4097),
                new Config.OtlpReports(
                    new Endpoint("c", 9),
                    Duration.ofSeconds(11),
                    Duration.ofSeconds(2),
                    new Config.Tls(
                        null,
                        null,
                        new Config.SecretFile("heartbeat.otlp.ssl_ca_file", "ca"),
                        false,
                        true,
                        null))));
    assertThat(read.toString()).contains("ssl.key.password").doesNotContain("hunter2");
  }

  @Test
  void propertiesOfTheProducer_canBeAVariable_inLines() {
    Loaded read =
        reading.loaded(
            "heartbeat: { enabled: true, reporters: kafka, kafka: { bootstrap_servers: k } }",
            Map.of(
                "HOMESPAN_HEARTBEAT_KAFKA_PROPERTIES",
                "acks=1\nsasl.jaas.config=a required password=\"x,y\";"));
    Config.KafkaReports kafka = Objects.requireNonNull(read.config().heartbeat().reports().kafka());
    assertThat(kafka.properties().values())
        .isEqualTo(Map.of("acks", "1", "sasl.jaas.config", "a required password=\"x,y\";"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "security.protocol=SASL_SSL,sasl.mechanism=PLAIN,acks=hunter2",
        "acks=hunter2, sasl.mechanism = PLAIN"
      })
  void propertiesOfTheProducer_onOneLine_areToldApart_andNotShown(String line) {
    assertThat(
            reading.lines(
                "{ peer_forwarder: { static_endpoints: [a] }, heartbeat: { enabled: true,"
                    + " reporters: kafka, kafka: { bootstrap_servers: k } } }",
                Map.of("HOMESPAN_HEARTBEAT_KAFKA_PROPERTIES", line),
                Long.MAX_VALUE))
        .containsExactly(
            "HOMESPAN_HEARTBEAT_KAFKA_PROPERTIES: has several properties in one line; write lines"
                + " \"name=value\", one each");
  }

  @Test
  void aGatewaysReceivers_haveTheUsualPortOfReceivers_unlessOneIsWritten() {
    String gateway = "{ role: gateway, peer_forwarder: { static_endpoints: [A, \"b:7\"] ";
    assertThat(reading.config(gateway + "} }").role()).isEqualTo(Config.Role.GATEWAY);
    assertThat(reading.config(gateway + "} }").peerForwarder().staticEndpoints())
        .containsExactly(new Endpoint("a", 4317), new Endpoint("b", 7));
    assertThat(reading.config(gateway + ", client: { port: 9 } } }").peerForwarder().clientPort())
        .isEqualTo(9);
  }

  @Test
  void aGatewaySpeaksTlsToReceivers_withoutACertificateOfItsOwn() {
    Config.Tls tls =
        reading
            .config("{ role: gateway, peer_forwarder: { static_endpoints: [a], ssl: true } }")
            .peerForwarder()
            .tls();
    assertThat(tls).isNotNull();
    assertThat(Objects.requireNonNull(tls).key()).isNull();
  }

  @ParameterizedTest
  @CsvSource({"traceid, ''", "Service, service.name", "attributes, tenant"})
  void aRoutingKey_isAListOfAttributes(String key, String attribute) {
    Config config =
        reading.config("{ routing_key: " + key + ", routing_attributes: [tenant, tenant] }");
    assertThat(config.routing().attributes())
        .isEqualTo(attribute.isEmpty() ? List.of() : List.of(attribute));
  }

  @ParameterizedTest
  @CsvSource({
    "Node-A.Example., node-a.example:1",
    "10.0.0.1, 10.0.0.1:1",
    "2001:DB8:0:0:0:0:0:1, [2001:db8::1]:1",
    "0:0:0:0:0:ffff:10.0.0.1, 10.0.0.1:1",
    "::, [::]:1"
  })
  void anAddressHasOneForm(String host, String normal) {
    assertThat(new Endpoint(host, 1).normalised()).hasToString(normal);
  }

  @Test
  void staticWithoutEndpoints_isSelf() {
    assertThat(reading.config("{}").peerForwarder().discoveryModes()).containsExactly("self");
  }

  @Test
  void dataPreppersLocalNode_isSelf() {
    assertThat(
            reading
                .config("peer_forwarder: { discovery_mode: local_node }")
                .peerForwarder()
                .discoveryModes())
        .containsExactly("self");
  }

  @Test
  void theSamePort_onHostsThatDoNotMeet_isFine() {
    assertThat(
            reading.lines(
                """
                ingest: { host: 10.0.0.1, port: 7 }
                admin: { host: 127.0.0.1, port: 7 }
                peer_forwarder: { discovery_mode: self }
                """))
        .isEmpty();
  }

  @Test
  void portZero_meetsNoOther() {
    assertThat(
            reading.lines(
                """
                ingest: { port: 0 }
                admin: { port: 0 }
                peer_forwarder: { discovery_mode: self, server: { port: 0 } }
                """))
        .isEmpty();
  }
}
