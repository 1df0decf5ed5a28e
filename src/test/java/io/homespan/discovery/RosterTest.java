package io.homespan.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.homespan.bus.Membership.Member;
import io.homespan.bus.NodeFacts;
import io.homespan.discovery.Hello.Known;
import io.homespan.mesh.Peer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Every rule of who is who, without sockets. This node's process is always "me". */
class RosterTest {
  private static final NodeFacts FACTS = new NodeFacts("1.0", "", 1, 0);
  private static final Address A = address("a:1");
  private static final Address B = address("b:1");
  private static final Address C = address("c:1");

  private static Address address(String listed) {
    return new Address(listed, listed.substring(0, listed.indexOf(':')), 1);
  }

  private static Roster roster(@Nullable String advertise) {
    return roster(advertise, 10, "static");
  }

  private static Roster roster(@Nullable String advertise, int maxPeers, String... providers) {
    Map<String, String> kinds = new TreeMap<>();
    for (String each : providers) kinds.put(each, each);
    return new Roster(
        new Roster.Self("homespan", "me", FACTS),
        new OwnId(advertise, "10.9.9.9:1"),
        new Listing(
            kinds,
            new Listing.Bounds(maxPeers, new Grace(1, Duration.ofSeconds(5)), Duration.ZERO),
            () -> 0),
        maxPeers);
  }

  private static Hello hello(@Nullable String id, String instance, Known... members) {
    return new Hello("homespan", id, instance, FACTS, "t1", false, List.of(members), null);
  }

  private static Hello calling(@Nullable String id, String instance, String reachedAt) {
    return new Hello("homespan", id, instance, FACTS, "t1", false, List.of(), reachedAt);
  }

  private static Hello leaving(String id, String instance, Known... members) {
    return new Hello("homespan", id, instance, FACTS, "t1", true, List.of(members), null);
  }

  private static Reply is(@Nullable String id, String instance, Known... members) {
    return new Reply.Answered(hello(id, instance, members));
  }

  private static Reply down() {
    return new Reply.Unanswered("refused");
  }

  private static List<String> ids(Roster roster) {
    return roster.peers().ids();
  }

  private static List<String> problems(Roster roster) {
    return roster.problems().stream().map(p -> p.kind().name()).toList();
  }

  /** Each address replies, and the round ends. */
  private static void round(Roster roster, Map<Address, Reply> replies) {
    for (Address each : roster.toAsk()) roster.replied(each, replies.getOrDefault(each, down()));
    roster.roundEnded("t1");
  }

  private static Roster listing(@Nullable String advertise, Map<Address, Reply> replies) {
    Roster roster = roster(advertise);
    roster.found("static", replies.keySet().stream().sorted(RosterTest::byText).toList());
    round(roster, replies);
    return roster;
  }

  private static int byText(Address one, Address other) {
    return one.listed().compareTo(other.listed());
  }

  private static Member member(Roster roster, String id) {
    return roster.members(roster.peers()).stream()
        .filter(m -> m.id().equals(id))
        .findFirst()
        .orElseThrow();
  }

  // ---- steady ----

  @Test
  void whoHasAnsweredTimeAfterTime_isSteady_untilAnotherDoes_orNobody() {
    Roster roster = roster("x:1");
    roster.found("static", List.of(A));
    int rounds = 0;
    while (!roster.isSteady(A)) {
      round(roster, Map.of(A, is("a:1", "i1")));
      rounds++;
    }
    assertThat(rounds).isBetween(4, 16); // a virtual address would have shown itself
    roster.replied(A, down());
    assertThat(roster.isSteady(A)).isFalse();
    roster.replied(A, is("a:1", "i1"));
    assertThat(roster.isSteady(A)).isTrue();
    roster.replied(A, is("a:1", "i2"));
    assertThat(roster.isSteady(A)).isFalse();
    assertThat(roster.isSteady(B)).isFalse();
  }

  // ---- ready ----

  @Test
  void itSettles_whenEveryProviderHasLooked_andEveryAddressWasAsked() {
    Roster roster = roster(null, 10, "static", "dns");
    roster.found("static", List.of(A, B));
    roster.replied(A, is("a:1", "i1"));
    roster.replied(B, down());
    assertThat(roster.isSettled()).isFalse();
    assertThat(ids(roster)).isEmpty();
    roster.missed("dns", "NXDOMAIN");
    assertThat(roster.isSettled()).isTrue();
    assertThat(ids(roster)).containsExactly("a:1", "b:1");
    assertThat(problems(roster)).containsExactly("LOOKUP_FAILED");
  }

  @Test
  void newAddresses_areAskedSoon() {
    Roster roster = roster(null);
    roster.found("static", List.of(A, B));
    assertThat(roster.toAskSoon()).containsExactly(A, B);
    roster.replied(A, down());
    assertThat(roster.toAskSoon()).containsExactly(B);
  }

  // ---- agents ----

  private static Reply isAgent(String id, String instance) {
    NodeFacts facts = new NodeFacts("1.0", "", 1, 0, true);
    return new Reply.Answered(
        new Hello("homespan", id, instance, facts, "t9", false, List.of(), null));
  }

  @Test
  void anAgent_isInNoTable_alsoWhenItFallsSilent() {
    Map<Address, Reply> replies =
        Map.of(A, is("a:1", "me"), B, isAgent("b:1", "i2"), C, is("c:1", "i3"));
    Roster roster = listing(null, replies);
    assertThat(ids(roster)).containsExactly("a:1", "c:1");
    assertThat(roster.agents()).containsExactly(Map.entry("b:1", B));
    assertThat(member(roster, "b:1").inTable()).isFalse();
    for (int i = 0; i < 9; i++) round(roster, Map.of(A, is("a:1", "me"), C, is("c:1", "i3")));
    assertThat(ids(roster)).containsExactly("a:1", "c:1");
    assertThat(roster.agents()).containsKey("b:1");
    assertThat(problems(roster)).isEmpty(); // its table is another, of those whom it measures
    round(roster, Map.of(A, is("a:1", "me"), B, is("b:1", "i4"), C, is("c:1", "i3")));
    assertThat(ids(roster)).containsExactly("a:1", "b:1", "c:1"); // a node now
    assertThat(roster.agents()).isEmpty();
  }

  @Test
  void anAgentThatIsDown_isKnownByNeighbours() {
    Known agent = new Known("b:1", "b:1", false, null, 1, true);
    Roster roster = listing(null, Map.of(A, is("a:1", "me"), B, down(), C, is("c:1", "i3", agent)));
    assertThat(ids(roster)).containsExactly("a:1", "c:1");
    Known told = roster.answer("t1", null).members().get(1);
    assertThat(told.address()).isEqualTo("b:1");
    assertThat(told.agent()).isTrue();
  }

  @Test
  void anAgentsOwnTable_isOfAllWhomItMeasures() {
    Roster roster =
        new Roster(
            new Roster.Self("homespan", "me", new NodeFacts("1.0", "", 1, 0, true)),
            new OwnId(null, "10.9.9.9:1"),
            new Listing(
                Map.of("static", "static"),
                new Listing.Bounds(10, new Grace(1, Duration.ofSeconds(5)), Duration.ZERO),
                () -> 0),
            10);
    roster.found("static", List.of(A, B, C));
    Map<Address, Reply> replies =
        Map.of(A, isAgent("a:1", "me"), B, isAgent("b:1", "i2"), C, is("c:1", "i3"));
    for (int i = 0; i < 9; i++) round(roster, replies);
    assertThat(ids(roster)).containsExactly("a:1", "b:1", "c:1");
    assertThat(roster.agents()).isEmpty();
    assertThat(problems(roster)).isEmpty();
  }

  // ---- who am I ----

  @Test
  void advertise_isTheId() {
    Roster roster = listing("me.example:1", Map.of(A, is("me.example:1", "me")));
    assertThat(roster.ownId()).isEqualTo("me.example:1");
    assertThat(ids(roster)).containsExactly("me.example:1");
  }

  @Test
  void itsId_isTheLeastAddressAtWhichItReachedItself() {
    Roster roster = listing(null, Map.of(B, is(null, "me"), C, is(null, "me"), A, is("a:1", "i1")));
    assertThat(roster.ownId()).isEqualTo("b:1");
    assertThat(ids(roster)).containsExactly("a:1", "b:1");
    assertThat(member(roster, "b:1").addresses()).containsExactly("b:1", "c:1");
    assertThat(member(roster, "b:1").state()).isEqualTo("self");
  }

  @Test
  void withoutReachingItself_itTakesTheAddressOfACaller() {
    Roster roster = roster(null);
    roster.found("static", List.of(A, B));
    roster.asked(calling(null, "i1", "b:1"));
    assertThat(roster.answer("", null).id()).as("before its own round has ended").isNull();
    round(roster, Map.of(A, is("a:1", "i1")));
    assertThat(roster.ownId()).isEqualTo("b:1");
    assertThat(ids(roster)).containsExactly("a:1", "b:1");
    assertThat(member(roster, "b:1").self()).isTrue();
  }

  @Test
  void withoutACaller_itsInterfaceAddressIsShown_butNotDecided() {
    Roster roster = listing(null, Map.of(A, is("a:1", "i1")));
    assertThat(roster.ownId()).isEqualTo("10.9.9.9:1");
    assertThat(roster.answer("", null).id()).isNull();
    assertThat(ids(roster)).as("a gateway").containsExactly("a:1");
    roster.asked(calling("a:1", "i1", "out.example:7"));
    assertThat(roster.answer("", null).id()).isEqualTo("out.example:7");
    assertThat(ids(roster)).as("no provider found it").containsExactly("a:1");
  }

  @Test
  void onceDecided_theIdStays() {
    Roster roster = listing(null, Map.of(B, is(null, "me")));
    roster.asked(calling("x:1", "i1", "a:1"));
    roster.found("static", List.of(A));
    round(roster, Map.of(A, is("b:1", "me")));
    assertThat(roster.ownId()).isEqualTo("b:1");
    assertThat(ids(roster)).containsExactly("b:1");
  }

  @Test
  void behindABrokenHairpin_aCallersWordIsEnough() {
    Roster roster = listing("me.example:1", Map.of(A, is("a:1", "i1"), B, down()));
    assertThat(ids(roster)).containsExactly("a:1", "b:1");
    roster.asked(calling("a:1", "i1", "b:1"));
    assertThat(ids(roster)).containsExactly("a:1", "me.example:1");
  }

  @Test
  void behindABrokenHairpin_aNeighboursWordIsEnough() {
    Known me = new Known("b:1", "me.example:1", false, "me", 0);
    Roster roster = listing("me.example:1", Map.of(A, is("a:1", "i1", me), B, down()));
    assertThat(ids(roster)).containsExactly("a:1", "me.example:1");
  }

  // ---- who are they ----

  @Test
  void oneIdAtSeveralAddresses_isOnePeer_dialledAtTheLeastThatAnswers() {
    Roster roster = listing("x:1", Map.of(A, down(), B, is("p:1", "i1"), C, is("p:1", "i1")));
    assertThat(roster.peers().peers()).contains(new Peer("p:1", "b", 1));
    assertThat(ids(roster)).containsExactly("a:1", "p:1");
    assertThat(problems(roster)).isEmpty();
  }

  @Test
  void whoHasNotDecided_standsUnderItsAddress() {
    Roster roster = listing("x:1", Map.of(A, is(null, "i1")));
    assertThat(ids(roster)).containsExactly("a:1");
    assertThat(roster.undecided()).containsExactly(A);
    roster.replied(A, is("p:1", "i1"));
    assertThat(ids(roster)).containsExactly("p:1");
    assertThat(roster.undecided()).isEmpty();
  }

  @Test
  void aPlainReceiver_standsUnderItsAddress() {
    Roster roster = listing("x:1", Map.of(A, new Reply.Foreign()));
    assertThat(ids(roster)).containsExactly("a:1");
    assertThat(member(roster, "a:1").state()).isEqualTo("foreign");
  }

  @Test
  void whoIsDown_standsUnderTheIdThatANeighbourKnows() {
    Known known = new Known("b:1", "p:1", false, null, 0);
    Roster roster = listing("x:1", Map.of(A, is("a:1", "i1", known), B, down()));
    assertThat(ids(roster)).containsExactly("a:1", "p:1");
    round(roster, Map.of()); // the neighbour dies as well: what it said stays
    assertThat(ids(roster)).containsExactly("a:1", "p:1");
    assertThat(roster.answer("", null).members()).contains(known);
  }

  @Test
  void whoIsDown_keepsTheIdThatItGave_unlessANeighbourReachesItUnderAnother() {
    Roster roster = listing("x:1", Map.of(A, is("a:1", "i1"), B, is("p:1", "i2")));
    Known stale = new Known("b:1", "old:1", false, null, 0);
    round(roster, Map.of(A, is("a:1", "i1", stale)));
    round(roster, Map.of(A, is("a:1", "i1", stale)));
    assertThat(ids(roster)).containsExactly("a:1", "p:1");
    Known fresh = new Known("b:1", "new:1", false, "i3", 0);
    round(roster, Map.of(A, is("a:1", "i1", fresh)));
    assertThat(ids(roster)).containsExactly("a:1", "new:1");
  }

  @Test
  void aRestartedNode_keepsItsPlace_evenBeforeItHasDecided() {
    Roster roster = listing("x:1", Map.of(A, is("p:1", "i1")));
    round(roster, Map.of(A, down()));
    round(roster, Map.of(A, is(null, "i2")));
    assertThat(ids(roster)).containsExactly("p:1");
    round(roster, Map.of(A, is("p:1", "i2")));
    assertThat(ids(roster)).containsExactly("p:1");
    assertThat(problems(roster)).isEmpty();
  }

  @Test
  void aCaller_addsNobody_butMakesUsAskWhereItMayBe() {
    Roster roster = listing("x:1", Map.of(A, is("a:1", "i1"), B, down()));
    assertThat(roster.toAskSoon()).isEmpty();
    roster.asked(calling("b.example:1", "i2", "x:1"));
    assertThat(ids(roster)).containsExactly("a:1", "b:1");
    assertThat(roster.toAskSoon()).containsExactly(B);
    roster.asked(calling("b.example:1", "i2", "x:1"));
    assertThat(roster.toAskSoon()).as("only once").isEmpty();
    roster.asked(calling("a:1", "i3", "x:1"));
    assertThat(roster.toAskSoon()).as("restarted").contains(A);
  }

  // ---- what it wants to hear, and tells ----

  @Test
  void atFirst_itWantsToHearOfAll_thenOfThoseAloneThatItDoesNotReach() {
    Roster roster = roster("a:1");
    roster.found("static", List.of(A, B, C));
    assertThat(roster.call("", "b:1").about()).isNull();
    round(roster, Map.of(A, is("a:1", "me"), B, is("b:1", "i1"), C, is("c:1", "i2")));
    assertThat(roster.call("", "b:1").about()).isEmpty();
    round(roster, Map.of(A, is("a:1", "me"), B, is("b:1", "i1")));
    assertThat(roster.call("", "b:1").about()).containsExactly("c:1");
    assertThat(roster.call("", "b:1").members()).isEmpty();
  }

  @Test
  void itTells_whatWasAskedFor() {
    Roster roster = listing("a:1", Map.of(A, is("a:1", "me"), B, is("b:1", "i1")));
    Known b = new Known("b:1", "b:1", false, "i1", 1);
    assertThat(roster.answer("", null).members()).hasSize(2).contains(b);
    assertThat(roster.answer("", List.of("b:1", "z:1")).members()).containsExactly(b);
    assertThat(roster.answer("", List.of()).members()).isEmpty();
    roster.leave();
    assertThat(roster.answer("", List.of()).members())
        .as("where it was, for who never reached it")
        .containsExactly(new Known("a:1", "a:1", true, "me", 1));
  }

  @Test
  void whatIsToldAgain_isNoNews() {
    Known of = new Known("c:1", "c:1", false, null, 1);
    Reply neighbour = is("b:1", "i1", of);
    Roster roster = listing(null, Map.of(A, is("a:1", "me"), B, neighbour, C, new Reply.Foreign()));
    assertThat(roster.replied(A, is("a:1", "me"))).isFalse();
    assertThat(roster.replied(B, neighbour)).isFalse();
    assertThat(roster.replied(C, new Reply.Foreign())).isFalse();
    assertThat(roster.replied(C, down())).isTrue();
    assertThat(roster.replied(B, neighbour)).as("now a neighbour's word counts").isTrue();
    assertThat(roster.replied(B, neighbour)).isFalse();
    assertThat(roster.asked(calling("b:1", "i1", "a:1"))).as("where it is reached").isTrue();
    assertThat(roster.asked(calling("b:1", "i1", "a:1"))).isFalse();
    assertThat(roster.asked(leaving("b:1", "i1"))).isTrue();
  }

  @Test
  void ofAThousandPeers_eachIsNewOnlyOnce() {
    Roster roster = roster("x:1", 1000, "static");
    for (boolean first : List.of(true, false)) {
      for (int i = 0; i < 1000; i++) {
        Hello caller = calling("p" + i, "i" + i, "x:1");
        boolean counts = i > 0 || !first; // the first also says where this node is reached
        if (counts) assertThat(roster.asked(caller)).as(caller.instance()).isEqualTo(first);
        else roster.asked(caller);
      }
    }
  }

  // ---- look-ups ----

  @Test
  void aFailure_keepsThePeers() {
    Roster roster = listing("x:1", Map.of(A, is("a:1", "i1")));
    roster.missed("static", "timeout");
    assertThat(ids(roster)).containsExactly("a:1");
    assertThat(problems(roster)).containsExactly("LOOKUP_FAILED");
    roster.found("static", List.of(A));
    assertThat(problems(roster)).isEmpty();
  }

  @Test
  void severalProviders_giveTheirUnion_andOneFailureTouchesNoOther() {
    Roster roster = roster("x:1", 10, "static", "dns");
    roster.found("static", List.of(A, B));
    roster.found("dns", List.of(B, C));
    round(roster, Map.of());
    assertThat(ids(roster)).containsExactly("a:1", "b:1", "c:1");
    assertThat(member(roster, "b:1").foundBy()).containsExactlyInAnyOrder("static", "dns");
    roster.missed("dns", "SERVFAIL");
    roster.found("static", List.of(A));
    assertThat(ids(roster)).containsExactly("a:1", "b:1", "c:1");
    roster.found("dns", List.of(C));
    assertThat(ids(roster)).containsExactly("a:1", "c:1");
  }

  @Test
  void whatIsNew_waitsForItsFirstAnswer_andThenComesWithWhatHasGone() {
    Roster roster = listing("x:1", Map.of(A, is("a:1", "i1"), C, is("c:1", "i3")));
    roster.found("static", List.of(B, C));
    assertThat(ids(roster)).containsExactly("a:1", "c:1");
    roster.replied(B, is("p:1", "i2"));
    assertThat(ids(roster)).containsExactly("c:1", "p:1");
  }

  @Test
  void beyondMaxPeers_theLeastAreTaken_andAProblemSaysSo() {
    Roster roster = roster("x:1", 2, "static");
    roster.found("static", List.of(C, B, A));
    round(roster, Map.of());
    assertThat(ids(roster)).containsExactly("a:1", "b:1");
    assertThat(problems(roster)).containsExactly("TOO_MANY");
  }

  // ---- trouble ----

  @Test
  void twoProcessesWithOneId_areAProblem_andOnePeer() {
    Roster roster = listing("x:1", Map.of(A, is("p:1", "i1"), B, is("p:1", "i2")));
    assertThat(ids(roster)).containsExactly("p:1");
    assertThat(problems(roster)).containsExactly("SAME_ID");
    assertThat(roster.problems().get(0).sentence()).contains("p:1", "a:1", "b:1");
    round(roster, Map.of(A, is("p:1", "i1"), B, is("q:1", "i2")));
    assertThat(problems(roster)).isEmpty();
  }

  @Test
  void theOwnIdAtAnotherProcess_isAProblem() {
    Roster roster = listing("x:1", Map.of(A, is("x:1", "me"), B, is("x:1", "i1")));
    assertThat(ids(roster)).containsExactly("x:1");
    assertThat(problems(roster)).containsExactly("SAME_ID");
  }

  @Test
  void aCallerWithTheOwnId_isAProblem_forSomeRounds() {
    Roster roster = listing("x:1", Map.of(A, is("x:1", "me")));
    roster.asked(calling("x:1", "i1", "a:1"));
    assertThat(problems(roster)).containsExactly("SAME_ID");
    for (int i = 0; i < 6; i++) round(roster, Map.of(A, is("x:1", "me")));
    assertThat(problems(roster)).containsExactly("SAME_ID");
    round(roster, Map.of(A, is("x:1", "me")));
    assertThat(problems(roster)).isEmpty();
  }

  @Test
  void aPredecessorThatIsLeaving_isNoProblem() {
    Roster roster = roster("x:1");
    roster.found("static", List.of(A, B));
    Reply old = new Reply.Answered(leaving("x:1", "i1"));
    round(roster, Map.of(A, is("x:1", "me"), B, old));
    roster.asked(leaving("x:1", "i1"));
    assertThat(problems(roster)).isEmpty();
    assertThat(ids(roster)).containsExactly("x:1");
  }

  @Test
  void anotherCluster_isRefused_onBothSides() {
    Roster roster = listing("x:1", Map.of(A, new Reply.OtherCluster("other"), B, down()));
    assertThat(ids(roster)).containsExactly("b:1");
    assertThat(member(roster, "a:1").state()).isEqualTo("refused");
    assertThat(problems(roster)).containsExactly("OTHER_CLUSTER");
    Roster callee = listing("x:1", Map.of(B, down()));
    callee.askedByOther("other");
    assertThat(problems(callee)).containsExactly("OTHER_CLUSTER");
  }

  @Test
  void anAddressWhereNodesAnswerInTurn_isAWarning_andStandsUnderItsText() {
    Roster roster = listing("x:1", Map.of(A, is("p:1", "i1")));
    round(roster, Map.of(A, is("q:1", "i2")));
    assertThat(problems(roster)).as("it may have been replaced").isEmpty();
    assertThat(ids(roster)).containsExactly("q:1");
    round(roster, Map.of(A, is("p:1", "i1")));
    assertThat(problems(roster)).containsExactly("VIRTUAL_ADDRESS");
    assertThat(ids(roster)).containsExactly("a:1");
    for (int i = 0; i < 8; i++) round(roster, Map.of(A, is("p:1", "i1")));
    assertThat(problems(roster)).isEmpty();
  }

  @Test
  void aNodeThatKeepsRestarting_isNoVirtualAddress() {
    Roster roster = listing("x:1", Map.of(A, is("p:1", "i0")));
    for (int i = 1; i < 8; i++) round(roster, Map.of(A, is("p:1", "i" + i)));
    assertThat(problems(roster)).isEmpty();
  }

  @Test
  void anotherOwnerTable_isAProblem_afterMoreThanThreeRounds() {
    Roster roster = roster("x:1");
    roster.found("static", List.of(A));
    for (int i = 0; i < 3; i++) {
      roster.replied(A, is("a:1", "i1"));
      roster.roundEnded("t2");
    }
    assertThat(problems(roster)).isEmpty();
    roster.roundEnded("t2");
    assertThat(problems(roster)).containsExactly("TABLES_DIFFER");
    roster.roundEnded("t1");
    assertThat(problems(roster)).isEmpty();
  }

  // ---- leaving ----

  @Test
  void whoLeaves_isOutAtOnce_andNoLookUpBringsItBack() {
    Roster roster = listing("x:1", Map.of(A, is("a:1", "i1"), B, is("p:1", "i2")));
    roster.asked(leaving("p:1", "i2"));
    assertThat(ids(roster)).containsExactly("a:1");
    assertThat(member(roster, "p:1").state()).isEqualTo("leaving");
    roster.replied(B, is("p:1", "i2")); // said before it left, came after
    assertThat(ids(roster)).containsExactly("a:1");
    roster.found("static", List.of(A));
    roster.found("static", List.of(A, B));
    round(roster, Map.of(A, is("a:1", "i1")));
    assertThat(ids(roster)).containsExactly("a:1");
    round(roster, Map.of(A, is("a:1", "i1"), B, is("p:1", "i3")));
    assertThat(ids(roster)).as("another process").containsExactly("a:1", "p:1");
  }

  @Test
  void whoGoesOnDenyingThatItLeaves_isBack_asSomebodyElseSaidIt() {
    Roster roster = listing("x:1", Map.of(A, is("a:1", "i1"), B, is("p:1", "i2")));
    roster.asked(leaving("p:1", "i2"));
    Map<Address, Reply> all = Map.of(A, is("a:1", "i1"), B, is("p:1", "i2"));
    round(roster, all);
    assertThat(ids(roster)).as("asked before, perhaps").containsExactly("a:1");
    round(roster, all);
    round(roster, all);
    assertThat(ids(roster)).containsExactly("a:1", "p:1");
  }

  @Test
  void whoLeaves_isOutAtOnce_alsoWhileSomebodyNewIsBeingAsked() {
    Roster roster = listing("me:1", Map.of(A, is("me:1", "me"), B, is("b:1", "i2")));
    roster.found("static", List.of(A, B, C));
    roster.asked(leaving("b:1", "i2"));
    assertThat(ids(roster)).containsExactly("me:1");
  }

  @Test
  void whoJoins_doesNotWaitForAnotherThatIsBeingAsked() {
    Roster roster = listing("me:1", Map.of(A, is("me:1", "me")));
    roster.found("static", List.of(A, B, C));
    roster.replied(B, is("b:1", "i2"));
    assertThat(ids(roster)).containsExactly("b:1", "me:1");
  }

  @Test
  void anAddressThatIsDialledElsewhere_isTheSamePeer_askedSoon() {
    Roster roster = listing("me:1", Map.of(A, is("me:1", "me"), B, is("b:1", "i2")));
    Address moved = new Address("b:1", "10.0.0.2", 1);
    roster.toAskSoon();
    roster.found("static", List.of(A, moved));
    assertThat(roster.toAskSoon()).containsExactly(moved);
    assertThat(roster.peers().peers()).contains(new Peer("b:1", "10.0.0.2", 1));
    roster.replied(B, down()); // what was asked before says nothing of it
    assertThat(member(roster, "b:1").state()).isEqualTo("answered");
  }

  @Test
  void ofTwoAddressesOfAPeer_theOneThatIsStillFound_isDialled() {
    Roster roster = graceful();
    roster.found("static", List.of(A, B));
    round(roster, Map.of(A, is("me:1", "me"), B, is("pod-0:1", "i2")));
    roster.found("static", List.of(A, C));
    roster.replied(C, is("pod-0:1", "i3"));
    assertThat(roster.peers().peers()).contains(new Peer("pod-0:1", "c", 1));
    assertThat(ids(roster)).containsExactly("me:1", "pod-0:1");
  }

  @Test
  void whatIsMissing_staysAMember_untilItsGraceEnds_orItSaysGoodBye() {
    Roster roster = graceful();
    roster.found("static", List.of(A, B, C));
    round(roster, Map.of(A, is("me:1", "me"), B, is("b:1", "i2"), C, is("c:1", "i3")));
    roster.found("static", List.of(A));
    assertThat(ids(roster)).containsExactly("b:1", "c:1", "me:1");
    assertThat(member(roster, "b:1").foundBy()).isEmpty();
    roster.asked(leaving("c:1", "i3"));
    assertThat(ids(roster)).containsExactly("b:1", "me:1");
    roster.found("static", List.of(A));
    roster.found("static", List.of(A));
    assertThat(ids(roster)).containsExactly("me:1");
  }

  /** Three misses until an address goes. */
  private static Roster graceful() {
    Listing.Bounds bounds =
        new Listing.Bounds(10, new Grace(3, Duration.ofSeconds(5)), Duration.ZERO);
    return new Roster(
        new Roster.Self("homespan", "me", FACTS),
        new OwnId("me:1", "10.9.9.9:1"),
        new Listing(Map.of("static", "static"), bounds, () -> 0),
        10);
  }

  @Test
  void whoLeavesWithoutEverHavingAnswered_isFoundByItsAddresses() {
    Roster roster = listing("x:1", Map.of(A, is("a:1", "i1"), B, down()));
    roster.asked(leaving("p:1", "i2", new Known("b:1", "p:1", true, "i2", 0)));
    assertThat(ids(roster)).containsExactly("a:1");
  }

  @Test
  void whoStartsAfterwards_hearsItFromANeighbour_untilSomebodyReachesAnother() {
    Known left = new Known("b:1", "p:1", true, "i2", 0);
    Roster roster = listing("x:1", Map.of(A, is("a:1", "i1", left), B, down()));
    assertThat(ids(roster)).containsExactly("a:1");
    assertThat(roster.answer("", null).members()).contains(left);
    Known back = new Known("b:1", "p:1", false, "i3", 0);
    round(roster, Map.of(A, is("a:1", "i1", back)));
    assertThat(ids(roster)).containsExactly("a:1", "p:1");
  }

  @Test
  void aNeighboursWordOfALeave_isNotBelievedOfWhoAnswers() {
    Known left = new Known("b:1", "p:1", true, "i2", 0);
    Roster roster = listing("x:1", Map.of(A, is("a:1", "i1", left), B, is("p:1", "i3")));
    round(roster, Map.of(A, is("a:1", "i1", left), B, is("p:1", "i3")));
    assertThat(ids(roster)).containsExactly("a:1", "p:1");
  }

  @Test
  void itLeaves_byTakingItselfOut_andTellsSo() {
    Roster roster = listing(null, Map.of(A, is(null, "me"), B, is("b:1", "i1")));
    roster.leave();
    assertThat(ids(roster)).containsExactly("b:1");
    assertThat(roster.others()).containsExactly(B);
    Hello hello = roster.call("t1", "b:1");
    assertThat(hello.leaving()).isTrue();
    assertThat(hello.members()).contains(new Known("a:1", "a:1", true, "me", 1));
  }

  @Test
  void theLastOne_keepsItself_asItLeaves() {
    Roster roster = listing(null, Map.of(A, is(null, "me"), B, is("b:1", "i1")));
    roster.asked(leaving("b:1", "i1"));
    roster.leave();
    assertThat(ids(roster)).containsExactly("a:1");
  }

  @Test
  void whenTheOthersLeaveAsWell_itTakesItselfBack() {
    Roster roster = listing(null, Map.of(A, is(null, "me"), B, is("b:1", "i1")));
    roster.leave();
    roster.asked(leaving("b:1", "i1"));
    assertThat(ids(roster)).containsExactly("a:1");
  }

  @Test
  void aTierIsNeverEmptied() {
    Roster gateway = listing("x:1", Map.of(A, is("a:1", "i1"), B, is("b:1", "i2")));
    gateway.asked(leaving("a:1", "i1"));
    gateway.asked(leaving("b:1", "i2"));
    assertThat(ids(gateway)).containsExactly("b:1");
  }

  @Test
  void weights_areTheNodesOwnWord() {
    Roster roster = roster(null, 10, "static");
    roster.found("static", List.of(address("a:1"), address("b:1"), address("c:1")));
    Hello heavy = new Hello("homespan", "b:1", "i1", weighing(5), "t1", false, List.of(), null);
    round(
        roster, Map.of(address("a:1"), is("a:1", "me"), address("b:1"), new Reply.Answered(heavy)));

    assertThat(weights(roster)).containsExactly(1, 5, 1);

    round(roster, Map.of(address("a:1"), is("a:1", "me"))); // silent ones keep theirs
    assertThat(weights(roster)).containsExactly(1, 5, 1);
    assertThat(roster.answer("t", null).members())
        .contains(new Known("b:1", "b:1", false, null, 5));
  }

  @Test
  void ofWhoIsDown_aNeighbourKnowsTheWeight() {
    Roster roster = roster(null, 10, "static");
    roster.found("static", List.of(address("a:1"), address("b:1"), address("c:1")));
    Known down = new Known("c:1", "c:1", false, null, 3);
    round(roster, Map.of(address("a:1"), is("a:1", "me"), address("b:1"), is("b:1", "i1", down)));

    assertThat(weights(roster)).containsExactly(1, 1, 3);

    // its own word counts more than what a neighbour remembers
    round(
        roster,
        Map.of(
            address("a:1"),
            is("a:1", "me"),
            address("b:1"),
            is("b:1", "i1", down),
            address("c:1"),
            is("c:1", "i2")));
    assertThat(weights(roster)).containsExactly(1, 1, 1);
  }

  private static NodeFacts weighing(int weight) {
    return new NodeFacts("1.0", "", weight, 0);
  }

  private static List<Integer> weights(Roster roster) {
    return roster.peers().peers().stream().map(Peer::weight).toList();
  }

  @Test
  void whatIsSaid_survivesTheWire() {
    Hello hello =
        new Hello(
            "homespan",
            null,
            "i1",
            new NodeFacts("1.0", "z", 7, 12),
            "t1",
            true,
            Arrays.asList(
                new Known("a:1", null, true, null, 0), new Known("b:1", "p:1", false, "i2", 0)),
            "b:1",
            List.of("c:1"));
    assertThat(Hello.from(hello.toJson())).isEqualTo(hello);
  }
}
