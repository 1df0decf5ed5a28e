package io.homespan;

import static org.assertj.core.api.Assertions.assertThat;

import io.homespan.report.Broker;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.apache.curator.test.TestingServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The agent in a process of its own, with the other kind's variables. */
class HeartbeatProcessTest {
  @TempDir Path dir = Path.of("");
  private final HttpClient http = Tier.client().build();

  @Test
  void withTheOtherKindsVariablesAlone_itRunsInItsPlace() throws Exception {
    int port = FreePort.any();
    int admin = FreePort.any();
    String own = "127.0.0.1:" + port;
    try (TestingServer zookeeper = new TestingServer();
        Broker broker = new Broker(Files.createDirectory(dir.resolve("kafka")));
        OtherAgent other = OtherAgent.start(zookeeper.getConnectString())) {
      Map<String, String> env = new TreeMap<>();
      env.put("SERVERS_ZK", zookeeper.getConnectString());
      env.put("CONN_TIMEOUT", "20");
      env.put("REGISTER_PUBLIC_DNS", "127.0.0.1");
      env.put("REGISTER_PUBLIC_PORT", Integer.toString(port));
      env.put("REGISTER_LISTENER_DNS", "127.0.0.1");
      env.put("REGISTER_LISTENER_PORT", Integer.toString(port));
      env.put("ROOT_PATH_ZK", ""); // as if it were not set
      env.put("KAFKA_BOOTSTRAP_SERVERS", broker.address()); // nobody is there yet
      env.put("KAFKA_PRODUCER_GROUP", "agents");
      env.put("HOMESPAN_ADMIN_PORT", Integer.toString(admin));
      env.put("HOMESPAN_HEARTBEAT_INTERVAL", "1"); // not to wait for ten
      env.put("HOMESPAN_DRAIN_DELAY", "0");
      try (Child killed = Child.start(dir, env, "heartbeat")) {
        killed.awaitReady(http, admin);
        assertThat(other.registered()).containsExactlyInAnyOrder(own, other.id());
        Patience.until("a ping", () -> other.pingedAs.contains(other.id()));
        // it may be ready before it says that it is up
        Patience.untilAsserted(
            () ->
                assertThat(killed.said())
                    .contains("KAFKA_PRODUCER_GROUP: has no effect", "agent is up ingest=none"));
        killed.kill();
        killed.exit();
      }
      broker.start();
      try (Child agent = Child.start(dir, env, "heartbeat")) {
        agent.awaitReady(http, admin);
        // the session of the killed one goes on
        assertThat(other.registered()).containsExactlyInAnyOrder(own, other.id());
        Patience.untilAsserted(() -> assertThat(other.pingAll()).containsEntry(own, true));
        Patience.untilAsserted(
            () ->
                assertThat(mesh(admin).getJsonArray("peers"))
                    .containsExactlyInAnyOrderElementsOf(List.of(own, other.id())));
        String gone = "127.0.0.1:" + FreePort.any();
        other.register("127.0.0.1", Integer.parseInt(gone.substring(gone.indexOf(':') + 1)));
        Patience.untilAsserted(
            () ->
                assertThat(records(broker))
                    .anyMatch(
                        Pattern.compile(
                                "\\{\"fromHostAddr\":\"%s\",\"toHostAddr\":\"%s\",\"responseTiming\":[1-9][0-9]*,\"isTransmissionSuccess\":true}"
                                    .formatted(own, other.id()))
                            .asMatchPredicate())
                    .contains(
                        "{\"fromHostAddr\":\"%s\",\"toHostAddr\":\"%s\"}".formatted(own, gone)));
        agent.terminate();
        assertThat(agent.exit()).as(agent.said()).isZero();
        Patience.untilAsserted(() -> assertThat(other.registered()).doesNotContain(own));
      }
    }
  }

  @Test
  void aNumberThatIsNone_isToldByTheNameOfItsVariable() throws Exception {
    Map<String, String> env = Map.of("CONN_TIMEOUT", "ten", "REGISTER_PUBLIC_PORT", "99999");
    try (Child agent = Child.start(dir, env, "heartbeat")) {
      assertThat(agent.exit()).isEqualTo(2);
      assertThat(agent.said())
          .contains(
              "CONN_TIMEOUT: \"ten\" is not a number of seconds; write seconds from 1 to 3600")
          .contains(
              "REGISTER_PUBLIC_PORT: 99999 is out of range; write a whole number from 1 to 65535");
    }
  }

  private static List<String> records(Broker broker) {
    return broker.records("distributedTrace").stream()
        .map(record -> new String(record.value(), StandardCharsets.UTF_8))
        .toList();
  }

  private JsonObject mesh(int admin) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + admin + "/api/mesh");
    return new JsonObject(
        http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString()).body());
  }
}
