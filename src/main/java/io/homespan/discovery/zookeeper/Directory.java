package io.homespan.discovery.zookeeper;

import io.homespan.discovery.Address;
import io.homespan.discovery.LookupException;
import io.homespan.discovery.PeerProvider.Agent;
import io.homespan.discovery.zookeeper.Entry.Kind;
import io.homespan.discovery.zookeeper.Entry.Layout;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The entries of the directory, as far as they were told. Not thread safe: belongs to one verticle.
 * ZooKeeper bounds their number by what it puts into one answer.
 */
final class Directory {
  private final String path;
  private final Layout layout;
  private final String cluster;
  private final String ownInstance;
  private final boolean ofAgents;
  private final NavigableMap<String, Entry.Read> entries = new TreeMap<>();

  /**
   * Empty.
   *
   * @param ofAgents whether this process is one of the agents, to whom all but themselves are
   *     agents: they ping whatever stands there
   */
  Directory(String path, Layout layout, String cluster, String ownInstance, boolean ofAgents) {
    this.path = path;
    this.layout = layout;
    this.cluster = cluster;
    this.ownInstance = ownInstance;
    this.ofAgents = ofAgents;
  }

  /** An entry is there with this data; what is deeper in the tree or above it is none. */
  @Nullable Kind put(String at, byte @Nullable [] data) {
    if (!isEntry(at)) return null;
    Entry.Read read = Entry.read(data, layout, cluster);
    entries.put(at, read);
    return read.kind();
  }

  void remove(String at) {
    entries.remove(at);
  }

  private boolean isEntry(String at) {
    return at.startsWith(path + "/") && at.indexOf('/', path.length() + 1) < 0;
  }

  /** Whether this process is registered, as far as was told. */
  boolean containsSelf() {
    return entries.values().stream().anyMatch(this::isOwn);
  }

  private boolean isOwn(Entry.Read read) {
    boolean own = read.kind() == Kind.OK || (ofAgents && read.kind() == Kind.AGENT);
    return own && ownInstance.equals(read.instance());
  }

  /** Where the nodes are, each once: a node that was restarted may stand there twice. */
  List<Address> addresses() {
    LinkedHashSet<Address> addresses = new LinkedHashSet<>();
    for (Entry.Read read : entries.values()) {
      boolean node = ofAgents ? isOwn(read) : read.kind() == Kind.OK;
      if (node && read.address() != null) addresses.add(read.address());
    }
    return List.copyOf(addresses);
  }

  /** Where the agents are, each once. Who is a node as well is none. */
  List<Agent> agents() {
    Map<Address, Agent> agents = new LinkedHashMap<>();
    for (Entry.Read read : entries.values()) {
      boolean agent = read.kind() == Kind.AGENT || (ofAgents && !isOwn(read));
      Address address = read.address();
      if (!agent || address == null) continue;
      boolean homespan = read.instance() != null;
      agents.merge(
          address, new Agent(address, homespan), (one, other) -> one.homespan() ? one : other);
    }
    agents.keySet().removeAll(new HashSet<>(addresses()));
    return List.copyOf(agents.values());
  }

  /** What is wrong with entries of others; null: nothing. */
  @Nullable LookupException trouble() {
    List<String> unreadable = new ArrayList<>();
    Map<String, String> strangers = new TreeMap<>();
    entries.forEach(
        (at, read) -> {
          switch (read.kind()) {
            case OK, AGENT -> {}
            case OVERSIZED, GARBAGE -> unreadable.add(shown(at));
            case OTHER_CLUSTER -> {
              if (read.entry() != null && !ofAgents)
                strangers.put(read.entry().cluster(), shown(at));
            }
          }
        });
    if (!strangers.isEmpty()) {
      return new LookupException(
          Kind.OTHER_CLUSTER.label(),
          strangers.entrySet().stream()
                  .limit(3)
                  .map(each -> each.getValue() + " is of cluster \"" + each.getKey() + "\"")
                  .collect(Collectors.joining(", "))
              + ", this node of \""
              + cluster
              + "\"; give each tier a discovery.zookeeper.path of its own");
    }
    if (unreadable.isEmpty()) return null;
    return new LookupException(
        Kind.GARBAGE.label(),
        unreadable.size()
            + " of the entries cannot be read and are left out, the first is "
            + unreadable.get(0));
  }

  private static String shown(String path) {
    String line = path.replaceAll("\\p{Cntrl}", "?");
    return line.length() <= 200 ? line : line.substring(0, 200) + "...";
  }
}
