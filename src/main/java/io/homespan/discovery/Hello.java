package io.homespan.discovery;

import io.homespan.bus.NodeFacts;
import io.homespan.mesh.Peer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a node says of itself in an identity exchange, as caller and as callee alike.
 *
 * @param id its peer id; null while it has not decided
 * @param instance names the process: drawn at random when it starts
 * @param table the hash of its owner table, or ""
 * @param members what it knows of others, so that who starts later builds the same table; a caller
 *     tells it only as it leaves, and then of itself alone
 * @param reachedAt the caller's text for the address that it dialled; null in a reply
 * @param about the addresses of which a caller wants to hear, those that it does not reach: a tier
 *     in which all reach one another exchanges a few hundred bytes for a pair, however large it is;
 *     null: of all
 */
record Hello(
    String cluster,
    @Nullable String id,
    String instance,
    NodeFacts facts,
    String table,
    boolean leaving,
    List<Known> members,
    @Nullable String reachedAt,
    @Nullable List<String> about) {
  /** Longest text that is believed: host names have at most 253 characters. */
  static final int MAX_TEXT = 300;

  Hello {
    members = List.copyOf(members);
    if (about != null) about = List.copyOf(about);
  }

  /** Who wants to hear of all. */
  Hello(
      String cluster,
      @Nullable String id,
      String instance,
      NodeFacts facts,
      String table,
      boolean leaving,
      List<Known> members,
      @Nullable String reachedAt) {
    this(cluster, id, instance, facts, table, leaving, members, reachedAt, null);
  }

  /** What it says of itself. */
  Hello withoutMembers() {
    return new Hello(cluster, id, instance, facts, table, leaving, List.of(), reachedAt, null);
  }

  /**
   * What a node knows of one address.
   *
   * @param id who is there; null if unknown
   * @param left whether who is there said that it is leaving
   * @param instance the process that answers there, or that has left; null if none answers
   * @param weight of who is there; 0 if unknown
   * @param agent whether who is there only measures the network
   */
  record Known(
      String address,
      @Nullable String id,
      boolean left,
      @Nullable String instance,
      int weight,
      boolean agent) {
    /** Of a node that takes spans. */
    Known(
        String address, @Nullable String id, boolean left, @Nullable String instance, int weight) {
      this(address, id, left, instance, weight, false);
    }
  }

  /**
   * Reads the cluster's name, which alone is told to other clusters.
   *
   * @throws IllegalArgumentException if there is none
   */
  static String clusterOf(JsonObject json) {
    return text(json, "cluster");
  }

  /** All that another cluster is told. */
  static JsonObject onlyCluster(String cluster) {
    return new JsonObject().put("cluster", cluster);
  }

  /**
   * Reads a whole one.
   *
   * @throws IllegalArgumentException if it is none
   */
  static Hello from(JsonObject json) {
    try {
      List<Known> members = new ArrayList<>();
      JsonArray listed = json.getJsonArray("members");
      for (Object each : listed == null ? new JsonArray() : listed) {
        if (!(each instanceof JsonObject member)) {
          throw new IllegalArgumentException("a member that is no object");
        }
        members.add(
            new Known(
                text(member, "address"),
                textOrNull(member, "id"),
                flag(member, "left"),
                textOrNull(member, "instance"),
                hearsay(member),
                flag(member, "agent")));
      }
      return new Hello(
          text(json, "cluster"),
          textOrNull(json, "id"),
          text(json, "instance"),
          new NodeFacts(
              textOrEmpty(json, "version"),
              textOrEmpty(json, "zone"),
              weight(json, 1),
              Math.max(0, Objects.requireNonNullElse(json.getLong("started_at"), 0L)),
              flag(json, "agent")),
          textOrEmpty(json, "table"),
          flag(json, "leaving"),
          members,
          textOrNull(json, "reached_at"),
          about(json.getJsonArray("about")));
    } catch (ClassCastException e) {
      throw new IllegalArgumentException("not an identity: " + e.getMessage(), e);
    }
  }

  JsonObject toJson() {
    JsonArray known = new JsonArray();
    for (Known member : members) {
      JsonObject one =
          new JsonObject()
              .put("address", member.address)
              .put("id", member.id)
              .put("left", member.left)
              .put("instance", member.instance)
              .put("weight", member.weight == 0 ? null : member.weight);
      known.add(member.agent ? one.put("agent", true) : one);
    }
    JsonObject json =
        new JsonObject()
            .put("cluster", cluster)
            .put("id", id)
            .put("instance", instance)
            .put("version", facts.version())
            .put("zone", facts.zone())
            .put("weight", facts.weight())
            .put("started_at", facts.startedAt())
            .put("table", table)
            .put("leaving", leaving)
            .put("members", known)
            .put("reached_at", reachedAt);
    if (about != null) json.put("about", new JsonArray(about));
    return facts.agent() ? json.put("agent", true) : json;
  }

  private static @Nullable List<String> about(@Nullable JsonArray wanted) {
    if (wanted == null) return null;
    List<String> about = new ArrayList<>();
    for (Object each : wanted) {
      if (!(each instanceof String address) || address.length() > MAX_TEXT) {
        throw new IllegalArgumentException("an address in about that is none");
      }
      about.add(address);
    }
    return about;
  }

  /** JSON's null is an absent flag. */
  private static boolean flag(JsonObject json, String key) {
    return Boolean.TRUE.equals(json.getBoolean(key));
  }

  /** Absent from who knows no weights. */
  private static int weight(JsonObject json, int otherwise) {
    Object said = json.getValue("weight");
    if (said == null) return otherwise;
    if (said instanceof Integer weight && weight >= 1 && weight <= Peer.MAX_WEIGHT) return weight;
    throw new IllegalArgumentException("weight " + said + ": 1 to " + Peer.MAX_WEIGHT);
  }

  /**
   * Of somebody else. One that nobody may have is unknown: who tells it is not the less a node, and
   * who has it may be of a version that allows more.
   */
  private static int hearsay(JsonObject member) {
    try {
      return weight(member, 0);
    } catch (IllegalArgumentException e) {
      return 0;
    }
  }

  private static String textOrEmpty(JsonObject json, String key) {
    return "".equals(json.getValue(key))
        ? ""
        : Objects.requireNonNullElse(textOrNull(json, key), "");
  }

  private static String text(JsonObject json, String key) {
    String text = textOrNull(json, key);
    if (text == null) throw new IllegalArgumentException("an identity without " + key);
    return text;
  }

  private static @Nullable String textOrNull(JsonObject json, String key) {
    if (!(json.getValue(key) instanceof String text)) return null;
    if (text.isBlank() || text.length() > MAX_TEXT) {
      throw new IllegalArgumentException(key + " of " + text.length() + " characters");
    }
    return text;
  }
}
