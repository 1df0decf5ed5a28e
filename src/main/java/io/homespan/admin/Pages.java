package io.homespan.admin;

import io.homespan.bus.Finding;
import io.homespan.bus.Findings;
import io.homespan.bus.Membership;
import io.homespan.bus.NodeFacts;
import io.homespan.bus.Phase;
import io.homespan.mesh.OwnerTable;
import io.homespan.otlp.RoutingKey;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What the operator is shown of a node. Not thread safe: belongs to one verticle. */
final class Pages {
  /** All that are served. */
  static final List<String> PATHS =
      List.of(
          "/health",
          "/ready",
          "/metrics",
          "/api/peers",
          "/api/owner/{traceId}",
          "/api/owner?{attribute}={value}",
          "/api/mesh");

  private static final int TRACE_ID_DIGITS = 32;
  private static final String EXAMPLE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String OWNER_OF = "/api/owner?";

  private final LongSupplier nanoClock;
  private final Supplier<List<String>> refusedFiles;
  private final RoutingKey routing;
  private @Nullable Membership membership;
  private Findings findings = new Findings(List.of());
  private Phase phase = Phase.SERVING;

  /** {@code nanoClock} is that of {@link Finding}. */
  Pages(LongSupplier nanoClock, RoutingKey routing) {
    this(nanoClock, routing, List::of);
  }

  /**
   * The same.
   *
   * @param refusedFiles a sentence for each set of certificates or tokens that can't be used
   */
  Pages(LongSupplier nanoClock, RoutingKey routing, Supplier<List<String>> refusedFiles) {
    this.nanoClock = nanoClock;
    this.routing = routing;
    this.refusedFiles = refusedFiles;
  }

  void now(Findings findings) {
    this.findings = findings;
  }

  void now(Membership membership) {
    this.membership = membership;
  }

  void now(Phase phase) {
    this.phase = phase;
  }

  /** The process lives. */
  Page health() {
    return Page.ok(new JsonObject().put("status", "up"));
  }

  /**
   * Whether senders should be sent here, and why not. Providers that have failed for too long are
   * named, and change nothing: a tier must not go down because DNS is down, and all its nodes would
   * at once.
   */
  Page ready() {
    boolean ready = isReady();
    JsonObject body = new JsonObject().put("ready", ready).put("reason", readyReason());
    JsonArray stale = new JsonArray();
    for (Finding one : findings.providers()) if (one.stale()) stale.add(stale(one));
    if (!stale.isEmpty()) body.put("stale", stale);
    List<String> refused = refusedFiles.get();
    if (!refused.isEmpty()) body.put("refused_files", new JsonArray(refused));
    return new Page(ready ? 200 : 503, body);
  }

  private String stale(Finding one) {
    Double age = age(one.goodAt());
    String good = age == null ? "no good answer yet" : "last good answer " + age + " s ago";
    return one.name() + ": " + good + "; " + one.lastFailure();
  }

  private @Nullable Double age(@Nullable Long at) {
    if (at == null) return null;
    long millis = (nanoClock.getAsLong() - at) / 1_000_000;
    return millis / 1000.0;
  }

  /** Who is known, and how much of the traces each owns. */
  Page peers() {
    Membership known = membership;
    JsonArray peers = new JsonArray();
    JsonArray problems = new JsonArray();
    if (known != null) {
      OwnerTable shares = isAgent() ? OwnerTable.EMPTY : known.table();
      known.members().forEach(member -> peers.add(peer(member, shares)));
      known.problems().forEach(problems::add);
    }
    refusedFiles.get().forEach(problems::add);
    return Page.ok(
        new JsonObject()
            .put("self", known == null ? null : known.selfId())
            .put("table_hash", table().hash())
            .put("generation", known == null ? 0 : known.generation())
            .put("ready", isReady())
            .put("phase", label(phase))
            .put("peers", peers)
            .put("providers", providers())
            .put("problems", problems));
  }

  private JsonArray providers() {
    JsonArray all = new JsonArray();
    for (Finding one : findings.providers()) {
      JsonObject shown =
          new JsonObject()
              .put("name", one.name())
              .put("kind", one.kind())
              .put("addresses", one.addresses())
              .put("last_good_age_seconds", age(one.goodAt()))
              .put("last_failure", one.lastFailure().isEmpty() ? null : one.lastFailure())
              .put("last_failure_age_seconds", age(one.failedAt()))
              .put("stale", one.stale());
      if (!one.notes().isEmpty()) {
        JsonObject notes = new JsonObject();
        one.notes().forEach(notes::put);
        shown.put("notes", notes);
      }
      all.add(shown);
    }
    return all;
  }

  /** Who owns a trace by this node's table, and who stands in, first to last. */
  Page owner(String traceId) {
    if (!routing.attributes().isEmpty()) {
      return Page.error(
          400,
          "Spans are routed by "
              + String.join(", ", routing.attributes())
              + " here, not by trace id: ask "
              + OWNER_OF
              + routing.attributes().get(0)
              + "=VALUE");
    }
    if (!isTraceId(traceId)) {
      return Page.error(
          400, "A trace id is 32 hexadecimal digits, and not all of them zero, as in " + EXAMPLE);
    }
    long hi = HexFormat.fromHexDigitsToLong(traceId, 0, 16);
    long lo = HexFormat.fromHexDigitsToLong(traceId, 16, TRACE_ID_DIGITS);
    String lower = traceId.toLowerCase(Locale.ROOT);
    return owner(new JsonObject().put("trace_id", lower), OwnerTable.slot(hi, lo));
  }

  /** The same for spans whose attributes have these values, where those decide. */
  Page owner(Map<String, String> values) {
    if (routing.attributes().isEmpty()) {
      return Page.error(400, "Spans are routed by trace id here: ask /api/owner/" + EXAMPLE);
    }
    for (String name : values.keySet()) {
      if (routing.attributes().contains(name)) continue;
      return Page.error(
          400, name + " decides nothing here, but " + String.join(", ", routing.attributes()));
    }
    JsonObject attributes = new JsonObject();
    for (String name : routing.attributes()) attributes.put(name, values.getOrDefault(name, ""));
    JsonObject body = new JsonObject().put("attributes", attributes);
    return owner(body, OwnerTable.slot(routing.hash(values), 0));
  }

  private Page owner(JsonObject body, int slot) {
    if (isAgent()) {
      return Page.error(404, "This is an agent: it owns no traces, and does not know who does.");
    }
    OwnerTable table = table();
    if (table.peers().isEmpty()) return Page.error(503, noPeers());
    List<String> order =
        Arrays.stream(table.order(slot)).mapToObj(i -> table.peer(i).id()).toList();
    String owner = order.get(0);
    return Page.ok(
        body.put("slot", slot)
            .put("owner", owner)
            .put("order", new JsonArray(order))
            .put("self", membership != null && owner.equals(membership.selfId()))
            .put("table_hash", table.hash()));
  }

  /** For a window that is none. */
  Page badWindow(String given) {
    return Page.error(400, "window=" + given + " is none: seconds from 1 to 3600 will do.");
  }

  /** What is asked twice, or not known, is not passed over: its answer would be another's. */
  Page badMeshQuery(String name) {
    String what = name.equals("window") ? "window is there twice" : name + " is unknown";
    return Page.error(400, what + ": one window=SECONDS will do, or nothing.");
  }

  /** For a mesh that nobody measures here. */
  Page noMesh() {
    return Page.error(503, "This node measures nothing: heartbeat.enabled is false.");
  }

  /** For who must come again. */
  Page busy(String why) {
    return Page.error(503, why);
  }

  /** For a path that is none. */
  Page unknownPath() {
    Page page = Page.error(404, "There is nothing here; these paths are served.");
    page.body().put("paths", new JsonArray(PATHS));
    return page;
  }

  /** For a method that would change something, or is unknown. */
  Page methodNotAllowed(String method) {
    return Page.error(405, method + " is not possible here, only GET and HEAD.");
  }

  /** For a caller who is not known. */
  Page unknownCaller(String why) {
    return Page.error(401, why);
  }

  /** For a path that cannot be read. */
  Page malformed() {
    return Page.error(400, "The request's path is malformed.");
  }

  /** For a fault of ours. */
  Page failed() {
    return Page.error(500, "This node failed to answer; its log says why.");
  }

  private OwnerTable table() {
    return membership == null ? OwnerTable.EMPTY : membership.table();
  }

  /** Whether this process only measures the network. */
  private boolean isAgent() {
    return membership != null
        && membership.members().stream().anyMatch(one -> one.self() && one.facts().agent());
  }

  private boolean isReady() {
    return phase == Phase.SERVING && membership != null && membership.ready();
  }

  private String readyReason() {
    if (phase != Phase.SERVING) return "draining";
    if (isReady()) return "ready";
    if (table().peers().isEmpty()) return noPeers();
    return "peers not asked yet: the first round of exchanges has not ended";
  }

  private String noPeers() {
    return "no peers known yet: "
        + (membership == null || membership.problems().isEmpty()
            ? "the first look-up has not ended"
            : String.join("; ", membership.problems()));
  }

  private static JsonObject peer(Membership.Member member, OwnerTable table) {
    int place = table.peers().indexOf(member.id());
    JsonObject shown =
        new JsonObject()
            .put("id", member.id())
            .put("addresses", new JsonArray(member.addresses()))
            .put("found_by", new JsonArray(member.foundBy()))
            .put("state", member.state())
            .put("self", member.self())
            .put("in_table", member.inTable())
            .put("share", place < 0 ? 0.0 : table.share(place))
            .put("version", member.facts().version())
            .put("zone", member.facts().zone())
            .put("weight", member.facts().weight())
            .put("started_at", startedAt(member.facts()))
            .put("table_hash", member.tableHash());
    return member.facts().agent() ? shown.put("agent", true) : shown;
  }

  private static @Nullable String startedAt(NodeFacts facts) {
    return facts.startedAt() == 0 ? null : Instant.ofEpochMilli(facts.startedAt()).toString();
  }

  private static boolean isTraceId(String text) {
    return text.length() == TRACE_ID_DIGITS
        && text.chars().allMatch(HexFormat::isHexDigit)
        && text.chars().anyMatch(digit -> digit != '0');
  }

  private static String label(Phase phase) {
    return phase.name().toLowerCase(Locale.ROOT);
  }
}
