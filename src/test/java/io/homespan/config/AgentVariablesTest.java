package io.homespan.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homespan.config.Config.Endpoint;
import io.homespan.config.ConfigReader.Use;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The other agent's variables, where we run in its place. */
class AgentVariablesTest {
  private static final long HEAP = 8L << 30;

  private static Loaded alone(Map<String, String> env) {
    return ConfigLoader.agentDefaults(env, HEAP, Set.of());
  }

  private static Loaded with(JsonObject file, Map<String, String> env) {
    return ConfigReader.read(file, env, HEAP, Set.of(), Use.AGENT);
  }

  private static Config.ZooKeeper zookeeper(Loaded loaded) {
    return Objects.requireNonNull(loaded.config().discovery().zookeeper());
  }

  private static Config.KafkaReports kafka(Loaded loaded) {
    return Objects.requireNonNull(loaded.config().heartbeat().reports().kafka());
  }

  @Test
  void whereNothingIsSet_allIsAsTheAgentHasIt() {
    Loaded loaded = alone(Map.of("SERVERS_ZK", "", "REGISTER_PUBLIC_PORT", " "));
    assertThat(loaded.warnings()).isEmpty();
    Config config = loaded.config();
    assertThat(config.role()).isEqualTo(Config.Role.AGENT);
    assertThat(config.heartbeat().enabled()).isTrue();
    assertThat(config.heartbeat().interval()).isEqualTo(Duration.ofSeconds(10));
    assertThat(config.heartbeat().timeOut()).isEqualTo(Duration.ofSeconds(5));
    assertThat(config.peerForwarder().discoveryModes()).containsExactly("zookeeper");
    assertThat(config.peerForwarder().advertise()).isEqualTo(new Endpoint("localhost", 4000));
    assertThat(config.peerForwarder().server().host()).isEqualTo("localhost");
    assertThat(config.peerForwarder().server().port()).isEqualTo(4000);
    assertThat(zookeeper(loaded))
        .isEqualTo(
            new Config.ZooKeeper(
                List.of(new Endpoint("localhost", 2181)),
                "/distributed_trace/heart_beat_nodes",
                Duration.ofSeconds(10),
                Duration.ofSeconds(5),
                true));
    assertThat(kafka(loaded).servers()).containsExactly(new Endpoint("localhost", 9092));
    assertThat(kafka(loaded).topic()).isEqualTo("distributedTrace");
    assertThat(kafka(loaded).format()).isEqualTo(Config.KafkaReports.Format.AGENT);
  }

  @Test
  void everyVariable_reachesItsKey() {
    Loaded loaded =
        alone(
            Map.ofEntries(
                Map.entry("ROOT_PATH_ZK", "dt"),
                Map.entry("HEART_BEAT_NODE_PATH", "hb"),
                Map.entry("CONN_TIMEOUT", "7"),
                Map.entry("SERVERS_ZK", "zk-1:2182,zk-2"),
                Map.entry("KAFKA_TOPIC", "pings"),
                Map.entry("KAFKA_BOOTSTRAP_SERVERS", "k-1:9093,k-2:9094"),
                Map.entry("REGISTER_PUBLIC_DNS", "Heartbeat_1"),
                Map.entry("REGISTER_PUBLIC_PORT", "4001"),
                Map.entry("REGISTER_LISTENER_DNS", "0.0.0.0"),
                Map.entry("REGISTER_LISTENER_PORT", "4002")));
    Config.PeerForwarder peers = loaded.config().peerForwarder();
    assertThat(peers.advertise()).isEqualTo(new Endpoint("heartbeat_1", 4001));
    assertThat(peers.server().host()).isEqualTo("0.0.0.0");
    assertThat(peers.server().port()).isEqualTo(4002);
    assertThat(zookeeper(loaded).path()).isEqualTo("/dt/hb");
    assertThat(zookeeper(loaded).sessionTimeout()).isEqualTo(Duration.ofSeconds(7));
    assertThat(zookeeper(loaded).servers())
        .containsExactly(new Endpoint("zk-1", 2182), new Endpoint("zk-2", 2181));
    assertThat(kafka(loaded).topic()).isEqualTo("pings");
    assertThat(kafka(loaded).servers())
        .containsExactly(new Endpoint("k-1", 9093), new Endpoint("k-2", 9094));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          CONN_TIMEOUT           | ten   | "ten" is not a number of seconds; write seconds from 1 to 3600
          CONN_TIMEOUT           | 10s   | "10s" is not a number of seconds; write 10, without a unit
          CONN_TIMEOUT           | 0     | 0 is out of range; write seconds from 1 to 3600
          REGISTER_PUBLIC_PORT   | http  | "http" is not a whole number; write a whole number from 1 to 65535
          REGISTER_PUBLIC_PORT   | 0     | 0 is out of range; write a whole number from 1 to 65535
          REGISTER_LISTENER_PORT | 4000x | "4000x" is not a whole number; write a whole number from 0 to 65535
          REGISTER_PUBLIC_DNS    | http://a | "http://a" is not a host; write a name or an address that the others can reach, without scheme and port
          REGISTER_PUBLIC_DNS    | a:4000 | "a:4000" is not a host; write a name or an address that the others can reach, without scheme and port
          REGISTER_PUBLIC_DNS    | 0.0.0.0 | "0.0.0.0:4000" cannot be called; write an address that the others can reach
          ROOT_PATH_ZK           | a/b   | "a/b" will not do; write one name without slashes, such as heart_beat_nodes
          """)
  void whatWillNotDo_isToldByTheVariablesName(String name, String value, String told) {
    assertThatThrownBy(() -> alone(Map.of(name, value)))
        .isInstanceOfSatisfying(
            ConfigException.class,
            wrong ->
                assertThat(wrong.problems())
                    .singleElement()
                    .asString()
                    .isEqualTo(name + ": " + told));
  }

  @Test
  void whereHostAndPortAreWrong_bothAreTold() {
    for (String host : List.of("http://a", "0.0.0.0")) {
      assertThatThrownBy(
              () -> alone(Map.of("REGISTER_PUBLIC_DNS", host, "REGISTER_PUBLIC_PORT", "http")))
          .isInstanceOfSatisfying(
              ConfigException.class,
              wrong ->
                  assertThat(wrong.problems())
                      .extracting(Problem::keyPath)
                      .containsExactlyInAnyOrder("REGISTER_PUBLIC_DNS", "REGISTER_PUBLIC_PORT"));
    }
  }

  @Test
  void anIpV6Address_needsNoBrackets_andMayHaveThem() {
    for (String host : List.of("fd00::1", "[fd00::1]")) {
      assertThat(alone(Map.of("REGISTER_PUBLIC_DNS", host)).config().peerForwarder().advertise())
          .isEqualTo(new Endpoint("fd00::1", 4000));
    }
  }

  @Test
  void anAgentStopsAtOnce_unlessItIsToldOtherwise() {
    assertThat(alone(Map.of()).config().drainDelay()).isZero();
    assertThat(with(new JsonObject(), Map.of()).config().drainDelay()).isZero();
    Config delayed = with(new JsonObject("{\"drain_delay\":3}"), Map.of()).config();
    assertThat(delayed.drainDelay()).isEqualTo(Duration.ofSeconds(3));
    Config byVariable = alone(Map.of("HOMESPAN_DRAIN_DELAY", "2")).config();
    assertThat(byVariable.drainDelay()).isEqualTo(Duration.ofSeconds(2));
  }

  @Test
  void variablesOfOurs_override_alsoByNothing() {
    Loaded loaded =
        alone(
            Map.of(
                "CONN_TIMEOUT", "7",
                "HOMESPAN_DISCOVERY_ZOOKEEPER_SESSION_TIMEOUT", "8",
                "REGISTER_PUBLIC_DNS", "a",
                "HOMESPAN_PEER_FORWARDER_ADVERTISE", "b:5",
                "HOMESPAN_HEARTBEAT_REPORTERS", ""));
    assertThat(zookeeper(loaded).sessionTimeout()).isEqualTo(Duration.ofSeconds(8));
    assertThat(loaded.config().peerForwarder().advertise()).isEqualTo(new Endpoint("b", 5));
    assertThat(loaded.config().heartbeat().reports().kafka()).isNull();
  }

  @Test
  void withAFile_onlyWhatIsSetActs() {
    JsonObject file =
        new JsonObject(
            "{\"peer_forwarder\":{\"static_endpoints\":[\"a:1\"],\"advertise\":\"me:7\"}}");
    Config.PeerForwarder untouched = with(file, Map.of()).config().peerForwarder();
    assertThat(untouched.discoveryModes()).containsExactly("static");
    assertThat(untouched.server().port()).isEqualTo(21891);
    Loaded named = with(file, Map.of("REGISTER_PUBLIC_DNS", "other"));
    assertThat(named.config().peerForwarder().advertise()).isEqualTo(new Endpoint("other", 7));
    assertThat(named.config().heartbeat().reports().kafka()).isNull();
    Loaded moved = with(new JsonObject(), Map.of("ROOT_PATH_ZK", "dt"));
    assertThat(zookeeper(moved).path()).isEqualTo("/dt/heart_beat_nodes");
    assertThat(zookeeper(moved).heartbeatLayout()).isTrue();
  }

  @Test
  void whatHasNoEffect_isSaid() {
    JsonObject file =
        new JsonObject(
            "{\"peer_forwarder\":{\"discovery_mode\":\"static\",\"static_endpoints\":[\"a:1\"]}}");
    Loaded loaded = with(file, Map.of("SERVERS_ZK", "zk-1", "KAFKA_PRODUCER_GROUP", "g"));
    assertThat(loaded.warnings().stream().map(String::valueOf))
        .containsExactlyInAnyOrder(
            "warning: SERVERS_ZK: has no effect; add zookeeper to peer_forwarder.discovery_mode to"
                + " use it",
            "warning: KAFKA_PRODUCER_GROUP: has no effect: who writes to Kafka is in no group;"
                + " remove it");
  }

  @Test
  void aNode_takesNoNoticeOfThem() {
    Map<String, String> env =
        Map.of("SERVERS_ZK", "zk-1", "CONN_TIMEOUT", "ten", "REGISTER_PUBLIC_PORT", "x");
    Config config = ConfigLoader.defaults(env, HEAP).config();
    assertThat(config).isEqualTo(ConfigLoader.defaults(Map.of(), HEAP).config());
  }

  @Test
  void aGatewaysFile_makesNoAgent() {
    assertThatThrownBy(() -> with(new JsonObject("{\"role\":\"gateway\"}"), Map.of()))
        .isInstanceOfSatisfying(
            ConfigException.class,
            wrong -> assertThat(wrong.problems()).anyMatch(one -> one.keyPath().equals("role")));
  }
}
