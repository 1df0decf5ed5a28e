package io.homespan.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.homespan.config.Config.Endpoint;
import io.homespan.config.Config.FileSink;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EnvironmentTest {
  private static final String SELF = "peer_forwarder: { discovery_mode: self }";
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
  void variables_overrideTheFile() {
    Loaded loaded =
        reading.loaded(
            "{ ingest: { port: 1 }, peer_forwarder: { time_out: 2, advertise: \"a:1\" } }",
            Map.of(
                "HOMESPAN_INGEST_PORT", "0",
                "HOMESPAN_PEER_FORWARDER_TIME_OUT", "5",
                "HOMESPAN_PEER_FORWARDER_STATIC_ENDPOINTS", "a, b:7,",
                "HOMESPAN_PEER_FORWARDER_SSL", "False",
                "HOMESPAN_PEER_FORWARDER_ADVERTISE", "",
                "HOMESPAN_SINK_TYPE", "file",
                "HOMESPAN_SINK_FILE_PATH", "x.jsonl",
                "PATH", "/bin"));
    assertThat(loaded.warnings()).isEmpty();
    Config config = loaded.config();
    assertThat(config.ingest().port()).isZero();
    assertThat(config.peerForwarder().timeOut()).isEqualTo(Duration.ofSeconds(5));
    assertThat(config.peerForwarder().staticEndpoints())
        .containsExactly(new Endpoint("a", 21891), new Endpoint("b", 7));
    assertThat(config.peerForwarder().advertise()).isNull();
    assertThat(config.sinks()).isEqualTo(List.of(new FileSink("x.jsonl", 268435456, 0)));
  }

  @Test
  void inAPod_theApiIsWhereKubernetesSays_unlessAnotherIsWritten() {
    Map<String, String> pod =
        Map.of("KUBERNETES_SERVICE_HOST", "fd00::1", "KUBERNETES_SERVICE_PORT", "6443");
    String mode = "peer_forwarder: { discovery_mode: kubernetes }, discovery: { kubernetes: ";
    assertThat(kubernetes("{" + mode + "{ service: peers } } }", pod))
        .isEqualTo(
            new Config.Kubernetes(
                "peers",
                "",
                null,
                new Endpoint("fd00::1", 6443),
                true,
                "/var/run/secrets/kubernetes.io/serviceaccount/token",
                "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt",
                true,
                Duration.ofSeconds(5),
                Duration.ofSeconds(60)));
    Config.Kubernetes other =
        kubernetes(
            "{"
                + mode
                + "{ service: peers, namespace: tracing, port: 7, api: \"http://localhost:8001/\" } } }",
            pod);
    assertThat(other.api()).isEqualTo(new Endpoint("localhost", 8001));
    assertThat(other.tls()).isFalse();
    assertThat(other.port()).isEqualTo("7");
    assertThat(reading.loaded(SELF, pod).config().discovery().kubernetes()).isNull();
    assertThat(reading.loaded(SELF, pod).warnings()).isEmpty();
  }

  private static Config.Kubernetes kubernetes(String yaml, Map<String, String> env) {
    Loaded loaded = reading.loaded(yaml, env);
    assertThat(loaded.warnings()).isEmpty();
    return Objects.requireNonNull(loaded.config().discovery().kubernetes());
  }

  @Test
  void variables_overrideDataPreppersFile() {
    assertThat(
            reading
                .loaded(
                    "prepper: [ peer_forwarder: { static_endpoints: [a], ssl: false } ]",
                    Map.of("HOMESPAN_PEER_FORWARDER_SPAN_AGG_COUNT", "7"))
                .config()
                .peerForwarder()
                .spanAggCount())
        .isEqualTo(7);
  }

  @ParameterizedTest(name = "{0}={1}")
  @CsvSource({
    "HOMESPAN_SERVICE_HOST, 10.0.0.1",
    "HOMESPAN_SERVICE_PORT, 21890",
    "HOMESPAN_SERVICE_PORT_OTLP, 21890",
    "HOMESPAN_PORT, tcp://10.0.0.1:21890",
    "HOMESPAN_PORT_21890_TCP, tcp://10.0.0.1:21890",
    "HOMESPAN_PORT_21890_TCP_PROTO, tcp",
    "HOMESPAN_PORT_21890_TCP_PORT, 21890",
    "HOMESPAN_PORT_21890_TCP_ADDR, 10.0.0.1",
    "HOMESPAN_ADMIN_PORT, tcp://10.0.0.1:21892",
    "HOMESPAN_INGEST_PORT, udp://10.0.0.1:1",
    "HOMESPAN_INGEST_SERVICE_HOST, 10.0.0.1",
    "HOMESPAN_INGEST_SERVICE_PORT, 1",
    "HOMESPAN_ADMIN_PORT_21892_TCP_ADDR, 10.0.0.1",
    "HOMESPAN_MY_OWN_SERVICE_PORT_X, 1",
    "XHOMESPAN_INGEST_PORT, x"
  })
  void whatKubernetesInjects_isIgnoredSilently(String name, String value) {
    assertThat(reading.lines(SELF, Map.of(name, value), Long.MAX_VALUE)).isEmpty();
  }

  @ParameterizedTest(name = "{0}={1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          HOMESPAN_INGEST_PORT | x | HOMESPAN_INGEST_PORT: "x" is not a whole number; write a whole number from 0 to 65535
          HOMESPAN_INGEST_PORT | 70000 | HOMESPAN_INGEST_PORT: 70000 is out of range; write a whole number from 0 to 65535
          HOMESPAN_INGEST_PORT | `` | HOMESPAN_INGEST_PORT: is empty; write a value, or remove it to have the default
          HOMESPAN_DRAIN_DELAY | 5s | HOMESPAN_DRAIN_DELAY: "5s" is not a number of seconds; write 5, without a unit
          HOMESPAN_PEER_FORWARDER_SSL | yes | HOMESPAN_PEER_FORWARDER_SSL: "yes" is neither true nor false; write true or false
          HOMESPAN_PEER_FORWARDER_DISCOVERY_MODE | self,dnss | HOMESPAN_PEER_FORWARDER_DISCOVERY_MODE[1]: "dnss" is unknown; did you mean dns? write static, dns, dns_srv, self, file, udp, zookeeper, kubernetes; no provider of your own is on the class path
          HOMESPAN_ADMIN_PORT | 21890 | HOMESPAN_ADMIN_PORT: 21890 is the port of ingest.port as well; give each a port of its own
          HOMESPAN_PEER_FORWARDER_TIMEOUT | 5 | warning: HOMESPAN_PEER_FORWARDER_TIMEOUT: unknown variable, has no effect; the nearest known one is HOMESPAN_PEER_FORWARDER_TIME_OUT
          """)
  void aBadVariable_isNamed(String name, String value, String line) {
    assertThat(reading.lines(SELF, Map.of(name, value), Long.MAX_VALUE)).containsExactly(line);
  }

  @Test
  void aVariableForOneOfSeveralSinks_isRefused() {
    assertThat(
            reading.lines(
                SELF + "\nsink: [ { type: log }, { type: file } ]",
                Map.of("HOMESPAN_SINK_TYPE", "otlp"),
                Long.MAX_VALUE))
        .containsExactly(
            "HOMESPAN_SINK_TYPE: there are 2 sinks, and it names none of them; set it in the file");
  }
}
