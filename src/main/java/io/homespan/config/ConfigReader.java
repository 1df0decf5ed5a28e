package io.homespan.config;

import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** From what stands in a file and the environment to the record tree. Opens nothing. */
public final class ConfigReader {
  private ConfigReader() {}

  /**
   * Reads and checks everything.
   *
   * @param file the file as a tree; empty: all defaults
   * @param env the environment; only {@code HOMESPAN_} variables are looked at, and where
   *     Kubernetes says that its API is
   * @param maxHeapBytes what Java may use, to compare bounds with
   * @param ownProviders words for {@code discovery_mode} beside those that are built in
   * @throws ConfigException with all problems, if one of them is an error
   */
  public static Loaded read(
      JsonObject file, Map<String, String> env, long maxHeapBytes, Set<String> ownProviders) {
    return read(file, env, maxHeapBytes, ownProviders, Use.NODE);
  }

  /** The same for what it is to be used for. */
  static Loaded read(
      JsonObject file,
      Map<String, String> env,
      long maxHeapBytes,
      Set<String> ownProviders,
      Use use) {
    List<Problem> problems = new ArrayList<>();
    SectionReader reader = new SectionReader(problems, ownProviders);
    DataPrepperShape shape = DataPrepperShape.of(file, problems);
    Object sinksAsWritten = shape.own().remove(Schema.SINK);

    Values node = new Values(Schema.PEER_FORWARDER, shape.at());
    reader.read(Schema.TOP, shape.own(), "", node);
    reader.read(Schema.TOP.section(Schema.PEER_FORWARDER), shape.peerForwarder(), shape.at(), node);
    List<Values> sinks = Sinks.read(sinksAsWritten, reader, problems);
    Environment.apply(env, reader, node, sinks, problems);
    KubernetesRules.apply(env, node);
    if (use != Use.NODE) {
      boolean alone = use == Use.LONE_AGENT;
      AgentVariables.apply(env, alone, reader, node, problems);
    }
    GatewayRules.apply(node);

    boolean dataPrepper = shape.dataPrepper() || reader.foreignSeen();
    Peers peers = Peers.of(node, ownProviders, reader.ownSettings().keySet(), problems);
    new CrossChecks(node, problems).check(peers, sinks, dataPrepper, maxHeapBytes);
    Sinks.check(sinks, problems);
    GatewayRules.check(node, peers, sinks, problems);
    ReportRules.check(node, problems);
    RoutingRules.check(node, problems);
    if (problems.stream().anyMatch(Problem::error)) {
      throw new ConfigException(problems);
    }
    Config config = Assembly.config(node, peers, sinks, reader.ownSettings());
    return new Loaded(config, problems, values(node, config));
  }

  /** What a configuration is read for. */
  enum Use {
    /** A node, or a gateway. */
    NODE,
    /** A process that only measures the network, by a file. */
    AGENT,
    /** Such a process without a file, in the place of an agent of another kind. */
    LONE_AGENT
  }

  private static Map<String, Object> values(Values node, Config config) {
    Map<String, Object> values = new TreeMap<>();
    for (Key<?> key : Schema.KEYS) {
      Object value = key.path().startsWith(Schema.SINK + ".") ? null : node.find(key);
      if (value != null) values.put(key.path(), value);
    }
    values.put(Schema.STATIC_ENDPOINTS.path(), config.peerForwarder().staticEndpoints());
    values.put(Schema.SINK, config.sinks());
    config.discovery().own().forEach((word, own) -> values.put("discovery." + word, own));
    return values;
  }
}
