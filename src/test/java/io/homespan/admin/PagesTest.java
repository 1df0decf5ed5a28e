package io.homespan.admin;

import static java.util.stream.Collectors.toList;
import static org.assertj.core.api.Assertions.assertThat;

import io.homespan.bus.Finding;
import io.homespan.bus.Findings;
import io.homespan.bus.Membership;
import io.homespan.bus.NodeFacts;
import io.homespan.bus.Phase;
import io.homespan.mesh.OwnerTable;
import io.homespan.mesh.Peer;
import io.homespan.mesh.PeerSet;
import io.homespan.otlp.RoutingKey;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class PagesTest {
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

  private long now = -5_000_000_000L; // such clocks may begin anywhere
  private final Pages pages = new Pages(() -> now, RoutingKey.TRACE_ID);

  @Test
  void aNodeThatKnowsNobody_isUp_butNotReady() {
    assertThat(pages.health()).isEqualTo(Page.ok(new JsonObject().put("status", "up")));

    Page ready = pages.ready();
    assertThat(ready.status()).isEqualTo(503);
    assertThat(ready.body().getString("reason"))
        .isEqualTo("no peers known yet: the first look-up has not ended");
  }

  @Test
  void theReasonNamesWhatIsWrong() {
    pages.now(membership(false, List.of("dns: no answer from 10.0.0.53:53"), List.of()));

    assertThat(pages.ready().body().getString("reason"))
        .isEqualTo("no peers known yet: dns: no answer from 10.0.0.53:53");
  }

  @Test
  void peersThatWereNotAskedYet_doNotMakeItReady() {
    pages.now(membership(false, List.of(), List.of("a")));

    assertThat(pages.ready().status()).isEqualTo(503);
    assertThat(pages.ready().body().getString("reason")).startsWith("peers not asked yet");
  }

  @Test
  void aReadyMembership_makesItReady() {
    pages.now(membership(true, List.of(), List.of("a")));

    assertThat(pages.ready())
        .isEqualTo(Page.ok(new JsonObject().put("ready", true).put("reason", "ready")));
  }

  @Test
  void aProviderThatFailsForLong_isTold_andDoesNotMakeItUnready() {
    pages.now(membership(true, List.of(), List.of("a")));
    long good = now;
    now += 312_400_000_000L;
    pages.now(
        new Findings(
            List.of(
                new Finding("dns x", "dns", 3, good, "SERVFAIL for x.", now, true, Map.of()),
                new Finding("udp", "udp", 2, now, "", null, false, Map.of("b:1", "rack 7")))));
    now += 600_000_000;

    assertThat(pages.ready())
        .isEqualTo(
            Page.ok(
                new JsonObject()
                    .put("ready", true)
                    .put("reason", "ready")
                    .put(
                        "stale",
                        new JsonArray()
                            .add("dns x: last good answer 313.0 s ago; SERVFAIL for x."))));
    assertThat(pages.peers().body().getJsonArray("providers"))
        .containsExactly(
            new JsonObject()
                .put("name", "dns x")
                .put("kind", "dns")
                .put("addresses", 3)
                .put("last_good_age_seconds", 313.0)
                .put("last_failure", "SERVFAIL for x.")
                .put("last_failure_age_seconds", 0.6)
                .put("stale", true),
            new JsonObject()
                .put("name", "udp")
                .put("kind", "udp")
                .put("addresses", 2)
                .put("last_good_age_seconds", 0.6)
                .putNull("last_failure")
                .putNull("last_failure_age_seconds")
                .put("stale", false)
                .put("notes", new JsonObject().put("b:1", "rack 7")));
  }

  @ParameterizedTest
  @EnumSource(
      value = Phase.class,
      names = {"LEAVING", "CLOSING"})
  void whoGoes_isUp_butNotReady(Phase phase) {
    pages.now(membership(true, List.of(), List.of("a")));
    pages.now(phase);

    assertThat(pages.health().status()).isEqualTo(200);
    assertThat(pages.ready())
        .isEqualTo(new Page(503, new JsonObject().put("ready", false).put("reason", "draining")));
  }

  @Test
  void beforeAnythingIsKnown_thePeersAreNone() {
    assertThat(pages.peers().body())
        .isEqualTo(
            new JsonObject()
                .putNull("self")
                .put("table_hash", OwnerTable.EMPTY.hash())
                .put("generation", 0)
                .put("ready", false)
                .put("phase", "serving")
                .put("peers", new JsonArray())
                .put("providers", new JsonArray())
                .put("problems", new JsonArray()));
  }

  @Test
  void everyPeerIsShown_withItsShare() {
    OwnerTable table = table(List.of("a", "b"));
    Membership.Member self =
        new Membership.Member(
            "a",
            List.of("h1:1", "h2:2"),
            List.of("dns"),
            "self",
            true,
            true,
            new NodeFacts("1.2", "z", 3, 1000),
            "beef");
    Membership.Member leaving =
        new Membership.Member(
            "c",
            List.of("h3:3"),
            List.of("static"),
            "leaving",
            false,
            false,
            NodeFacts.UNKNOWN,
            "");
    pages.now(new Membership(7, "a", true, table, List.of(self, leaving), List.of("c is leaving")));

    JsonObject body = pages.peers().body();
    assertThat(body.getString("self")).isEqualTo("a");
    assertThat(body.getLong("generation")).isEqualTo(7);
    assertThat(body.getBoolean("ready")).isTrue();
    assertThat(body.getString("table_hash")).isEqualTo(table.hash());
    assertThat(body.getJsonArray("problems")).isEqualTo(new JsonArray().add("c is leaving"));
    assertThat(body.getJsonArray("peers").getJsonObject(0))
        .isEqualTo(
            new JsonObject()
                .put("id", "a")
                .put("addresses", new JsonArray().add("h1:1").add("h2:2"))
                .put("found_by", new JsonArray().add("dns"))
                .put("state", "self")
                .put("self", true)
                .put("in_table", true)
                .put("share", table.share(0))
                .put("version", "1.2")
                .put("zone", "z")
                .put("weight", 3)
                .put("started_at", "1970-01-01T00:00:01Z")
                .put("table_hash", "beef"));
    assertThat(body.getJsonArray("peers").getJsonObject(1).getDouble("share")).isZero();
  }

  @Test
  void theOwner_isTheTables_andTheOrderBeginsWithIt() {
    pages.now(membership(true, List.of(), List.of("a", "b", "c")));
    OwnerTable table = table(List.of("a", "b", "c"));
    int slot = OwnerTable.slot(0x4bf92f3577b34da6L, 0xa3ce929d0e0e4736L);
    int[] order = table.order(slot);
    String owner = table.peer(order[0]).id();

    assertThat(pages.owner(TRACE))
        .isEqualTo(
            Page.ok(
                new JsonObject()
                    .put("trace_id", TRACE)
                    .put("slot", slot)
                    .put("owner", owner)
                    .put(
                        "order",
                        new JsonArray()
                            .add(owner)
                            .add(table.peer(order[1]).id())
                            .add(table.peer(order[2]).id()))
                    .put("self", owner.equals("a"))
                    .put("table_hash", table.hash())));
    assertThat(pages.owner(TRACE.toUpperCase(Locale.ROOT))).isEqualTo(pages.owner(TRACE));
  }

  @Test
  void theSoleNode_ownsEverythingItself() {
    pages.now(membership(true, List.of(), List.of("a")));

    assertThat(pages.owner(TRACE).body().getBoolean("self")).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "4bf92f3577b34da6a3ce929d0e0e473", // 31
        "4bf92f3577b34da6a3ce929d0e0e47361", // 33
        "4bf92f3577b34da6a3ce929d0e0e473g",
        "-bf92f3577b34da6a3ce929d0e0e4736",
        "٤bf92f3577b34da6a3ce929d0e0e4736", // a digit, but Arabic
        "00000000000000000000000000000000",
        " "
      })
  void whatIsNoTraceId_isToldSo(String text) {
    pages.now(membership(true, List.of(), List.of("a")));

    Page page = pages.owner(text);

    assertThat(page.status()).isEqualTo(400);
    assertThat(page.body().getString("error")).contains("32 hexadecimal digits");
  }

  @Test
  void whereAttributesDecide_theyAreAskedFor() {
    Pages byService = new Pages(() -> now, new RoutingKey(List.of("service.name")));
    OwnerTable table = table(List.of("a", "b", "c"));
    byService.now(membership(true, List.of(), List.of("a", "b", "c")));

    Page cart = byService.owner(Map.of("service.name", "cart"));

    int slot = OwnerTable.slot(RoutingKey.hash("service.name=cart|"), 0);
    assertThat(cart.status()).isEqualTo(200);
    assertThat(cart.body().getString("owner")).isEqualTo(table.peer(table.ownerOfSlot(slot)).id());
    assertThat(byService.owner(TRACE).status()).isEqualTo(400);
    assertThat(byService.owner(Map.of("tenant", "x")).body().getString("error"))
        .contains("service.name");
    assertThat(pages.owner(Map.of("service.name", "cart")).status()).isEqualTo(400);
  }

  @Test
  void withoutPeers_noTraceHasAnOwner() {
    Page page = pages.owner(TRACE);

    assertThat(page.status()).isEqualTo(503);
    assertThat(page.body().getString("error")).startsWith("no peers known yet");
  }

  /** Of node a. */
  private static Membership membership(boolean ready, List<String> problems, List<String> ids) {
    return new Membership(1, "a", ready, table(ids), List.of(), problems);
  }

  private static OwnerTable table(List<String> ids) {
    return OwnerTable.of(
        PeerSet.of(ids.stream().map(id -> new Peer(id, "127.0.0.1", 1)).collect(toList())));
  }
}
