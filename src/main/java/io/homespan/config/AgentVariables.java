package io.homespan.config;

import io.homespan.config.Config.Endpoint;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The environment of a Distributed-trace agent, read in place of our keys, for a process that runs
 * in such an agent's place. What is set overrides the file, and is overridden by a {@code
 * HOMESPAN_} variable; set to nothing is not set. Without a file, what nobody sets is as the agent
 * has it by default.
 */
final class AgentVariables {
  static final String ROOT = "ROOT_PATH_ZK";
  static final String NODES = "HEART_BEAT_NODE_PATH";
  static final String SERVERS = "SERVERS_ZK";
  static final String SESSION = "CONN_TIMEOUT";
  static final String TOPIC = "KAFKA_TOPIC";
  static final String GROUP = "KAFKA_PRODUCER_GROUP";
  static final String BROKERS = "KAFKA_BOOTSTRAP_SERVERS";
  static final String PUBLIC_HOST = "REGISTER_PUBLIC_DNS";
  static final String PUBLIC_PORT = "REGISTER_PUBLIC_PORT";
  static final String LISTENER_HOST = "REGISTER_LISTENER_DNS";
  static final String LISTENER_PORT = "REGISTER_LISTENER_PORT";

  private static final String DEFAULT_ROOT = "distributed_trace";
  private static final String DEFAULT_NODES = "heart_beat_nodes";
  private static final String DEFAULT_HOST = "localhost";
  private static final int DEFAULT_PORT = 4000;
  private static final Kind<Long> PORT = new Numbers.Whole(1, 65535);
  private static final String HOST =
      "write a name or an address that the others can reach, without scheme and port";
  private static final Kind<String> NAME =
      Words.Text.of(
          "(?!\\.{1,2}$)[^/\\p{C}]+", "one name without slashes, such as heart_beat_nodes");

  private final Map<String, String> env;
  private final boolean alone;
  private final SectionReader reader;
  private final Values node;
  private final List<Problem> problems;

  private AgentVariables(
      Map<String, String> env,
      boolean alone,
      SectionReader reader,
      Values node,
      List<Problem> problems) {
    this.env = env;
    this.alone = alone;
    this.reader = reader;
    this.node = node;
    this.problems = problems;
  }

  /**
   * Makes an agent of what was read.
   *
   * @param alone whether there is no file
   */
  static void apply(
      Map<String, String> env,
      boolean alone,
      SectionReader reader,
      Values node,
      List<Problem> problems) {
    new AgentVariables(env, alone, reader, node, problems).apply();
  }

  private void apply() {
    if (GatewayRules.isGateway(node)) {
      problems.add(
          Problem.error(
              node.place(Schema.ROLE),
              "gateway, and homespan heartbeat is to run an agent, which forwards nothing",
              "write role: node, or start the gateway by homespan run"));
    }
    node.put(Schema.ROLE, GatewayRules.AGENT, node.place(Schema.ROLE));
    node.put(Schema.HEARTBEAT, true, node.place(Schema.HEARTBEAT));
    otherwise(Schema.DRAIN_DELAY, Duration.ZERO); // nobody sends it anything that would have to go
    zooKeeper();
    listener();
    advertise();
    kafka();
    if (isSet(GROUP)) {
      problems.add(
          Problem.warning(GROUP, "has no effect: who writes to Kafka is in no group", "remove it"));
    }
  }

  // where agents are

  private void zooKeeper() {
    boolean meant = isSet(SERVERS) || isSet(ROOT) || isSet(NODES) || isSet(SESSION);
    if ((alone || meant) && isOpen(Schema.DISCOVERY_MODE)) {
      node.put(
          Schema.DISCOVERY_MODE, List.of(ZooKeeperRules.MODE), node.place(Schema.DISCOVERY_MODE));
      otherwise(Schema.ZOOKEEPER_LAYOUT, ZooKeeperRules.HEARTBEAT);
      if (!isSet(SERVERS)) {
        otherwise(Schema.ZOOKEEPER_SERVERS, List.of(new Endpoint(DEFAULT_HOST, 2181)));
      }
    }
    read(Schema.ZOOKEEPER_SERVERS, SERVERS);
    read(Schema.ZOOKEEPER_SESSION, SESSION);
    path();
  }

  private void path() {
    if (isOverridden(Schema.ZOOKEEPER_PATH) || !(isSet(ROOT) || isSet(NODES))) return;
    String root = value(NAME, ROOT, DEFAULT_ROOT);
    String nodes = value(NAME, NODES, DEFAULT_NODES);
    String path = root == null || nodes == null ? null : "/" + root + "/" + nodes;
    node.put(Schema.ZOOKEEPER_PATH, path, isSet(ROOT) ? ROOT : NODES);
  }

  // where this one is

  private void listener() {
    read(Schema.PEER_HOST, LISTENER_HOST);
    read(Schema.PEER_PORT, LISTENER_PORT);
    if (!alone) return;
    otherwise(Schema.PEER_HOST, DEFAULT_HOST);
    otherwise(Schema.PEER_PORT, (long) DEFAULT_PORT);
  }

  private void advertise() {
    if (isOverridden(Schema.ADVERTISE)) return;
    if (!alone && !isSet(PUBLIC_HOST) && !isSet(PUBLIC_PORT)) return;
    Endpoint written = node.find(Schema.ADVERTISE);
    String host = written == null ? DEFAULT_HOST : written.host();
    if (isSet(PUBLIC_HOST)) {
      host =
          new EndpointKind.Host()
              .parse(
                  text(PUBLIC_HOST),
                  (at, what, remedy) -> problems.add(Problem.error(PUBLIC_HOST + at, what, HOST)));
    }
    Long port = value(PORT, PUBLIC_PORT, written == null ? DEFAULT_PORT : (long) written.port());
    String place = isSet(PUBLIC_HOST) ? PUBLIC_HOST : PUBLIC_PORT;
    node.put(Schema.ADVERTISE, advertised(host, port), place);
  }

  /** Whatever is wrong with one of the two, the other is looked at as well. */
  private @Nullable Endpoint advertised(@Nullable String host, @Nullable Long port) {
    if (host == null) return null;
    String bracketed = host.indexOf(':') >= 0 ? "[" + host + "]" : host;
    Endpoint both =
        Schema.ADVERTISE
            .kind()
            .read(bracketed + ":" + (port == null ? DEFAULT_PORT : port), told(PUBLIC_HOST));
    return port == null ? null : both;
  }

  // where results go

  private void kafka() {
    boolean meant = isSet(BROKERS) || isSet(TOPIC);
    if ((alone || meant) && isOpen(Schema.REPORTERS)) {
      node.put(Schema.REPORTERS, List.of(ReportRules.KAFKA), node.place(Schema.REPORTERS));
      otherwise(Schema.KAFKA_FORMAT, ReportRules.AGENT);
      if (!isSet(BROKERS)) {
        otherwise(Schema.KAFKA_SERVERS, List.of(new Endpoint(DEFAULT_HOST, 9092)));
      }
    }
    read(Schema.KAFKA_SERVERS, BROKERS);
    read(Schema.KAFKA_TOPIC, TOPIC);
  }

  // reading

  private boolean isSet(String name) {
    return !text(name).isEmpty();
  }

  private String text(String name) {
    return env.getOrDefault(name, "").trim();
  }

  /** Whether a variable of ours has it. */
  private boolean isOverridden(Key<?> key) {
    return node.place(key).equals(key.variable());
  }

  /** Whether nobody has said anything of it, not even that it is to be empty. */
  private boolean isOpen(Key<?> key) {
    return !node.given(key) && !isOverridden(key);
  }

  private <T> void read(Key<T> key, String name) {
    if (isSet(name) && !isOverridden(key)) reader.override(key, name, text(name), node);
  }

  private <T> void otherwise(Key<T> key, T value) {
    if (isOpen(key)) node.put(key, value, node.place(key));
  }

  private <T> @Nullable T value(Kind<T> kind, String name, T otherwise) {
    return isSet(name) ? kind.parse(text(name), told(name)) : otherwise;
  }

  private Kind.Wrong told(String name) {
    return (at, what, remedy) -> problems.add(Problem.error(name + at, what, remedy));
  }
}
