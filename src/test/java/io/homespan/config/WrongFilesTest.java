package io.homespan.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each wrong file gives the line that its author needs. */
class WrongFilesTest {
  private static Reading reading;

  @BeforeAll
  static void open() {
    reading = new Reading();
  }

  @AfterAll
  static void close() {
    reading.close();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          peer_forwarder: { span_ag_count: 48 } | peer_forwarder.span_ag_count: unknown key; did you mean span_agg_count?
          peer_forwarder: { spanAggCount: 48 }  | peer_forwarder.spanAggCount: unknown key; did you mean span_agg_count?
          peer_forwarder: { discovery.mode: dns } | peer_forwarder.discovery.mode: unknown key; did you mean discovery_mode?
          ingst: {}                             | ingst: unknown key; did you mean ingest?
          span_agg_count: 48                    | span_agg_count: unknown key; wrong level: did you mean peer_forwarder.span_agg_count?
          ingest: { span_agg_cuont: 48 }        | ingest.span_agg_cuont: unknown key; did you mean peer_forwarder.span_agg_count?
          ingest: { cluster: a }                | ingest.cluster: unknown key; wrong level: did you mean cluster?
          ingest.port: 3                        | ingest.port: unknown key; keys are nested, not joined by dots: ingest: { port: ... }
          heartbeat: { reporters: [kafak] }     | heartbeat.reporters[0]: "kafak" is unknown; did you mean kafka? write kafka, file, otlp
          heartbeat: { reporters: prometheus }  | heartbeat.reporters: "prometheus" needs no reporter: /metrics of the admin port has the mesh always; remove it, or write kafka, file, otlp
          heartbeat: { enabled: true, reporters: kafka } | heartbeat.kafka.bootstrap_servers: is empty, and kafka is among heartbeat.reporters; list some of the brokers, such as ["kafka-1:9092", "kafka-2:9092"]
          heartbeat: { kafka: { format: v2 } }  | heartbeat.kafka.format: "v2" is unknown; did you mean v1? write v1, agent
          heartbeat: { kafka: { topic: a b } }  | heartbeat.kafka.topic: "a b" will not do; write 1 to 249 letters, digits, . _ or -
          heartbeat: { kafka: { properties: secret } } | heartbeat.kafka.properties: this is no mapping; write names and values below it, indented
          heartbeat: { kafka: { properties: { ssl: { key: secret } } } } | heartbeat.kafka.properties.ssl: is a mapping or a list; write text; names with dots stand as they are, not nested
          heartbeat: { enabled: true, reporters: kafka, kafka: { bootstrap_servers: k, properties: { compression.type: zstd } } } | heartbeat.kafka.properties.compression.type: "zstd" is not packed with Homespan; write none or gzip
          heartbeat: { enabled: true, reporters: kafka, kafka: { bootstrap_servers: k, properties: { acks: 7 } } } | heartbeat.kafka.properties.acks: "7" will not do; write a value of Kafka's type string, [all, -1, 0, 1]
          heartbeat: { enabled: true, reporters: kafka, kafka: { bootstrap_servers: k, properties: { linger.ms: soon } } } | heartbeat.kafka.properties.linger.ms: "soon" will not do; write a value of Kafka's type long, [0,...]
          heartbeat: { enabled: true, reporters: kafka, kafka: { bootstrap_servers: k, properties: { bootstrap.servers: k } } } | heartbeat.kafka.properties.bootstrap.servers: is not taken from here; write heartbeat.kafka.bootstrap_servers
          repeats: { wibble: 1 }                | repeats.wibble: unknown key; the nearest known key is remember; known here: remember, max_parts
          ingest: { port: "21890" }             | ingest.port: "21890" is text, not a whole number; write 21890, without quotes
          ingest: { port: 70000 }               | ingest.port: 70000 is out of range; write a whole number from 0 to 65535
          ingest: { port: -1 }                  | ingest.port: -1 is out of range; write a whole number from 0 to 65535
          ingest: { port: 1.5 }                 | ingest.port: 1.5 is not a whole number; write a whole number from 0 to 65535
          ingest: { port: }                     | ingest.port: is empty; write a value, or remove it to have the default
          ingest: { port: true }                | ingest.port: true is a truth value, not a whole number; write a whole number from 0 to 65535
          ingest: { host: "10.0.0.300" }        | ingest.host: "10.0.0.300" is not a host; write an address such as 0.0.0.0 or :: without scheme and port
          ingest: { host: "a:1" }               | ingest.host: "a:1" is not a host; write an address such as 0.0.0.0 or :: without scheme and port
          ingest: { request_timeout: 500ms }    | ingest.request_timeout: "500ms" is text, not a number of seconds; write 0.5, without unit and quotes
          ingest: { request_timeout: 0 }        | ingest.request_timeout: 0 is out of range; write seconds from 0.01 to 3600
          ingest: { request_timeout: .nan }     | ingest.request_timeout: NaN is a number, not a number of seconds; write seconds from 0.01 to 3600
          ingest: 5                             | ingest: 5 is a number, not a mapping; write keys below it, indented: host, port, request_timeout, max_connection_age, max_message_bytes, max_requests_in_flight, max_bytes_in_flight, max_connections, ssl, ssl_certificate_file, ssl_key_file, ssl_client_auth, ssl_client_ca_file, authentication
          admin: []                             | admin: this is a list, not a mapping; write keys below it, indented: host, port, max_connections, ssl, ssl_certificate_file, ssl_key_file, ssl_client_auth, ssl_client_ca_file, token_files
          cluster: no                           | cluster: false is a truth value, not text; put it in quotes if it is meant
          cluster: a b                          | cluster: "a b" will not do; write 1 to 100 printable characters, no spaces
          cluster: { a: 1 }                     | cluster: this is a mapping, not text; put it in quotes if it is meant
          peer_forwarder: { ssl: "false" }      | peer_forwarder.ssl: "false" is text, not true or false; write true or false, without quotes
          peer_forwarder: { ssl: true, sslKeyFile: k, ssl_ca_file: a } | peer_forwarder.sslKeyCertChainFile: is empty, and TLS is wanted; write the PEM file of this node's certificate
          peer_forwarder: { ssl: true, sslKeyCertChainFile: c, ssl_ca_file: a } | peer_forwarder.sslKeyFile: is empty, and TLS is wanted; write the PEM file of its private key
          { role: gateway, peer_forwarder: { static_endpoints: [a], ssl: true, sslKeyFile: k } } | peer_forwarder.sslKeyCertChainFile: is empty, and TLS is wanted; write the key's certificate
          ingest: { ssl: true, ssl_certificate_file: c } | ingest.ssl_key_file: is empty, and TLS is wanted; write the PEM file of its private key
          ingest: { ssl: true, ssl_certificate_file: c, ssl_key_file: k, ssl_client_auth: required } | ingest.ssl_client_ca_file: is empty, and TLS is wanted; write the PEM file of the CA that callers' certificates are from
          ingest: { ssl_client_auth: maybe }    | ingest.ssl_client_auth: "maybe" is unknown; write none, required
          sink: { type: otlp, otlp: { endpoint: "https://x:1", ssl_key_file: k } } | sink.otlp.ssl_certificate_file: is empty, and TLS is wanted; write the key's certificate
          peer_forwarder: { discovery_mode: [static, dnss] } | peer_forwarder.discovery_mode[1]: "dnss" is unknown; did you mean dns? write static, dns, dns_srv, self, file, udp, zookeeper, kubernetes; no provider of your own is on the class path
          peer_forwarder: { discovery_mode: aws_cloud_map } | peer_forwarder.discovery_mode: aws_cloud_map is not supported: Homespan asks no cloud's registry; write dns with a domain_name that lists the nodes, or static
          peer_forwarder: { discovery_mode: [] } | peer_forwarder.discovery_mode: is empty; write static, dns, dns_srv, self, file, udp, zookeeper or kubernetes
          peer_forwarder: { discovery_mode: file } | discovery.file.path: is empty, and discovery_mode is file; write the path of a file that lists the nodes
          peer_forwarder: { discovery_mode: DNS } | peer_forwarder.domain_name: is empty, and discovery_mode is dns; write the name whose addresses are the nodes
          peer_forwarder: { discovery_mode: dns_srv } | discovery.dns_srv.names: is empty, and discovery_mode is dns_srv; write the service's name, such as _homespan._tcp.tier.local
          discovery: { dns_srv: { names: "_homespan._tcp.tier.local:53" } } | discovery.dns_srv.names: "_homespan._tcp.tier.local:53" is not a domain name; write a name such as peers.local, without scheme and port
          discovery: { dns_srv: { name: x } } | discovery.dns_srv.name: unknown key; did you mean names?
          peer_forwarder: { domain_name: "http://x" } | peer_forwarder.domain_name: "http://x" is not a domain name; write a name such as peers.local, without scheme and port
          peer_forwarder: { static_endpoints: "a,b" } | peer_forwarder.static_endpoints: "a,b" is text, not a list; write [a, b]
          peer_forwarder: { static_endpoints: [a, "2001:db8::1"] } | peer_forwarder.static_endpoints[1]: "2001:db8::1" is not an address with a port; put IPv6 in brackets: "[2001:db8::1]:port"
          peer_forwarder: { static_endpoints: ["http://a:1"] } | peer_forwarder.static_endpoints[0]: "http://a:1" is not an address; write it without a scheme: "host:21891"
          peer_forwarder: { static_endpoints: ["a:0"] } | peer_forwarder.static_endpoints[0]: "a:0" has no port from 1 to 65535; write "host:21891"
          peer_forwarder: { static_endpoints: [":5"] } | peer_forwarder.static_endpoints[0]: ":5" has no host; write "host:21891"
          peer_forwarder: { static_endpoints: ["[::1"] } | peer_forwarder.static_endpoints[0]: "[::1" holds no IPv6 address; write "host:21891"
          peer_forwarder: { static_endpoints: [1.2.3] } | peer_forwarder.static_endpoints[0]: "1.2.3" holds no IPv4 address; write "host:21891"
          peer_forwarder: { static_endpoints: [a, ] , advertise: me } | peer_forwarder.advertise: "me" has no port; write "me:21891"
          peer_forwarder: { advertise: "0.0.0.0:1" } | peer_forwarder.advertise: "0.0.0.0:1" cannot be called; write an address that the others can reach
          peer_forwarder: { weight: 101 }       | peer_forwarder.weight: 101 is out of range; write a whole number from 1 to 100
          zone: a b                             | zone: "a b" will not do; write up to 100 printable characters, no spaces
          acknowledge: kept                     | acknowledge: "kept" is unknown; write delivered, stored
          { acknowledge: stored, journal: { max_bytes: 9999999 } } | journal.max_bytes: 9999999 is less than twice the larger of journal.file_bytes and ingest.max_message_bytes; write at least 134217728
          role: gatewy                          | role: "gatewy" is unknown; did you mean gateway? write node, gateway
          role: gateway                         | peer_forwarder.static_endpoints: is empty, and role is gateway: it has nobody to forward to; list the receivers, or write another peer_forwarder.discovery_mode
          { role: gateway, peer_forwarder: { discovery_mode: self } } | peer_forwarder.discovery_mode: self, and role is gateway: it would be its own receiver; write static, file, dns, dns_srv or kubernetes
          { role: gateway, peer_forwarder: { discovery_mode: zookeeper } } | peer_forwarder.discovery_mode: zookeeper finds what announces itself, and receivers don't; role is gateway; write static, file, dns, dns_srv or kubernetes
          { role: gateway, ingest: { port: 4317 }, peer_forwarder: { static_endpoints: [localhost] } } | peer_forwarder.static_endpoints: localhost:4317 is this gateway's own port for senders; write a receiver's, or another ingest.port
          routing_key: trace                    | routing_key: "trace" is unknown; did you mean traceID? write traceID, service, attributes
          routing_key: attributes               | routing_attributes: is empty, and routing_key is attributes; list their names, such as [service.name, http.route]
          heartbeat: { interval: 0.5 }          | heartbeat.interval: 0.5 is out of range; write seconds from 1 to 3600
          { peer_forwarder: { discovery_mode: kubernetes }, discovery: { kubernetes: { api: "https://a" } } } | discovery.kubernetes.service: is empty, and discovery_mode is kubernetes; write the name of the service whose endpoints are the nodes
          { peer_forwarder: { discovery_mode: kubernetes }, discovery: { kubernetes: { service: a } } } | discovery.kubernetes.api: is empty, and this is no pod of a cluster: KUBERNETES_SERVICE_HOST tells no address; write the API's, such as "https://10.96.0.1:443", or set KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT
          discovery: { kubernetes: { service: a.b } } | discovery.kubernetes.service: "a.b" will not do; write a service's name, such as homespan-peers
          discovery: { kubernetes: { api: "10.0.0.1:443" } } | discovery.kubernetes.api: "10.0.0.1:443" is no address of an API; write one such as "https://10.96.0.1:443"
          discovery: { kubernetes: { api: "https://a/b" } } | discovery.kubernetes.api: "a/b" has a path; write host and port alone: "https://10.96.0.1:443"
          discovery: { kubernetes: { port: 70000 } } | discovery.kubernetes.port: 70000 is no port; write a number from 1 to 65535, or the name of a port of the service
          discovery: { kubernetes: { port: Peer } } | discovery.kubernetes.port: "Peer" is no port; write a number from 1 to 65535, or the name of a port of the service
          peer_forwarder: { discovery_mode: zookeeper } | discovery.zookeeper.servers: is empty, and discovery_mode is zookeeper; list the servers, such as ["zk-1:2181", "zk-2:2181"]
          discovery: { zookeeper: { path: a/b } } | discovery.zookeeper.path: "a/b" will not do; write names after slashes, such as /homespan/peers
          discovery: { zookeeper: { path: /a/../b } } | discovery.zookeeper.path: "/a/../b" will not do; write names after slashes, such as /homespan/peers
          { peer_forwarder: { discovery_mode: zookeeper }, discovery: { zookeeper: { layout: heartbeat, path: /a } } } | discovery.zookeeper.path: "/a" cannot be the agents' directory: theirs has two names; write /ROOT_PATH_ZK/HEART_BEAT_NODE_PATH as the agents have them, by default /distributed_trace/heart_beat_nodes
          peer_forwarder: { discovery_mode: udp } | discovery.udp.secret: is empty, and discovery_mode is udp: anybody could join; write a text of 16 characters or more, the same on every node, or set HOMESPAN_DISCOVERY_UDP_SECRET
          { peer_forwarder: { discovery_mode: udp }, discovery: { udp: { secret: 12345 } } } | discovery.udp.secret: is not text; put it in quotes
          { peer_forwarder: { discovery_mode: udp }, discovery: { udp: { group: peers.local } } } | discovery.udp.group: "peers.local" is no address of many; write a multicast address such as 239.255.21.89, or 255.255.255.255 for broadcast
          { peer_forwarder: { discovery_mode: udp }, discovery: { udp: { interval: 2, expire_after: 5 } } } | discovery.udp.expire_after: 5 is too short: a few beacons may get lost; write at least three times discovery.udp.interval, 6
          discovery: { dns: { servers: [ns1] } } | discovery.dns.servers[0]: "ns1" is a name; write an IP address: "10.0.0.10:53"
          discovery: { dns: { min_ttl: 40 } }   | discovery.dns.min_ttl: 40 is more than max_ttl; write at most 30
          drain_delay: 30                       | shutdown_timeout: 30 leaves nothing after drain_delay; write more than 30
          ingest: { max_bytes_in_flight: 9999 } | ingest.max_bytes_in_flight: 9999 is less than ingest.max_message_bytes: no sender could send the largest message; write at least 67108864
          peer_forwarder: { server: { max_bytes_in_flight: 9999 } } | peer_forwarder.server.max_bytes_in_flight: 9999 is less than ingest.max_message_bytes: no peer could send the largest message; write at least 67108864
          peer_forwarder: { max_backlog_bytes_per_peer: 9999 } | peer_forwarder.max_backlog_bytes_per_peer: 9999 is less than ingest.max_message_bytes: the largest message could not wait for a peer; write at least 67108864
          admin: { port: 21890 }                | admin.port: 21890 is the port of ingest.port as well; give each a port of its own
          peer_forwarder: { server: { port: 21890, host: localhost } } | peer_forwarder.server.port: 21890 is the port of ingest.port as well; give each a port of its own
          sink: file                            | sink: "file" is text, not a mapping; write { type: file }
          sink: []                              | sink: is an empty list; write type: log at least
          sink: { type: kafka }                 | sink.type: "kafka" is unknown; write log, file, otlp
          sink: [ { type: log }, { typ: log } ] | sink[1].typ: unknown key; did you mean type?
          sink: { path: x }                     | sink.path: unknown key; wrong level: did you mean discovery.file.path or discovery.zookeeper.path or sink.file.path or journal.path or heartbeat.file.path?
          sink: [ { type: file }, { type: file, file: { path: ./homespan-spans.jsonl } } ] | sink[1].file.path: "homespan-spans.jsonl" is the file of sink[0].file.path as well; give each sink a file of its own
          sink: { type: otlp, otlp: { endpoint: "https://x:1/v1" } } | sink.otlp.endpoint: "http://x:1/v1" has a path; write host and port alone: "http://127.0.0.1:4317"
          sink: { type: otlp, otlp: { endpoint: "http://x:1/v1/traces" } } | sink.otlp.endpoint: "http://x:1/v1/traces" has a path; write host and port alone: "http://127.0.0.1:4317"
          heartbeat: { otlp: { endpoint: "ftp://x:1" } } | heartbeat.otlp.endpoint: "ftp://x:1" is not an address; write it as here: "http://127.0.0.1:4317"
          """)
  void aWrongFile_isRefused(String yaml, String line) {
    assertThat(reading.lines(yaml)).contains(line);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          cluster: homespan                     | peer_forwarder.static_endpoints: is empty: this node knows only itself; list the nodes of the tier, this one included
          peer_forwarder: { static_endpoints: [a, A, "a:21891", b] } | peer_forwarder.static_endpoints: a:21891 more than once; each counts once
          peer_forwarder: { static_endpoints: [a, "b:21890"] } | peer_forwarder.static_endpoints: b:21890: 21890 is the ingest port, where all that arrives counts as sent by a sender; write the peer port, 21891
          peer_forwarder: { discovery_mode: self, client: { port: 21890 } } | peer_forwarder.client.port: 21890 is the ingest port, where all that arrives counts as sent by a sender; write the peer port, 21891
          { peer_forwarder: { discovery_mode: self }, discovery: { udp: { secret: 0123456789abcdef } } } | discovery.udp.secret: has no effect; add udp to peer_forwarder.discovery_mode to use it
          { peer_forwarder: { discovery_mode: udp }, discovery: { udp: { secret: open sesame } } } | discovery.udp.secret: is short: it could be found out by trying; write 16 characters or more
          { peer_forwarder: { discovery_mode: self }, discovery: { zookeeper: { servers: zk } } } | discovery.zookeeper.servers: has no effect; add zookeeper to peer_forwarder.discovery_mode to use it
          peer_forwarder: { discovery_mode: self, static_endpoints: [a] } | peer_forwarder.static_endpoints: has no effect; add static to peer_forwarder.discovery_mode to use it
          { peer_forwarder: { discovery_mode: self }, discovery: { file: { path: x } } } | discovery.file.path: has no effect; add file to peer_forwarder.discovery_mode to use it
          { peer_forwarder: { discovery_mode: self }, discovery: { dns_srv: { names: x.local } } } | discovery.dns_srv.names: has no effect; add dns_srv to peer_forwarder.discovery_mode to use it
          peer_forwarder: { discovery_mode: self, domain_name: x.local } | peer_forwarder.domain_name: has no effect; add dns to peer_forwarder.discovery_mode to use it
          peer_forwarder: { discovery_mode: self, sslKeyCertChainFile: a.pem } | peer_forwarder.sslKeyCertChainFile: has no effect while ssl is false; remove it
          peer_forwarder: { discovery_mode: self, sslKeyFile: a.pem } | peer_forwarder.sslKeyFile: has no effect while ssl is false; remove it
          peer_forwarder: { discovery_mode: self, ssl_client_auth: none } | peer_forwarder.ssl_client_auth: has no effect while ssl is false; remove it
          peer_forwarder: { discovery_mode: self, ssl: true, sslKeyCertChainFile: c, sslKeyFile: k } | peer_forwarder.ssl_ca_file: is empty: who has a certificate of any CA that the system trusts can call the peer port; write the PEM file of a CA for this tier alone
          { peer_forwarder: { discovery_mode: self, server: { host: 127.0.0.1 } }, ingest: { authentication: { token_files: t } } } | ingest.authentication.token_files: are used without TLS: who can read the network can read the secrets; write ssl: true beside it, unless a proxy in front speaks TLS
          { peer_forwarder: { discovery_mode: self }, ingest: { ssl: true, ssl_certificate_file: c, ssl_key_file: k, authentication: { user_files: u } } } | peer_forwarder.ssl: false, and senders must be known: who reaches the peer port sends without being asked; write true, with a CA for this tier, or let none but peers reach that port
          { peer_forwarder: { discovery_mode: self }, sink: { type: otlp, otlp: { ssl_ca_file: a } } } | sink.otlp.ssl_ca_file: has no effect while the endpoint is not https://; remove it
          peer_forwarder: { discovery_mode: self, connect_timeout: 4 } | peer_forwarder.connect_timeout: 4 is not less than time_out, which cuts it; write less than 3
          { peer_forwarder: { discovery_mode: self }, repeats: { remember: 2 } } | repeats.remember: 2 is less than ingest.request_timeout: a repeat may be kept twice; write at least 8
          { peer_forwarder: { discovery_mode: self }, journal: { path: /x } } | journal.path: has no effect: acknowledge is delivered; write acknowledge: stored to use it
          { peer_forwarder: { discovery_mode: self }, sink: { file: { path: x } } } | sink.file.path: has no effect: the sink's type is log; write type: file to use it
          { peer_forwarder: { discovery_mode: self }, sink: { type: otlp, otlp: { time_out: 9 } } } | sink.otlp.time_out: 9 is not less than ingest.request_timeout, which cuts it; write less than 8
          { role: gateway, peer_forwarder: { static_endpoints: [a], advertise: "b:1" } } | peer_forwarder.advertise: has no effect: a gateway is nobody's peer; remove it
          { role: gateway, peer_forwarder: { static_endpoints: [a] }, sink: { type: file } } | sink.type: has no effect: a gateway keeps nothing, its receivers do; remove it, or write role: node
          { peer_forwarder: { discovery_mode: self }, routing_key: Service } | routing_key: service splits traces: the spans of one are kept on several nodes; write traceID for whole traces; else the same on every node
          { peer_forwarder: { discovery_mode: self }, routing_attributes: a } | routing_attributes: has no effect: routing_key is traceID; write routing_key: attributes to use it
          { peer_forwarder: { discovery_mode: self }, sink: [ { type: otlp }, { type: otlp } ] } | sink[1].otlp.endpoint: 127.0.0.1:4317 is the endpoint of sink[0].otlp.endpoint as well; it gets every span twice
          """)
  void aFileWithSomethingOdd_isUsed_withAWarning(String yaml, String line) {
    assertThat(reading.lines(yaml)).containsExactly("warning: " + line);
  }

  @Test
  void allProblems_areToldAtOnce() {
    assertThat(
            reading.lines(
                """
                drain_delay: 40
                ingest: { prot: 1, request_timeout: long }
                peer_forwarder: { static_endpoints: [ "a:0", b, "c:0", a, a ] }
                sink: [ 5, { type: x } ]
                """))
        .extracting(line -> line.substring(0, line.indexOf(": ")))
        .containsExactlyInAnyOrder(
            "ingest.prot",
            "ingest.request_timeout",
            "peer_forwarder.static_endpoints[0]",
            "peer_forwarder.static_endpoints[2]",
            "sink[0]",
            "sink[1].type",
            "shutdown_timeout");
  }

  @Test
  void providersOfOnesOwn_areKnownByTheirWords() {
    Set<String> own = Set.of("mine", "dns");
    String called = "warning: peer_forwarder.discovery_mode: a provider of your own is called dns";
    assertThat(
            reading.lines(
                "{ peer_forwarder: { discovery_mode: mien }, discovery: { mine: { a: 1 } } }",
                Map.of(),
                Long.MAX_VALUE,
                Set.of("mine")))
        .containsExactly(
            "peer_forwarder.discovery_mode: \"mien\" is unknown; did you mean mine? write static,"
                + " dns, dns_srv, self, file, udp, zookeeper, kubernetes; of your own, on the class path: mine",
            "warning: discovery.mine: has no effect; add mine to peer_forwarder.discovery_mode to"
                + " use it");
    assertThat(
            reading.lines(
                "{ peer_forwarder: { discovery_mode: mine }, discovery: { mine: 5 } }",
                Map.of(),
                Long.MAX_VALUE,
                own))
        .anyMatch(line -> line.startsWith(called))
        .anyMatch(line -> line.startsWith("discovery.mine: 5 is a number, not a mapping"));
  }

  @Test
  void aRefusedValue_isComparedWithNothing() {
    assertThat(reading.lines("{ peer_forwarder: { discovery_mode: self }, drain_delay: x }"))
        .containsExactly(
            "drain_delay: \"x\" is text, not a number of seconds; write seconds from 0 to 3600");
  }

  @Test
  void boundsThatTheHeapCannotHold_areAWarning() {
    String yaml = "peer_forwarder: { discovery_mode: self }";
    assertThat(reading.lines(yaml, Map.of(), 512L << 20)).isEmpty();
    assertThat(reading.lines(yaml, Map.of(), 256L << 20))
        .containsExactly(
            "warning: ingest.max_bytes_in_flight: with peer_forwarder.server.max_bytes_in_flight,"
                + " 256 MiB may be in flight, more than half of the heap of 256 MiB;"
                + " lower them, or start Java with a larger -Xmx");
  }
}
