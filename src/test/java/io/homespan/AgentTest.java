package io.homespan;

import static io.grpc.MethodDescriptor.generateFullMethodName;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Empty;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCalls;
import io.homespan.bus.Topics;
import io.homespan.config.Config;
import io.homespan.config.ConfigLoader;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.curator.test.TestingServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Processes that only measure, agents of the other kind, and nodes beside them. */
class AgentTest {
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

  private final HttpClient http = Tier.client().build();
  private final List<Running> running = new ArrayList<>();
  private final TestingServer zookeeper = new TestingServer(0, false);

  AgentTest() throws Exception {}

  /** A node of whatever role, on a Vert.x of its own. */
  private final class Running {
    final Vertx vertx = Vertx.vertx();
    final Node node;

    Running(Config config) {
      node = new Node(vertx, config, 1);
      running.add(this);
      Patience.await(node.start());
    }

    /** As kill -9 does: nobody is told. */
    void kill() throws InterruptedException {
      running.remove(this);
      Patience.await(node.stopHeartbeat());
      VertxInternal killed = (VertxInternal) vertx;
      killed.acceptorEventLoopGroup().shutdownGracefully(0, 0, TimeUnit.SECONDS).await(10_000);
      killed.nettyEventLoopGroup().shutdownGracefully(0, 0, TimeUnit.SECONDS).await(10_000);
      killed.blockedThreadChecker().close();
    }

    HttpResponse<String> admin(String path) throws Exception {
      URI uri = URI.create("http://127.0.0.1:" + node.adminPort() + path);
      return http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
    }

    JsonObject mesh() throws Exception {
      return new JsonObject(admin("/api/mesh").body());
    }

    String state(String from, String to, String probe) throws Exception {
      JsonArray cells = mesh().getJsonArray("cells");
      for (int i = 0; i < cells.size(); i++) {
        JsonObject cell = cells.getJsonObject(i);
        boolean asked = cell.getString("from").equals(from) && cell.getString("to").equals(to);
        if (asked && cell.getString("probe").equals(probe)) return cell.getString("state");
      }
      return "";
    }
  }

  @BeforeEach
  void open() throws Exception {
    zookeeper.start();
  }

  @AfterEach
  void close() throws Exception {
    for (Running one : running) {
      Patience.await(one.node.stop());
      Patience.await(one.vertx.close());
    }
    zookeeper.close();
  }

  private Map<String, String> variables(int port) {
    Map<String, String> env = new TreeMap<>();
    env.put("SERVERS_ZK", zookeeper.getConnectString());
    env.put("REGISTER_PUBLIC_DNS", "127.0.0.1");
    env.put("REGISTER_PUBLIC_PORT", Integer.toString(port));
    env.put("REGISTER_LISTENER_DNS", "127.0.0.1");
    env.put("REGISTER_LISTENER_PORT", Integer.toString(port));
    env.put("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1");
    hurry(env);
    return env;
  }

  private static void hurry(Map<String, String> env) {
    env.put("HOMESPAN_HEARTBEAT_INTERVAL", "1");
    env.put("HOMESPAN_ADMIN_PORT", "0");
    env.put("HOMESPAN_DRAIN_DELAY", "0");
    env.put("HOMESPAN_DISCOVERY_EXCHANGE_INTERVAL", "0.3");
  }

  private Running agent(int port) {
    return agent(variables(port));
  }

  private Running agent(Map<String, String> env) {
    return new Running(ConfigLoader.agentDefaults(env, 8L << 30, Set.of()).config());
  }

  /** A node that takes spans, with a heartbeat. */
  private Running node(int port, Map<String, String> settings) {
    return new Running(config(port, settings));
  }

  private static Config config(int port, Map<String, String> settings) {
    Map<String, String> env = new TreeMap<>();
    hurry(env);
    env.put("HOMESPAN_HEARTBEAT_ENABLED", "true");
    env.put("HOMESPAN_INGEST_PORT", "0");
    env.put("HOMESPAN_PEER_FORWARDER_SERVER_HOST", "127.0.0.1");
    env.put("HOMESPAN_PEER_FORWARDER_SERVER_PORT", Integer.toString(port));
    env.put("HOMESPAN_PEER_FORWARDER_ADVERTISE", "127.0.0.1:" + port);
    settings.forEach((key, value) -> env.put("HOMESPAN_" + key, value));
    return ConfigLoader.defaults(env, 8L << 30).config();
  }

  @Test
  void anAgentOfTheOtherKind_andOurs_findAndPingOneAnother() throws Exception {
    try (OtherAgent other = OtherAgent.start(zookeeper.getConnectString())) {
      int port = FreePort.any();
      String own = "127.0.0.1:" + port;
      Running agent = agent(port);

      Patience.untilAsserted(
          () -> {
            assertThat(other.pingAll()).isEqualTo(Map.of(own, true, other.id(), true));
            assertThat(agent.admin("/ready").statusCode()).isEqualTo(200);
            assertThat(agent.state(own, other.id(), "tcp")).isEqualTo("ok");
            assertThat(agent.state(own, other.id(), "grpc")).isEqualTo("ok");
            JsonObject mesh = agent.mesh();
            assertThat(mesh.getJsonArray("baseline")).hasSize(3);
            assertThat(mesh.getJsonArray("peers")).hasSize(2);
            assertThat(mesh.getJsonArray("findings")).isEmpty();
            assertThat(mesh.getJsonArray("mute")).containsExactly(other.id());
          });
      assertThat(other.pingedAs).isNotEmpty().containsOnly(other.id());
      assertThat(agent.state(other.id(), own, "grpc")).isEqualTo("no_data");
      assertThat(agent.state(own, other.id(), "payload")).isEmpty();
    }
  }

  @Test
  void anAgentTakesNoSpans_andOwnsNothing() throws Exception {
    int port = FreePort.any();
    Running agent = agent(port);
    MethodDescriptor<Empty, Empty> export =
        MethodDescriptor.<Empty, Empty>newBuilder()
            .setType(MethodDescriptor.MethodType.UNARY)
            .setFullMethodName(
                generateFullMethodName(
                    "opentelemetry.proto.collector.trace.v1.TraceService", "Export"))
            .setRequestMarshaller(ProtoUtils.marshaller(Empty.getDefaultInstance()))
            .setResponseMarshaller(ProtoUtils.marshaller(Empty.getDefaultInstance()))
            .build();
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    try {
      assertThatThrownBy(
              () ->
                  ClientCalls.blockingUnaryCall(
                      channel, export, CallOptions.DEFAULT, Empty.getDefaultInstance()))
          .isInstanceOfSatisfying(
              StatusRuntimeException.class,
              refused -> {
                assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.UNIMPLEMENTED);
                assertThat(refused.getStatus().getDescription()).contains("this is an agent");
              });
    } finally {
      channel.shutdownNow();
    }
    Patience.until("ready", () -> agent.admin("/ready").statusCode() == 200);
    assertThat(agent.node.ingestPort()).isZero();
    assertThat(agent.admin("/api/owner/" + TRACE).statusCode()).isEqualTo(404);
    assertThat(agent.admin("/metrics").body()).contains("homespan_heartbeat_bytes");
  }

  @Test
  void aNodeInTheAgentsDirectory_measuresThem_andOwnsEverythingAlone() throws Exception {
    try (OtherAgent other = OtherAgent.start(zookeeper.getConnectString())) {
      int port = FreePort.any();
      String id = "127.0.0.1:" + port;
      Running node =
          node(
              port,
              Map.of(
                  "PEER_FORWARDER_DISCOVERY_MODE", "zookeeper",
                  "DISCOVERY_ZOOKEEPER_SERVERS", zookeeper.getConnectString(),
                  "DISCOVERY_ZOOKEEPER_LAYOUT", "heartbeat"));
      int agentPort = FreePort.any();
      String agentId = "127.0.0.1:" + agentPort;
      Running agent = agent(agentPort);

      Patience.untilAsserted(
          () -> {
            for (Running asked : List.of(node, agent)) {
              assertThat(asked.mesh().getJsonArray("peers"))
                  .containsExactlyInAnyOrder(id, agentId, other.id());
              assertThat(asked.state(id, other.id(), "grpc")).isEqualTo("ok");
              assertThat(asked.state(id, agentId, "payload")).isEqualTo("ok");
              assertThat(asked.state(agentId, other.id(), "grpc")).isEqualTo("ok");
              assertThat(asked.state(agentId, id, "payload")).isEqualTo("ok");
              assertThat(asked.mesh().getJsonArray("findings")).isEmpty();
            }
            assertThat(other.pingAll()).hasSize(3).doesNotContainValue(false);
          });
      assertThat(order(node)).containsExactly(id);
    }
  }

  @Test
  void whereAgentsAreLookedUp_changesWhileTheNodeRuns() throws Exception {
    try (OtherAgent other = OtherAgent.start(zookeeper.getConnectString());
        TestingServer elsewhere = new TestingServer(0, true);
        OtherAgent another = OtherAgent.start(elsewhere.getConnectString())) {
      int port = FreePort.any();
      String id = "127.0.0.1:" + port;
      Map<String, String> settings =
          new TreeMap<>(
              Map.of(
                  "PEER_FORWARDER_DISCOVERY_MODE", "static,zookeeper",
                  "PEER_FORWARDER_STATIC_ENDPOINTS", id,
                  "DISCOVERY_REMOVAL_MISSES", "1",
                  "DISCOVERY_ZOOKEEPER_SERVERS", zookeeper.getConnectString(),
                  "DISCOVERY_ZOOKEEPER_LAYOUT", "heartbeat"));
      Running node = node(port, settings);
      Patience.untilAsserted(() -> assertThat(node.state(id, other.id(), "grpc")).isEqualTo("ok"));

      settings.put("DISCOVERY_ZOOKEEPER_SERVERS", elsewhere.getConnectString());
      Topics.CONFIG_CURRENT.publish(node.vertx, config(port, settings));
      Patience.untilAsserted(
          () -> {
            assertThat(node.mesh().getJsonArray("peers"))
                .containsExactlyInAnyOrder(id, another.id());
            assertThat(node.state(id, another.id(), "grpc")).isEqualTo("ok");
          });

      settings.put("PEER_FORWARDER_DISCOVERY_MODE", "static");
      Topics.CONFIG_CURRENT.publish(node.vertx, config(port, settings));
      Patience.untilAsserted(
          () -> assertThat(node.mesh().getJsonArray("peers")).containsExactly(id));
    }
  }

  private static JsonArray order(Running node) throws Exception {
    return new JsonObject(node.admin("/api/owner/" + TRACE).body()).getJsonArray("order");
  }

  @Test
  void anAgentThatIsListed_isMeasured_andIsNoOwner_dead_orAlive() throws Exception {
    int port = FreePort.any();
    int agentPort = FreePort.any();
    String id = "127.0.0.1:" + port;
    String agentId = "127.0.0.1:" + agentPort;
    Map<String, String> listed = Map.of("PEER_FORWARDER_STATIC_ENDPOINTS", id + "," + agentId);
    Map<String, String> env = variables(agentPort);
    env.put("HOMESPAN_PEER_FORWARDER_DISCOVERY_MODE", "static");
    listed.forEach((key, value) -> env.put("HOMESPAN_" + key, value));
    Running agent = agent(env);
    Running node = node(port, listed);

    Patience.untilAsserted(
        () -> {
          assertThat(order(node)).containsExactly(id);
          assertThat(node.state(id, agentId, "payload")).isEqualTo("ok");
          assertThat(node.state(agentId, id, "payload")).isEqualTo("ok");
          assertThat(node.mesh().getJsonArray("findings")).isEmpty();
          assertThat(new JsonObject(agent.admin("/api/peers").body()).getJsonArray("problems"))
              .isEmpty();
        });
    agent.kill();
    Patience.untilAsserted(() -> assertThat(node.state(id, agentId, "tcp")).isEqualTo("failing"));
    assertThat(order(node)).containsExactly(id);
  }

  @Test
  void anAgentThatIsGone_orSomethingElseAtItsPort_isFailing() throws Exception {
    try (OtherAgent other = OtherAgent.start(zookeeper.getConnectString())) {
      int port = FreePort.any();
      String own = "127.0.0.1:" + port;
      Running agent = agent(port);
      other.register("127.0.0.1", 1);
      int http = agent.node.adminPort(); // no agent, and no gRPC
      other.register("127.0.0.1", http);
      Patience.untilAsserted(
          () -> {
            assertThat(agent.state(own, "127.0.0.1:1", "grpc")).isEqualTo("failing");
            assertThat(agent.state(own, "127.0.0.1:" + http, "grpc")).isEqualTo("failing");
            assertThat(agent.state(own, other.id(), "grpc")).isEqualTo("ok");
            assertThat(agent.mesh().getJsonArray("findings"))
                .singleElement()
                .asString()
                .contains("127.0.0.1:1, ", " are down: " + own + ", which alone tries them");
          });
    }
  }
}
