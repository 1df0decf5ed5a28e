package io.homespan.heartbeat;

import static org.assertj.core.api.Assertions.assertThat;

import io.homespan.bus.Agents;
import io.homespan.bus.Finding;
import io.homespan.bus.Findings;
import io.homespan.bus.Membership;
import io.homespan.bus.Membership.Member;
import io.homespan.bus.NodeFacts;
import io.homespan.config.Config.Role;
import io.homespan.heartbeat.Measurement.Place;
import io.homespan.heartbeat.Target.Tongue;
import io.homespan.mesh.OwnerTable;
import io.homespan.mesh.Peer;
import io.homespan.mesh.PeerSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Who is measured, by what discovery has told. This node is always "a:1" in zone "own". */
class TargetsTest {
  private final Targets targets = new Targets("own", Role.NODE, null);

  @Test
  void everyPeerIsMeasured_inItsZone() {
    targets.members(membership("a:1 self", "b:1 answered", "c:1 unanswered"));
    assertThat(targets.measured()).containsExactly(place("a", "own"), place("b"), place("c"));
    assertThat(targets.others()).extracting(Target::place).containsExactly(place("b"), place("c"));
    assertThat(targets.generation()).isEqualTo(7);
  }

  @Test
  void beforeAnythingIsKnown_thereIsNobodyButThisNode() {
    assertThat(targets.measured()).containsExactly(new Place("", "own"));
    assertThat(targets.others()).isEmpty();
  }

  /** Such a node has no id among the peers: a gateway, an agent. */
  @Test
  void whoStandsInNoTable_measures_andIsARowOfTheMatrix() {
    targets.members(membership("b:1 answered"));
    assertThat(targets.measured()).containsExactly(place("b"), place("a", "own"));
    assertThat(targets.members()).containsExactly(place("b"), place("a", "own"));
    assertThat(targets.ownAddress()).isEqualTo("a:1");
  }

  @Test
  void whoIsFoundAsPeerAndAsAgent_isMeasuredOnce_asThePeer() {
    targets.members(membership("a:1 self", "b:1 answered"));
    targets.agents(new Agents(List.of(agent("agent-b", "b"), agent("agent-d", "d"))));
    assertThat(targets.ids()).containsExactly("a:1", "agent-d", "b:1");
    assertThat(targets.areSomeMute()).isTrue();
    targets.agents(Agents.NONE);
    assertThat(targets.ids()).containsExactly("a:1", "b:1");
    assertThat(targets.areSomeMute()).isFalse();
  }

  @Test
  void whatIsNoNode_isAReceiverToNodes_andAnAgentToAgents() {
    Targets ofAgent = new Targets("own", Role.AGENT, null);
    for (Targets each : List.of(targets, ofAgent)) each.members(membership("b:1 foreign"));
    assertThat(targets.all()).extracting(Target::tongue).containsExactly(Tongue.NODE);
    assertThat(ofAgent.all()).extracting(Target::tongue).containsExactly(Tongue.AGENT);
  }

  @Test
  void whenNobodyTellsAnyMore_onlyThoseWhoConfirmThemselves_areMeasured_untilOneTellsAgain() {
    targets.members(membership("a:1 self", "b:1 answered", "c:1 unanswered", "d:1 leaving"));
    targets.agents(new Agents(List.of(agent("agent-e", "e"))));
    assertThat(targets.findings(findings(true, false))).isFalse();
    assertThat(targets.measured()).hasSize(5);
    assertThat(targets.findings(findings(true, true))).isTrue();
    assertThat(targets.findings(findings(true, true))).isFalse();
    assertThat(targets.measured()).containsExactly(place("a", "own"), place("b"), place("d"));
    assertThat(targets.members()).hasSize(5);
    assertThat(targets.findings(findings())).isTrue(); // a tier of which no provider tells
    assertThat(targets.measured()).hasSize(5);
  }

  @Test
  void aCertificateIsForThePeersId() {
    Targets covered = new Targets("own", Role.NODE, "name of "::concat);
    covered.members(membership("b:1 answered"));
    assertThat(covered.all()).extracting(Target::name).containsExactly("name of b:1");
  }

  private static Place place(String host) {
    return place(host, "zone of " + host);
  }

  private static Place place(String host, String zone) {
    return new Place(host + ":1", zone);
  }

  private static Agents.Agent agent(String id, String host) {
    return new Agents.Agent(id, host, 1, false);
  }

  /** Of "id state" each. */
  private static Membership membership(String... all) {
    List<Peer> peers = new ArrayList<>();
    List<Member> members = new ArrayList<>();
    for (String one : all) {
      String id = one.substring(0, one.indexOf(' '));
      String state = one.substring(one.indexOf(' ') + 1);
      String host = id.substring(0, id.indexOf(':'));
      peers.add(new Peer(id, host, 1));
      NodeFacts facts = new NodeFacts("1", "zone of " + host, 1, 0);
      members.add(new Member(id, List.of(id), List.of(), state, false, true, facts, ""));
    }
    OwnerTable table = OwnerTable.of(PeerSet.of(peers));
    return new Membership(7, "a:1", true, table, members, List.of());
  }

  private static Findings findings(boolean... stale) {
    List<Finding> all = new ArrayList<>();
    for (boolean one : stale) {
      all.add(new Finding("dns", "dns", 3, 1L, "SERVFAIL", 2L, one, Map.of()));
    }
    return new Findings(all);
  }
}
