package io.homespan.config;

import io.homespan.config.Config.Endpoint;
import io.homespan.config.Config.ZooKeeper;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What must hold for a directory in ZooKeeper, once it is wanted. */
final class ZooKeeperRules {
  static final String MODE = "zookeeper";
  static final String HOMESPAN = "homespan";
  static final String HEARTBEAT = "heartbeat";

  /** One name or more, and none of those that ZooKeeper refuses. */
  static final String PATH = "(/(?!\\.{1,2}(/|$))[^/\\p{C}]+)+";

  private static final String OWN_PATH = "/homespan/peers";
  private static final String AGENTS_PATH = "/distributed_trace/heart_beat_nodes";

  private ZooKeeperRules() {}

  static void check(Values node, Collection<String> modes, List<Problem> problems) {
    if (!modes.contains(MODE)) return;
    if (node.sound(Schema.ZOOKEEPER_SERVERS) && node.get(Schema.ZOOKEEPER_SERVERS).isEmpty()) {
      problems.add(
          Problem.error(
              node.place(Schema.ZOOKEEPER_SERVERS),
              "is empty, and discovery_mode is zookeeper",
              "list the servers, such as [\"zk-1:2181\", \"zk-2:2181\"]"));
    }
    if (!node.sound(Schema.ZOOKEEPER_PATH, Schema.ZOOKEEPER_LAYOUT)) return;
    String path = path(node);
    boolean twoNames = path.indexOf('/', 1) == path.lastIndexOf('/') && path.lastIndexOf('/') > 0;
    if (node.get(Schema.ZOOKEEPER_LAYOUT).equals(HEARTBEAT) && !twoNames) {
      problems.add(
          Problem.error(
              node.place(Schema.ZOOKEEPER_PATH),
              Shown.quoted(path) + " cannot be the agents' directory: theirs has two names",
              "write /ROOT_PATH_ZK/HEART_BEAT_NODE_PATH as the agents have them, by default "
                  + AGENTS_PATH));
    }
  }

  /** Null: it is not wanted. */
  static @Nullable ZooKeeper of(Values node, Collection<String> modes) {
    List<Endpoint> servers = node.get(Schema.ZOOKEEPER_SERVERS);
    if (!modes.contains(MODE) || servers.isEmpty()) return null;
    return new ZooKeeper(
        servers,
        path(node),
        node.get(Schema.ZOOKEEPER_SESSION),
        node.get(Schema.ZOOKEEPER_CONNECT),
        node.get(Schema.ZOOKEEPER_LAYOUT).equals(HEARTBEAT));
  }

  private static String path(Values node) {
    String written = node.find(Schema.ZOOKEEPER_PATH);
    if (written != null) return written;
    return node.get(Schema.ZOOKEEPER_LAYOUT).equals(HEARTBEAT) ? AGENTS_PATH : OWN_PATH;
  }
}
