package io.homespan.egress;

import static org.assertj.core.api.Assertions.assertThat;

import io.homespan.mesh.OwnerTable;
import io.homespan.otlp.Cutter;
import io.homespan.otlp.MalformedException;
import io.homespan.otlp.Part;
import io.homespan.otlp.PartId;
import io.homespan.otlp.RoutingKey;
import io.homespan.otlp.TestSpans;
import io.vertx.core.buffer.Buffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class StandInsTest {
  private static final OwnerTable TABLE = TestTier.TABLE;

  private final Buffer request = new TestSpans(3).bytes(300, 1);
  private final Part part = new Part(new PartId(1, 2), request, 300);

  @Test
  void ifNobodyIsPassedOver_eachTraceGoesToItsOwner() throws Exception {
    assertGoesByTheOrder(Set.of(), "me");
  }

  @Test
  void theRunnerUp_standsInForWhoIsPassedOver() throws Exception {
    assertGoesByTheOrder(Set.of("a"), "me");
  }

  @Test
  void theWholeOrder_isFollowed_whenMoreArePassedOver() throws Exception {
    assertGoesByTheOrder(Set.of("a", "b"), "me");
  }

  @Test
  void theRunnerUpsPiece_keepsItsId_whoeverElseIsPassedOver() throws Exception {
    Part owned = cutFor("a");
    Set<PartId> once = idsFor("b", owned, Set.of("a"));
    assertThat(once).hasSize(1);
    assertThat(idsFor("b", owned, Set.of("a", "c"))).hasSize(2).containsAll(once);
  }

  /** What the request has for one owner. */
  private Part cutFor(String owner) throws Exception {
    Cutter.Cut cut = new Cutter().cut(request, TABLE::owner);
    return cut.pieces().stream()
        .filter(piece -> TABLE.peer(piece.owner()).id().equals(owner))
        .findFirst()
        .orElseThrow()
        .part();
  }

  private static Set<PartId> idsFor(String peer, Part part, Set<String> over) throws Exception {
    return new StandIns(RoutingKey.TRACE_ID)
        .of(part, TABLE, "me", over::contains).stream()
            .filter(to -> peer.equals(to.peerId()))
            .map(to -> to.part().id())
            .collect(Collectors.toSet());
  }

  @Test
  void theOrder_endsAtThisNode_evenIfItIsPassedOverByMistake() throws Exception {
    List<StandIns.Next> next =
        new StandIns(RoutingKey.TRACE_ID)
            .of(part, TABLE, "me", id -> true); // "me" is never asked about
    assertThat(next).allMatch(to -> to.peerId() == null);
    assertThat(next.stream().mapToInt(to -> to.part().spans()).sum()).isEqualTo(300);
  }

  @Test
  void aNodeOutsideTheTable_keepsAtLast_asAStandIn() throws Exception {
    List<StandIns.Next> next =
        new StandIns(RoutingKey.TRACE_ID).of(part, TABLE, "gateway", id -> true);
    assertThat(next).hasSize(1);
    assertThat(next.get(0).peerId()).isNull();
    assertThat(next.get(0).owner()).isFalse();
    assertThat(next.get(0).part().bytes()).isSameAs(request);
    assertGoesByTheOrder(Set.of("me", "c"), "gateway");
  }

  @Test
  void anEmptyTable_leavesAllToThisNode() throws Exception {
    List<StandIns.Next> next =
        new StandIns(RoutingKey.TRACE_ID).of(part, OwnerTable.EMPTY, "me", id -> false);
    assertThat(next).hasSize(1);
    assertThat(next.get(0).peerId()).isNull();
  }

  /** Each piece has exactly the spans whose order, without those passed over, begins with it. */
  private void assertGoesByTheOrder(Set<String> over, String self) throws Exception {
    Map<StandIns.Next, Integer> expected = new HashMap<>();
    List<StandIns.Next> next =
        new StandIns(RoutingKey.TRACE_ID).of(part, TABLE, self, over::contains);
    for (StandIns.Next to : next) {
      String peer = to.peerId() == null ? self : to.peerId();
      expected.put(to, to.part().spans());
      forEachTrace(
          to.part(),
          (high, low) -> {
            int[] order = TABLE.order(OwnerTable.slot(high, low));
            String owner = TABLE.peer(order[0]).id();
            String first = "";
            for (int place : order) {
              first = TABLE.peer(place).id();
              if (!over.contains(first)) break;
            }
            assertThat(peer).isEqualTo(first);
            assertThat(to.owner()).isEqualTo(owner.equals(first));
          });
    }
    assertThat(expected.values().stream().mapToInt(i -> i).sum()).isEqualTo(300);
  }

  private interface Trace {
    void of(long high, long low);
  }

  private static void forEachTrace(Part part, Trace trace) throws MalformedException {
    new Cutter()
        .cut(
            part.bytes(),
            (high, low) -> {
              trace.of(high, low);
              return 0;
            });
  }
}
