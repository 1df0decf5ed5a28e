package io.homespan.discovery.zookeeper;

import io.homespan.discovery.Address;
import io.homespan.discovery.Announced;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a node says of itself in its entry.
 *
 * @param instance names the process
 * @param agent whether it only measures the network. In the agents' layout its entry then names no
 *     cluster, as theirs don't: who reads it takes it for one of them
 */
record Entry(Address address, String instance, String cluster, String version, boolean agent) {
  /** More is not read: ours have about 150. */
  static final int MAX_BYTES = 4096;

  private static final int MAX_TEXT = 300;

  /** Of a node that takes spans. */
  Entry(Address address, String instance, String cluster, String version) {
    this(address, instance, cluster, version, false);
  }

  /** How entries are written. */
  enum Layout {
    /** Our own. */
    HOMESPAN,
    /**
     * That of the Distributed-trace agents, which may stand in the same directory and skip what
     * they do not know. It must be theirs to the letter: an agent that cannot read an entry ends.
     */
    HEARTBEAT
  }

  /** What an entry turned out to be. The name in lower case is a metric's label. */
  enum Kind {
    OK,
    /** Well-formed, of an agent: it is measured, and takes no spans. */
    AGENT,
    OTHER_CLUSTER,
    OVERSIZED,
    GARBAGE;

    String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * What was read.
   *
   * @param entry with {@code OK} and {@code OTHER_CLUSTER}
   * @param address where it is pinged; null: it can't be read
   * @param instance the process, if it is Homespan's; null: it does not say
   */
  record Read(
      Kind kind, @Nullable Entry entry, @Nullable Address address, @Nullable String instance) {
    private Read(Kind kind) {
      this(kind, null, null, null);
    }
  }

  byte[] write(Layout layout) {
    JsonObject json =
        layout == Layout.HOMESPAN
            ? new JsonObject().put("address", address.listed())
            : new JsonObject()
                .put("My_address", address.host())
                .put("My_port", address.port())
                // what an agent says of its own pings, in milliseconds; readers make no use of it
                .put("Poll_timeout", 5000)
                .put("Poll_interval", 10000);
    json.put("instance", instance);
    if (!agent || layout == Layout.HOMESPAN) json.put("cluster", cluster);
    return json.put("version", version).toBuffer().getBytes();
  }

  /** Reads what somebody wrote; {@code cluster} is this node's. */
  static Read read(byte @Nullable [] data, Layout layout, String cluster) {
    if (data == null || data.length == 0) return new Read(Kind.GARBAGE);
    if (data.length > MAX_BYTES) return new Read(Kind.OVERSIZED);
    try {
      return read(new JsonObject(Buffer.buffer(data)), layout, cluster);
    } catch (DecodeException e) {
      return new Read(Kind.GARBAGE);
    }
  }

  private static Read read(JsonObject json, Layout layout, String cluster) {
    Address address = layout == Layout.HOMESPAN ? ours(json) : agents(json);
    if (address == null) return new Read(Kind.GARBAGE);
    String instance = text(json, "instance");
    String named = text(json, "cluster");
    if (instance == null || named == null) {
      boolean agent = layout == Layout.HEARTBEAT && !json.containsKey("cluster");
      return agent ? new Read(Kind.AGENT, null, address, instance) : new Read(Kind.GARBAGE);
    }
    String version = text(json, "version");
    Entry entry = new Entry(address, instance, named, version == null ? "" : version);
    Kind kind = named.equals(cluster) ? Kind.OK : Kind.OTHER_CLUSTER;
    return new Read(kind, entry, address, instance);
  }

  private static @Nullable Address ours(JsonObject json) {
    String address = text(json, "address");
    return address == null ? null : Announced.parse(address);
  }

  private static @Nullable Address agents(JsonObject json) {
    String host = text(json, "My_address");
    boolean whole = json.getValue("My_port") instanceof Integer;
    return host == null || !whole ? null : Announced.at(host, json.getInteger("My_port"));
  }

  private static @Nullable String text(JsonObject json, String key) {
    boolean usable =
        json.getValue(key) instanceof String text
            && !text.isBlank()
            && text.length() <= MAX_TEXT
            && text.chars().noneMatch(Character::isISOControl);
    return usable ? json.getString(key) : null;
  }
}
