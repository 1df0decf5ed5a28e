package io.homespan.discovery.zookeeper;

import io.homespan.discovery.Address;
import io.homespan.discovery.LookupException;
import io.homespan.discovery.zookeeper.Entry.Kind;
import io.homespan.discovery.zookeeper.Entry.Layout;
import java.util.ArrayList;
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
  private final NavigableMap<String, Entry.Read> entries = new TreeMap<>();

  /** Empty. */
  Directory(String path, Layout layout, String cluster, String ownInstance) {
    this.path = path;
    this.layout = layout;
    this.cluster = cluster;
    this.ownInstance = ownInstance;
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

  boolean isEmpty() {
    return entries.isEmpty();
  }

  /** Whether this process is registered, as far as was told. */
  boolean containsSelf() {
    for (Entry.Read read : entries.values()) {
      if (read.kind() != Kind.OK || read.entry() == null) continue;
      if (read.entry().instance().equals(ownInstance)) return true;
    }
    return false;
  }

  /** Where the nodes are, each once: a node that was restarted may stand there twice. */
  List<Address> addresses() {
    LinkedHashSet<Address> addresses = new LinkedHashSet<>();
    for (Entry.Read read : entries.values()) {
      if (read.kind() == Kind.OK && read.entry() != null) addresses.add(read.entry().address());
    }
    return List.copyOf(addresses);
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
              if (read.entry() != null) strangers.put(read.entry().cluster(), shown(at));
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
