package io.homespan.egress;

import static io.homespan.egress.ScriptedRoad.answered;
import static io.homespan.egress.ScriptedRoad.fullFor;
import static io.homespan.egress.ScriptedRoad.refused;
import static io.homespan.egress.ScriptedRoad.timedOut;
import static org.assertj.core.api.Assertions.assertThat;

import io.homespan.bus.Fate;
import io.homespan.mesh.OwnerTable;
import io.homespan.mesh.Peer;
import io.homespan.mesh.PeerSet;
import io.homespan.metrics.DropReason;
import io.homespan.metrics.ForwardStep;
import io.homespan.metrics.KeptAs;
import io.homespan.metrics.RefuseReason;
import io.homespan.otlp.ExportResponse;
import io.homespan.otlp.Part;
import io.homespan.otlp.Rejections;
import io.homespan.rpc.GrpcCode;
import io.homespan.rpc.Reply;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CourierTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final TestTier tier = new TestTier();
  private final ScriptedRoad road = tier.road;
  private final List<List<Fate>> sent = new ArrayList<>();

  @AfterEach
  void everyPartHasItsFate() {
    road.runOut();
    assertThat(sent).noneMatch(List::isEmpty);
  }

  @Test
  void whatTheOwnerConfirms_isForwarded() {
    List<Fate> fates = send(tier.part("a", "b", 5));
    road.runOut();
    assertThat(fates).containsExactly(new Fate.Forwarded("a", 5));
    assertThat(road.calls.get(0).batch().get(0).standIn()).isFalse();
    assertThat(road.calls.get(0).timeout()).isEqualTo(Duration.ofSeconds(3));
  }

  @Test
  void aRefusedConnection_leadsToTheRunnerUp_atOnce() {
    road.then("a", refused());
    List<Fate> fates = send(tier.part("a", "b", 5));
    road.run(Duration.ofMillis(2));
    assertThat(fates).containsExactly(new Fate.Forwarded("b", 5));
    assertThat(road.called()).containsExactly("a", "b");
    assertThat(road.calls.get(1).batch().get(0).standIn()).isTrue();
  }

  @Test
  void otherBounds_holdForWhatWaits_andAnotherTimeLimitForWhatComes() {
    tier.courier.change(
        new Line.Bounds(1000, Duration.ofSeconds(1).toNanos(), 8, 1 << 20, 1 << 20), SECOND);
    send(tier.part("a", "b", 5));
    send(tier.part("a", "b", 5)); // waits for company
    assertThat(road.calls).hasSize(1);

    tier.courier.change(
        new Line.Bounds(5, Duration.ofSeconds(1).toNanos(), 8, 1 << 20, 1 << 20),
        Duration.ofSeconds(2));

    assertThat(road.calls).hasSize(2);
    assertThat(road.calls.get(0).timeout()).isEqualTo(SECOND);
    assertThat(road.calls.get(1).timeout()).isEqualTo(Duration.ofSeconds(2));
  }

  @Test
  void ifNobodyCanBeReached_thisNodeKeeps() {
    for (String peer : List.of("a", "b", "c")) road.then(peer, refused());
    List<Fate> fates = send(tier.part("a", "b", 5));
    road.runOut();
    assertThat(fates).containsExactly(new Fate.Kept(KeptAs.STAND_IN, 5));
    assertThat(road.called()).startsWith("a", "b").doesNotHaveDuplicates();
  }

  @Test
  void aLostCall_isMadeOnceMore_byTheSameId_thenTheNextIsAsked() {
    road.then("a", timedOut());
    road.then("a", timedOut());
    Part part = tier.part("a", "b", 5);
    List<Fate> fates = send(part);
    road.runOut();
    assertThat(fates).containsExactly(new Fate.Forwarded("b", 5));
    assertThat(road.called()).containsExactly("a", "a", "b");
    assertThat(road.calls).allMatch(call -> call.batch().get(0).part().id().equals(part.id()));
    assertThat(road.calls.get(2).at())
        .isBetween(6 * SECOND.toNanos(), 6 * SECOND.toNanos() + AfterCall.BACK_OFF);
    assertThat(road.perhapsTwice).containsExactly(Map.entry(Doubt.STAND_IN, 5));
  }

  @Test
  void aFullPeer_isAskedAgainAfterItsHint_andNobodyElse() {
    road.then("a", fullFor(SECOND));
    road.then("a", fullFor(SECOND));
    List<Fate> fates = send(tier.part("a", "b", 5));
    road.runOut();
    assertThat(fates).containsExactly(new Fate.Forwarded("a", 5));
    assertThat(road.called()).containsExactly("a", "a", "a");
    assertThat(road.calls.get(1).at()).isBetween(SECOND.toNanos(), 2 * SECOND.toNanos());
  }

  @Test
  void ifTheDeadlineComesBeforeTheHint_theSenderIsToldAtOnce() {
    road.then("a", fullFor(Duration.ofSeconds(9)));
    List<Fate> fates = send(tier.part("a", "b", 5));
    road.run(Duration.ofMillis(1));
    assertThat(fates).hasSize(1);
    assertThat(((Fate.Refused) fates.get(0)).reason()).isEqualTo(RefuseReason.FULL);
    assertThat(road.called()).containsExactly("a");
  }

  @Test
  void aHintOfZero_doesNotSpin() {
    for (int i = 0; i < 10_000; i++) road.then("a", fullFor(Duration.ZERO));
    List<Fate> fates = send(tier.part("a", "b", 5));
    road.runOut();
    assertThat(((Fate.Refused) fates.get(0)).reason()).isEqualTo(RefuseReason.FULL);
    assertThat(road.calls).hasSizeLessThan(200);
  }

  @Test
  void ofACallThatIsRefusedForItsData_eachPartIsTriedAlone_andOnlyThePoisonIsDropped() {
    block("a");
    List<List<Fate>> fates = new ArrayList<>();
    for (int i = 0; i < 3; i++) fates.add(send(tier.part("a", "b", 4)));
    road.then("a", answered(GrpcCode.INVALID_ARGUMENT)); // all three
    road.then("a", answered(GrpcCode.OK));
    road.then("a", answered(GrpcCode.INVALID_ARGUMENT));
    road.runOut();
    assertThat(road.calls.stream().map(call -> call.batch().size())).containsExactly(1, 3, 1, 1, 1);
    assertThat(fates.get(0)).containsExactly(new Fate.Forwarded("a", 4));
    assertThat(fates.get(1)).hasSize(1).allMatch(fate -> fate instanceof Fate.Dropped);
    assertThat(((Fate.Dropped) fates.get(1).get(0)).why()).contains("peer a", "says the script");
    assertThat(fates.get(2)).containsExactly(new Fate.Forwarded("a", 4));
    assertThat(road.called()).containsOnly("a");
  }

  @Test
  void aPeerOfOurs_saysWhichPartItRejected() {
    block("a");
    List<Fate> first = send(tier.part("a", "b", 4));
    List<Fate> second = send(tier.part("a", "b", 4));
    Buffer told = Rejections.add(ExportResponse.partial(3, "bad"), List.of(0, 3));
    road.then("a", new Reply.Answered(GrpcCode.OK, "", null, told));
    road.runOut();
    assertThat(first).containsExactly(new Fate.Forwarded("a", 4));
    assertThat(second)
        .containsExactly(
            new Fate.Dropped(DropReason.SINK_REFUSED, "bad", 3), new Fate.Forwarded("a", 1));
  }

  @Test
  void aSumOfRejectedSpans_isSharedByTheParts_andAllAreTold() {
    block("a");
    List<Fate> first = send(tier.part("a", "b", 2));
    List<Fate> second = send(tier.part("a", "b", 4));
    List<Fate> third = send(tier.part("a", "b", 2));
    Buffer told = ExportResponse.partial(3, "bad");
    road.then("a", new Reply.Answered(GrpcCode.OK, "", null, told));
    road.runOut();
    String why =
        "3 of 8 spans of 3 requests were rejected, in one answer that does not say which: bad";
    assertThat(first)
        .containsExactly(
            new Fate.Dropped(DropReason.SINK_REFUSED, why, 0), new Fate.Forwarded("a", 2));
    assertThat(second)
        .containsExactly(
            new Fate.Dropped(DropReason.SINK_REFUSED, why, 2), new Fate.Forwarded("a", 2));
    assertThat(third)
        .containsExactly(
            new Fate.Dropped(DropReason.SINK_REFUSED, why, 1), new Fate.Forwarded("a", 1));
  }

  @Test
  void moreRejectedSpansThanWereSent_areNotBelieved() {
    road.then(
        "b", new Reply.Answered(GrpcCode.OK, "", null, ExportResponse.partial(1L << 40, "bad")));
    List<Fate> fates = send(tier.part("b", "a", 2));
    road.runOut();
    assertThat(fates).containsExactly(new Fate.Dropped(DropReason.SINK_REFUSED, "bad", 2));
  }

  @Test
  void anOkThatCanNotBeRead_countsAsNoAnswer() {
    road.then("a", new Reply.Answered(GrpcCode.OK, "", null, Buffer.buffer(new byte[] {10, 99})));
    List<Fate> fates = send(tier.part("a", "b", 4));
    road.runOut();
    assertThat(fates).containsExactly(new Fate.Forwarded("a", 4));
    assertThat(road.called()).containsExactly("a", "a");
  }

  @Test
  void whatIsOverItsDeadline_isNotBegun() {
    block("a");
    road.then("a", timedOut());
    List<Fate> fates = send(tier.part("a", "b", 4), SECOND); // waits for company, then is stuck
    List<Fate> late = tier.send("a", tier.part("a", "b", 4), Duration.ZERO);
    road.runOut();
    assertThat(((Fate.Refused) late.get(0)).reason()).isEqualTo(RefuseReason.TIMEOUT);
    assertThat(((Fate.Refused) fates.get(0)).reason()).isEqualTo(RefuseReason.TIMEOUT);
    assertThat(road.calls).noneMatch(call -> call.at() > SECOND.toNanos());
  }

  @Test
  void aCall_mayTakeNoLongerThanItsPartsHave() {
    send(tier.part("a", "b", 4), SECOND);
    assertThat(road.calls.get(0).timeout()).isEqualTo(SECOND);
  }

  @Test
  void partsGather_whileACallIsUnderWay() {
    block("a");
    for (int i = 0; i < 10; i++) send(tier.part("a", "b", 4));
    road.runOut();
    assertThat(road.calls).hasSize(2);
    assertThat(road.calls.get(1).spans()).isEqualTo(40);
  }

  @Test
  void partsDoNotWaitForASlowCall_longerThanTheirBound() {
    road.then("a", timedOut());
    send(tier.part("a", "b", 1));
    send(tier.part("a", "b", 1));
    road.run(Duration.ofMillis(5));
    assertThat(road.calls).hasSize(2);
  }

  @Test
  void aSlowPeer_delaysNobodyElse() {
    for (int i = 0; i < 8; i++) road.then("a", timedOut());
    for (int i = 0; i < 100; i++) send(tier.part("a", "b", 20));
    List<Fate> other = send(tier.part("c", "b", 5));
    road.run(Duration.ofMillis(1));
    assertThat(other).containsExactly(new Fate.Forwarded("c", 5));
  }

  @Test
  void aFullBacklog_refuses_andSaysWhose() {
    for (int i = 0; i < 8; i++) road.then("a", timedOut());
    List<Fate> last = List.of();
    for (int i = 0; i < 4000 && last.isEmpty(); i++) last = send(tier.part("a", "b", 20));
    assertThat(last).hasSize(1);
    Fate.Refused refused = (Fate.Refused) last.get(0);
    assertThat(refused.reason()).isEqualTo(RefuseReason.FULL);
    assertThat(refused.why()).contains("peer a");
  }

  @Test
  void whenTheCircuitOpens_whatWaitsGoesToStandIns_withoutACall() {
    for (int i = 0; i < 10; i++) road.then("a", timedOut());
    for (int i = 0; i < 10; i++) send(tier.part("a", "b", 40));
    road.run(Duration.ofMillis(3100)); // four calls were lost; two began before the third ended
    assertThat(sent.stream().filter(fates -> fates.contains(new Fate.Forwarded("b", 40))))
        .hasSize(8);
    assertThat(road.called().filter("a"::equals)).hasSize(6);
    List<Fate> next = send(tier.part("a", "b", 1));
    road.run(Duration.ofMillis(2));
    assertThat(next).containsExactly(new Fate.Forwarded("b", 1));
    assertThat(road.called().filter("a"::equals)).hasSize(6);
  }

  @Test
  void aPeerThatIsBack_getsItsTracesBack() {
    for (int i = 0; i < 3; i++) {
      road.then("a", refused());
      send(tier.part("a", "b", 1));
      road.run(Duration.ofMillis(5));
    }
    road.run(SECOND);
    List<Fate> fates = send(tier.part("a", "b", 2));
    road.runOut();
    assertThat(fates).containsExactly(new Fate.Forwarded("a", 2));
  }

  @Test
  void aPeerThatDiscoveryHearsAgain_getsItsTracesBack_atOnce() {
    tier.courier.members(TestTier.membership(TestTier.TABLE, "a", "unanswered"));
    road.then("a", refused());
    for (int i = 0; i < 3; i++) {
      send(tier.part("a", "b", 1));
      road.run(Duration.ofMillis(2));
    }
    assertThat(road.called().filter("a"::equals)).hasSize(1);
    tier.courier.members(TestTier.membership(TestTier.TABLE, "a", "answered"));
    List<Fate> fates = send(tier.part("a", "b", 5));
    road.run(Duration.ofMillis(2));
    assertThat(fates).containsExactly(new Fate.Forwarded("a", 5));
  }

  @Test
  void aPeerThatIsDialledElsewhereNow_isCalledThere_atOnce() {
    for (int i = 0; i < 3; i++) {
      road.then("a", refused());
      send(tier.part("a", "b", 1));
      road.run(Duration.ofMillis(2));
    }
    Part part = tier.part("a", "b", 5);
    PeerSet moved =
        PeerSet.of(
            TestTier.TABLE.peers().peers().stream()
                .map(peer -> new Peer(peer.id(), "elsewhere-" + peer.id(), 2))
                .toList());
    tier.courier.members(TestTier.membership(TestTier.TABLE.with(moved)));
    List<Fate> fates = send(part);
    road.run(Duration.ofMillis(2));
    assertThat(fates).containsExactly(new Fate.Forwarded("a", 5));
    assertThat(road.calls.get(road.calls.size() - 1).host()).isEqualTo("elsewhere-a");
  }

  @Test
  void aTryThatExpiredInTheQueue_doesNotKeepTheCircuitOpenForEver() {
    for (int i = 0; i < 3; i++) {
      road.then("a", refused());
      send(tier.part("a", "b", 1));
      road.run(Duration.ofMillis(5));
    }
    road.run(SECOND);
    send(tier.part("a", "b", 1), Duration.ZERO); // would be the try
    List<Fate> fates = send(tier.part("a", "b", 2));
    road.runOut();
    assertThat(fates).containsExactly(new Fate.Forwarded("a", 2));
  }

  @Test
  void whatWaitsForAPeerThatLeft_goesByTheNewTable() {
    for (int i = 0; i < 4; i++) road.then("a", timedOut());
    for (int i = 0; i < 8; i++) send(tier.part("a", "b", 40));
    road.run(Duration.ofMillis(10));
    tier.courier.members(TestTier.membership(TestTier.WITHOUT_A));
    road.run(Duration.ofMillis(50));
    assertThat(sent.stream().filter(fates -> !fates.isEmpty()))
        .hasSize(3)
        .allMatch(fates -> fates.contains(new Fate.Forwarded("b", 40)));
    assertThat(road.calls.get(4).batch()).noneMatch(Consignment::standIn); // it owns them now
    road.runOut();
    assertThat(road.called().filter("a"::equals)).hasSize(4);
  }

  @Test
  void whatWaitsForAHint_goesByTheNewTable_ifThePeerHasLeftMeanwhile() {
    road.then("a", fullFor(SECOND));
    List<Fate> fates = send(tier.part("a", "b", 3));
    road.run(Duration.ofMillis(10));
    tier.courier.members(TestTier.membership(TestTier.WITHOUT_A));
    road.runOut();
    assertThat(fates).containsExactly(new Fate.Forwarded("b", 3));
  }

  @Test
  void whatAnOlderTableGaveToAPeer_mayTurnOutToBeThisNodesOwn() {
    Part part = tier.part("me", "a", 3);
    List<Fate> fates = send(part, Duration.ofSeconds(8), "me");
    road.runOut();
    assertThat(fates).containsExactly(new Fate.Kept(KeptAs.OWNER, 3));
  }

  @Test
  void aPartOfManyTraces_isCutAnewForEachWhoStandsIn() {
    road.then("a", refused());
    Part part = tier.mixed("a", 200);
    List<Fate> fates = send(part);
    road.runOut();
    assertThat(fates.stream().mapToInt(Fate::spans).sum()).isEqualTo(part.spans());
    assertThat(fates).hasSize(3);
    assertThat(road.called()).contains("b", "c");
    assertThat(road.kept).hasSize(1);
  }

  @Test
  void whatEventLoopsLearn_theOthersKnow_andNobodyElseWaitsForATimeOut() {
    Circuits shared = new Circuits((peer, open) -> {});
    TestTier first = new TestTier(shared);
    TestTier second = new TestTier(shared);
    for (int i = 0; i < Circuit.FAILURES; i++) {
      first.road.then("a", refused());
      first.send("a", first.part("a", "b", 1));
      first.road.run(Duration.ofMillis(2));
    }
    List<Fate> fates = second.send("a", second.part("a", "b", 5));
    second.road.run(Duration.ofMillis(2));
    assertThat(fates).containsExactly(new Fate.Forwarded("b", 5));
    assertThat(second.road.called()).containsExactly("b");
    assertThat(second.road.steps).containsEntry(ForwardStep.PASSED_OVER, 1);
  }

  @Test
  void ifNobodyCanBeReached_thisNodeKeepsAll_butGoesOnTrying_andStopsWhenOneIsBack() {
    List<String> peers = List.of("a", "b", "c");
    for (String peer : peers) for (int i = 0; i < 30; i++) road.then(peer, refused());
    for (int i = 0; i < 200; i++) { // 20 s
      for (String peer : peers) send(tier.part(peer, peer.equals("a") ? "b" : "a", 1));
      road.run(Duration.ofMillis(100));
    }
    long calls = road.calls.size();
    assertThat(sent).hasSize(600).allMatch(fates -> fates.get(0) instanceof Fate.Kept);
    for (String peer : peers) {
      // at first three that fail, then, with pauses of 0.5 s that double up to 8 s, some more
      assertThat(road.called().filter(peer::equals).count()).isBetween(6L, 12L);
    }
    for (String peer : peers)
      tier.courier.members(TestTier.membership(TestTier.TABLE, peer, "answered"));
    road.forget();
    List<Fate> fates = send(tier.part("a", "b", 2));
    road.run(Duration.ofMillis(5));
    assertThat(fates).containsExactly(new Fate.Forwarded("a", 2));
    assertThat(road.calls.size()).isEqualTo((int) calls + 1);
  }

  @Test
  void aPeerThatDiscoveryNeverHeard_costsOneFailure_notThree() {
    tier.courier.members(TestTier.membership(TestTier.TABLE, "a", "unanswered"));
    road.then("a", timedOut());
    List<Fate> first = send(tier.part("a", "b", 1));
    road.run(Duration.ofMillis(3010));
    assertThat(first).containsExactly(new Fate.Forwarded("b", 1));
    List<Fate> second = send(tier.part("a", "b", 1));
    road.run(Duration.ofMillis(2));
    assertThat(second).containsExactly(new Fate.Forwarded("b", 1));
    assertThat(road.called().filter("a"::equals)).hasSize(1);
  }

  @Test
  void whatAFullPeerMakesWait_countsAgainstItsBacklog_soOthersFindRoom() {
    for (int i = 0; i < 1000; i++) road.then("a", fullFor(Duration.ofSeconds(2)));
    Part part = tier.part("a", "b", 40);
    int room = (int) (TestTier.BOUNDS.maxBacklogBytes() / part.size());
    for (int i = 0; i < room + 10; i++) {
      send(part);
      road.run(Duration.ofMillis(2));
    }
    assertThat(sent.stream().filter(fates -> !fates.isEmpty()))
        .hasSizeBetween(8, 12)
        .allMatch(fates -> ((Fate.Refused) fates.get(0)).why().contains("backlog for peer a"));
    List<Fate> other = send(tier.part("c", "b", 5));
    road.run(Duration.ofMillis(2));
    assertThat(other).containsExactly(new Fate.Forwarded("c", 5));
  }

  @Test
  void whatWaitsForAHint_goesToTheNewOwner_ifTheTableHasChanged() {
    road.then("a", fullFor(SECOND));
    Part part = tier.part("a", "b", 3);
    OwnerTable joined = tableThatGivesAway(part);
    List<Fate> fates = send(part);
    road.run(Duration.ofMillis(10));
    tier.courier.members(TestTier.membership(joined));
    road.runOut();
    assertThat(road.called()).hasSize(2);
    assertThat(fates).containsExactly(new Fate.Forwarded(road.calls.get(1).peer(), 3));
    assertThat(road.calls.get(1).peer()).startsWith("new");
    assertThat(road.calls.get(1).batch()).noneMatch(Consignment::standIn);
    assertThat(road.perhapsTwice).isEmpty(); // a full peer has not kept it
  }

  @Test
  void whatMayHaveArrivedAtAPeerThatLeft_isCounted_asItMayBeThereTwice() {
    road.then("a", timedOut());
    List<Fate> fates = send(tier.part("a", "b", 3));
    road.run(Duration.ofMillis(10));
    tier.courier.members(TestTier.membership(TestTier.WITHOUT_A));
    road.runOut();
    assertThat(fates).containsExactly(new Fate.Forwarded("b", 3));
    assertThat(road.perhapsTwice).containsExactly(Map.entry(Doubt.NEW_TABLE, 3));
  }

  @Test
  void everyStep_isCounted() {
    road.then("a", fullFor(SECOND));
    road.then("a", timedOut());
    road.then("a", timedOut());
    road.then("b", answered(GrpcCode.INVALID_ARGUMENT));
    send(tier.part("a", "b", 1), Duration.ofSeconds(20));
    road.runOut();
    road.then("c", fullFor(Duration.ofSeconds(9)));
    send(tier.part("c", "b", 1));
    send(tier.part("c", "a", 1), Duration.ZERO);
    send(tier.part("c", "a", 1));
    road.runOut();
    assertThat(road.steps)
        .containsEntry(ForwardStep.AFTER_HINT, 1)
        .containsEntry(ForwardStep.AGAIN, 1)
        .containsEntry(ForwardStep.NEXT, 1)
        .containsEntry(ForwardStep.REJECTED, 1)
        .containsEntry(ForwardStep.FULL, 1)
        .containsEntry(ForwardStep.LATE, 1)
        .containsEntry(ForwardStep.CONFIRMED, 1);
  }

  /** A table with one peer more, who owns the part's traces. */
  private static OwnerTable tableThatGivesAway(Part part) {
    for (int i = 0; ; i++) {
      OwnerTable table = TestTier.table("me", "a", "b", "c", "new" + i);
      if (TestTier.ownerOf(part, table).startsWith("new")) return table;
    }
  }

  /** A call that is under way for a millisecond. */
  private void block(String owner) {
    road.then(owner, answered(GrpcCode.OK));
    send(tier.part(owner, owner.equals("a") ? "b" : "a", 1));
  }

  private List<Fate> send(Part part) {
    return send(part, Duration.ofSeconds(8));
  }

  private List<Fate> send(Part part, Duration deadline) {
    return send(part, deadline, TestTier.ownerOf(part));
  }

  private List<Fate> send(Part part, Duration deadline, String owner) {
    List<Fate> fates = tier.send(owner, part, deadline);
    sent.add(fates);
    return fates;
  }
}
