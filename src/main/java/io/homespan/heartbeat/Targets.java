package io.homespan.heartbeat;

import io.homespan.bus.Agents;
import io.homespan.bus.Finding;
import io.homespan.bus.Findings;
import io.homespan.bus.Membership;
import io.homespan.config.Config;
import io.homespan.heartbeat.Measurement.Place;
import io.homespan.heartbeat.Target.Tongue;
import io.homespan.mesh.Peer;
import io.homespan.mesh.PeerSet;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Who there is to measure, by what discovery tells: peers, and agents beside them. As a rule all
 * are measured; while nobody tells any more who they are, only peers who confirm it themselves: an
 * address that was another's all along, or has become it, would be told as a dead node, and be
 * pinged for ever. Pings are answered all the same. Not thread safe.
 */
final class Targets {
  /** For people. */
  static final String SOURCE_LOST =
      "no provider of addresses has answered for longer than discovery.max_staleness; only peers"
          + " that say themselves who they are are measured";

  /** States of members that answer the exchange of identities. */
  private static final Set<String> CONFIRMED = Set.of("self", "answered", "leaving");

  private final String zone;
  private final boolean agent;
  private final @Nullable UnaryOperator<String> names;
  private @Nullable Membership membership;
  private boolean sourceLost;
  private Place self;
  private List<Target> peers = List.of();
  private List<Target> agents = List.of();
  private NavigableMap<String, Target> all = Collections.emptyNavigableMap();

  /**
   * Nobody yet.
   *
   * @param zone of this node
   * @param role of this node
   * @param names gives by a peer's id what its certificate must hold; null: calls are in the clear
   */
  Targets(String zone, Config.Role role, @Nullable UnaryOperator<String> names) {
    this.zone = zone;
    this.agent = role == Config.Role.AGENT;
    this.names = names;
    this.self = new Place("", zone);
  }

  /** Takes what is known of the tier. */
  void members(Membership now) {
    membership = now;
    Map<String, String> zones = new HashMap<>();
    Set<String> foreign = new HashSet<>();
    for (Membership.Member one : now.members()) {
      zones.put(one.id(), one.facts().zone());
      if (one.state().equals("foreign")) foreign.add(one.id());
    }
    List<Target> found = new ArrayList<>();
    for (Peer peer : now.peers().peers()) {
      String of = peer.id().equals(now.selfId()) ? zone : zones.getOrDefault(peer.id(), "");
      // what agents find and is no node should be an agent; what nodes find, a receiver of spans
      Tongue tongue = agent && foreign.contains(peer.id()) ? Tongue.AGENT : Tongue.NODE;
      found.add(target(new Place(peer.id(), of), peer.host(), peer.port(), tongue));
    }
    self = new Place(now.selfId(), zone);
    peers = found;
    merge();
  }

  /** Takes who is found beside the peers. */
  void agents(Agents now) {
    List<Target> found = new ArrayList<>();
    for (Agents.Agent one : now.all()) {
      Tongue tongue = one.homespan() ? Tongue.HOMESPAN_AGENT : Tongue.AGENT;
      found.add(target(new Place(one.id(), ""), one.host(), one.port(), tongue)); // no zone is told
    }
    agents = found;
    merge();
  }

  /** Takes how providers of addresses fare. Returns whether it is news who is to be measured. */
  boolean findings(Findings now) {
    boolean before = sourceLost;
    sourceLost = !now.providers().isEmpty() && now.providers().stream().allMatch(Finding::stale);
    return sourceLost != before;
  }

  private Target target(Place place, String host, int port, Tongue tongue) {
    return new Target(place, host, port, names == null ? host : names.apply(place.id()), tongue);
  }

  /** Peers first: who is found as both is measured as a peer. */
  private void merge() {
    NavigableMap<String, Target> merged = new TreeMap<>(PeerSet.BYTEWISE);
    Set<String> addresses = new HashSet<>();
    for (Target one : peers) {
      merged.put(one.place().id(), one);
      addresses.add(one.address());
    }
    for (Target one : agents) {
      if (addresses.add(one.address())) merged.putIfAbsent(one.place().id(), one);
    }
    all = merged;
  }

  /** Whether all providers of addresses have failed for too long; none is none. */
  boolean isSourceLost() {
    return sourceLost;
  }

  /** This node; it may stand outside the owner table. */
  Place self() {
    return self;
  }

  /** Where this node is measured; its id while that is unknown. */
  String ownAddress() {
    Target own = all.get(self.id());
    return own == null ? self.id() : own.address();
  }

  /** Counts what discovery has told. */
  long generation() {
    return membership == null ? 0 : membership.generation();
  }

  @Nullable Target get(String id) {
    return all.get(id);
  }

  /** Ids in the order of a matrix. */
  Set<String> ids() {
    return Collections.unmodifiableSet(all.keySet());
  }

  Collection<Target> all() {
    return Collections.unmodifiableCollection(all.values());
  }

  /** All but this node. */
  List<Target> others() {
    return all.values().stream().filter(one -> !one.place().equals(self)).toList();
  }

  /** Whom this node measures, itself included, in the order of their ids. */
  List<Place> measured() {
    Set<Target> known = sourceLost ? confirmed() : Set.copyOf(all.values());
    List<Place> places = new ArrayList<>();
    for (Target one : all.values()) {
      if (known.contains(one)) places.add(one.place());
    }
    if (!places.contains(self)) places.add(self); // a gateway measures, and nobody measures it
    return places;
  }

  /** None of the agents, of whom the same providers tell. */
  private Set<Target> confirmed() {
    if (membership == null) return Set.of();
    Set<String> ids = new HashSet<>();
    for (Membership.Member one : membership.members()) {
      if (CONFIRMED.contains(one.state())) ids.add(one.id());
    }
    return peers.stream().filter(one -> ids.contains(one.place().id())).collect(Collectors.toSet());
  }

  /** All whom a matrix has rows of, in the order of their ids; this node as well. */
  List<Place> members() {
    List<Place> members = new ArrayList<>();
    for (Target one : all.values()) members.add(one.place());
    if (!all.containsKey(self.id())) members.add(self);
    return members;
  }

  /** Whether some of them tell nobody what they measure. */
  boolean areSomeMute() {
    return all.values().stream().anyMatch(one -> !one.tongue().isHomespan());
  }

  /** "" if none is known. */
  String zoneOf(String id) {
    Target target = all.get(id);
    return target == null ? "" : target.place().zone();
  }
}
