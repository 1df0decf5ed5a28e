package io.homespan.discovery;

import io.homespan.bus.Finding;
import io.homespan.bus.Membership;
import io.homespan.bus.Membership.Member;
import io.homespan.bus.NodeFacts;
import io.homespan.discovery.Hello.Known;
import io.homespan.discovery.Seat.State;
import io.homespan.mesh.Peer;
import io.homespan.mesh.PeerSet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Decides who is in the tier, from what providers list and what asking each address brought. Holds
 * no clock: time passes in rounds, a round being one exchange with every address. An answer that
 * says nothing new costs the same whatever the number of addresses; what does is worked out over
 * all of them. Not thread safe: belongs to one verticle.
 */
final class Roster {
  /** What a node knows of itself from the start. */
  record Self(String cluster, String instance, NodeFacts facts) {}

  private static final int LEAST_CALLERS = 256; // gateways and agents call as well

  private final Self self;
  private final OwnId ownId;
  private final Listing listing;
  private final int maxSeats;
  private final boolean ofReceivers;
  private final NavigableMap<String, Seat> seats = new TreeMap<>(PeerSet.BYTEWISE);
  private final Disputes disputes;
  private final Strangers strangers;
  private final Set<Address> wanted = new LinkedHashSet<>();
  private List<Seat> listed = List.of(); // of the seats, in order
  private List<String> unreached = List.of(); // of whom neighbours may know more
  private PeerSet peers = PeerSet.EMPTY;
  private int round;
  private boolean settled;
  private boolean leaving;

  /** {@code listing} gets what the providers say through this alone. */
  Roster(Self self, OwnId ownId, Listing listing, int maxPeers) {
    this(self, ownId, listing, maxPeers, false);
  }

  /**
   * Of a gateway: what is listed are receivers that are no nodes. They stand under their addresses
   * from the moment they are found, since they would tell no id however long they were asked; and
   * this node, which is no receiver, is none of them.
   */
  static Roster ofReceivers(Self self, Listing listing, int maxReceivers) {
    OwnId none = new OwnId(Membership.GATEWAY, Membership.GATEWAY);
    return new Roster(self, none, listing, maxReceivers, true);
  }

  private Roster(Self self, OwnId ownId, Listing listing, int maxPeers, boolean ofReceivers) {
    this.ofReceivers = ofReceivers;
    this.self = self;
    this.disputes = new Disputes(self.instance);
    this.ownId = ownId;
    this.listing = listing;
    this.maxSeats = 2 * maxPeers;
    this.strangers = new Strangers(Math.max(LEAST_CALLERS, maxSeats));
  }

  // ---- what happens ----

  /** A good answer of a provider that is asked again and again. */
  void found(String provider, List<Address> addresses) {
    found(provider, addresses, true);
  }

  /** A provider's good answer; what it misses against the last one goes after its grace. */
  void found(String provider, List<Address> addresses, boolean asked) {
    listing.found(provider, addresses, asked, this::isGone);
    relist();
  }

  /** What a provider's good answer says of addresses besides; only shown. */
  void noted(String provider, Map<String, String> notes) {
    listing.noted(provider, notes);
  }

  /** Time has passed: what providers that tell have missed for too long goes. */
  void expire() {
    listing.expire();
    relist();
  }

  private boolean isGone(String listed) {
    Seat seat = seats.get(listed);
    return seat != null && seat.isGone();
  }

  private void relist() {
    for (Map.Entry<String, Seat> entry : seats.entrySet()) {
      if (!listing.all().containsKey(entry.getKey())) entry.getValue().unlisted();
    }
    for (Address address : listing.all().values()) {
      Seat seat = seats.computeIfAbsent(address.listed(), listed -> new Seat(address));
      if (seat.address().equals(address)) continue;
      seat.moved(address);
      wanted.add(address);
    }
    if (seats.size() > maxSeats) seats.keySet().retainAll(listing.all().keySet());
    List<Seat> now = new ArrayList<>();
    for (String each : listing.all().keySet()) now.add(seats.get(each));
    listed = now;
    settle();
  }

  /** A provider's failure, in few words. */
  void missed(String provider, String failure) {
    listing.missed(provider, failure);
    relist();
  }

  /** Other providers than before; see {@link Listing#change}. */
  void providers(Map<String, String> kinds) {
    listing.change(kinds);
    relist();
  }

  /** What came of asking an address. Returns whether anything follows from it. */
  boolean replied(Address address, Reply reply) {
    Seat seat = seats.get(address.listed());
    if (seat == null || !listing.all().containsKey(address.listed())) return false; // delisted
    if (!seat.address().equals(address)) return false; // moved meanwhile
    Seat.Standing before = seat.standing();
    boolean news = false;
    if (reply instanceof Reply.Answered answered) news = answered(seat, answered.hello());
    else if (reply instanceof Reply.OtherCluster other) seat.refused(other.cluster());
    else if (reply instanceof Reply.Foreign) seat.foreign();
    else seat.unanswered();
    news |= !seat.standing().equals(before);
    if (news) settle();
    return news;
  }

  /** Returns whether it told anything new of others. */
  private boolean answered(Seat seat, Hello hello) {
    seat.answered(hello, round);
    if (hello.instance().equals(self.instance)) return false;
    strangers.isNew(hello.instance()); // seen: it need not be looked for when it calls
    boolean news = hello.leaving();
    if (news) departs(hello);
    for (Known known : hello.members()) {
      Seat about = seats.get(known.address());
      if (about == null || !about.isUnreached()) continue;
      Seat.Standing before = about.standing();
      about.heard(known, round);
      news |= !about.standing().equals(before);
    }
    return news;
  }

  /**
   * A node of this cluster has called; {@link #answer} is the answer. It adds nobody. Returns
   * whether anything follows from it.
   */
  boolean asked(Hello hello) {
    if (hello.instance().equals(self.instance)) return false;
    boolean news = hello.leaving();
    if (hello.reachedAt() != null) news |= ownId.calledAt(hello.reachedAt());
    if (settled) decide();
    if (hello.leaving()) {
      departs(hello);
    } else {
      if (hello.id() != null && hello.id().equals(ownId.decided())) {
        strangers.withOwnId(hello.instance(), round);
        news = true;
      }
      if (strangers.isNew(hello.instance())) {
        meet(hello);
        news = true;
      }
    }
    if (news) settle();
    return news;
  }

  /** A node of another cluster has called. */
  void askedByOther(String cluster) {
    strangers.ofCluster(cluster, round);
  }

  /** Every address has been asked once more; {@code tableHash} is that of this node's table. */
  void roundEnded(String tableHash) {
    settle();
    // an agent's table is of those whom it measures
    String compared = self.facts.agent() ? "" : tableHash;
    disputes.roundEnded(round, listed, ownId.decided(), compared);
    round++;
    strangers.roundEnded(round);
  }

  /** This node leaves: it takes itself out, unless nobody else is there. */
  void leave() {
    leaving = true;
    settle();
  }

  // ---- what follows ----

  /** All addresses to ask in a round. */
  List<Address> toAsk() {
    return List.copyOf(listing.all().values());
  }

  /** Those that should not wait for the round: new ones, and where a newcomer may be. */
  List<Address> toAskSoon() {
    Set<Address> soon = new LinkedHashSet<>(wanted);
    wanted.clear();
    soon.removeIf(address -> !address.equals(listing.all().get(address.listed())));
    for (Seat seat : listed) {
      if (seat.state() == State.NEW) soon.add(seat.address());
    }
    return List.copyOf(soon);
  }

  /** Addresses of others, to say good-bye to. */
  List<Address> others() {
    return listed.stream()
        .filter(seat -> !isSelf(seat) && !seat.isGone() && seat.state() != State.FOREIGN)
        .map(Seat::address)
        .toList();
  }

  /** Those that answered without an id, and should soon have one. */
  List<Address> undecided() {
    return listed.stream()
        .filter(seat -> seat.awaitsId() && !isSelf(seat))
        .map(Seat::address)
        .toList();
  }

  /** Whether the same node has answered here time after time. */
  boolean isSteady(Address address) {
    Seat seat = seats.get(address.listed());
    return seat != null && seat.isSteady();
  }

  /** Whether the first look-up of every provider and one round of asking have ended. */
  boolean isSettled() {
    return settled;
  }

  boolean isLeaving() {
    return leaving;
  }

  /** When to call {@link #expire} next; null: there is no need. */
  @Nullable Duration dueIn() {
    return listing.dueIn();
  }

  /** How each provider has fared, for the operator. */
  List<Finding> findings() {
    return listing.findings();
  }

  /** The peers over which the owner table is to be built. */
  PeerSet peers() {
    return peers;
  }

  /** Those of whom it is known that they only measure, by their ids: no peers to a node. */
  Map<String, Address> agents() {
    Map<String, Address> agents = new TreeMap<>(PeerSet.BYTEWISE);
    if (self.facts.agent()) return agents; // to whom they are
    for (Seat seat : listed) {
      if (seat.isAgent() && !seat.isGone()) agents.putIfAbsent(seat.id(), seat.address());
    }
    return agents;
  }

  /** Whether this process only measures the network. */
  boolean isAgent() {
    return self.facts.agent();
  }

  String ownId() {
    return ownId.shown();
  }

  /** What this node says of itself to who is at {@code reachedAt}, and of what it wants to hear. */
  Hello call(String tableHash, String reachedAt) {
    List<String> about = unreached.size() > listed.size() / 2 ? null : unreached;
    List<Known> members = leaving ? known(this::isSelf) : List.of();
    return hello(tableHash, members, reachedAt, about);
  }

  /** What this node says to a caller: of itself and {@code about} others; null: all of them. */
  Hello answer(String tableHash, @Nullable List<String> about) {
    if (about == null) return hello(tableHash, known(seat -> true), null, null);
    if (about.isEmpty() && !leaving) return hello(tableHash, List.of(), null, null);
    Set<String> wanted = new HashSet<>(about);
    List<Known> members =
        known(seat -> wanted.contains(seat.address().listed()) || (leaving && isSelf(seat)));
    return hello(tableHash, members, null, null);
  }

  private List<Known> known(Predicate<Seat> which) {
    List<Known> members = new ArrayList<>();
    for (Seat seat : listed) {
      if (!which.test(seat)) continue;
      Known known =
          isSelf(seat)
              ? new Known(
                  seat.address().listed(),
                  ownId.decided(),
                  leaving,
                  self.instance,
                  self.facts.weight(),
                  self.facts.agent())
              : seat.tell();
      if (known != null) members.add(known);
    }
    return members;
  }

  private Hello hello(
      String tableHash,
      List<Known> members,
      @Nullable String reachedAt,
      @Nullable List<String> about) {
    return new Hello(
        self.cluster,
        ownId.decided(),
        self.instance,
        self.facts,
        tableHash,
        leaving,
        members,
        reachedAt,
        about);
  }

  /** Every address, for the operator: one line for each id. */
  List<Member> members(PeerSet inTable) {
    Overview overview = new Overview(this::isSelf, ownId(), self.facts, listing::foundBy, inTable);
    return overview.of(listed);
  }

  List<Problem> problems() {
    List<Problem> problems = new ArrayList<>(listing.problems());
    for (Seat seat : listed) {
      if (seat.state() != State.REFUSED) continue;
      problems.add(
          Strangers.otherCluster(seat.address().listed(), seat.otherCluster(), self.cluster));
    }
    problems.addAll(disputes.problems());
    for (Problem problem : strangers.problems(self.cluster, ownId())) {
      if (problems.stream().noneMatch(problem::isSameAs)) problems.add(problem);
    }
    return problems;
  }

  // ---- the rules ----

  /** By the process that answers; where none does, by a caller's word or by the id. */
  private boolean isSelf(Seat seat) {
    if (ofReceivers) return false;
    if (seat.state() == State.ANSWERED) return seat.isOf(self.instance) && !seat.isVirtual();
    if (seat.state() == State.FOREIGN || seat.state() == State.REFUSED) return false;
    return ownId.wasCalledAt(seat.address().listed()) || seat.id().equals(ownId.decided());
  }

  private void departs(Hello hello) {
    Set<String> texts = new LinkedHashSet<>();
    if (hello.id() != null) texts.add(hello.id());
    for (Known known : hello.members()) {
      if (hello.instance().equals(known.instance())) texts.add(known.address());
    }
    for (Seat seat : seats.values()) {
      boolean silent = seat.state() == State.UNANSWERED || seat.state() == State.NEW;
      boolean itsPlace = silent && texts.contains(seat.address().listed());
      if (itsPlace || seat.isOf(hello.instance())) seat.leaves(hello.instance(), round);
    }
  }

  /**
   * A process that has not been seen: it may be at an address that did not answer, or restarted.
   */
  private void meet(Hello hello) {
    for (Seat seat : listed) {
      boolean mayBeHere = seat.state() == State.UNANSWERED || seat.id().equals(hello.id());
      if (mayBeHere && !isSelf(seat)) wanted.add(seat.address());
    }
  }

  private void settle() {
    conclude();
    List<String> now = new ArrayList<>();
    for (Map.Entry<String, Seat> entry : seats.entrySet()) {
      Seat seat = entry.getValue();
      if (!seat.isUnreached()) continue;
      // who is not listed any more may still be a peer, until who is new has answered
      boolean counts = listing.all().containsKey(entry.getKey()) || peers.indexOf(seat.id()) >= 0;
      if (counts) now.add(entry.getKey());
    }
    unreached = now;
  }

  private void conclude() {
    boolean asking = !ofReceivers && listed.stream().anyMatch(seat -> seat.state() == State.NEW);
    if (!settled) settled = listing.complete() && !asking;
    if (!settled) return;
    decide();
    PeerSet now = compose(leaving);
    // what is new is about to answer: who it may replace stays so long, unless it said good-bye
    if (asking) now = withUnlisted(now);
    if (now.isEmpty() && leaving) now = compose(false);
    if (!now.isEmpty()) peers = now; // a tier is never emptied, by whatever it was told
  }

  /** With the peers that no provider lists any more. */
  private PeerSet withUnlisted(PeerSet now) {
    List<Peer> all = new ArrayList<>(now.peers());
    for (Map.Entry<String, Seat> entry : seats.entrySet()) {
      Seat seat = entry.getValue();
      int place = peers.indexOf(seat.id());
      if (listing.all().containsKey(entry.getKey()) || seat.isGone() || place < 0) continue;
      if (all.stream().noneMatch(peer -> peer.id().equals(seat.id()))) {
        all.add(peers.peers().get(place));
      }
    }
    return all.size() == now.size() ? now : PeerSet.of(all);
  }

  private void decide() {
    if (ownId.decided() != null) return;
    ownId.decide(
        listed.stream()
            .filter(seat -> seat.answeredBy(self.instance))
            .map(seat -> seat.address().listed())
            .toList());
  }

  private PeerSet compose(boolean withoutSelf) {
    Map<String, Seat> chosen = new TreeMap<>(PeerSet.BYTEWISE);
    for (Seat seat : listed) { // in order, so the first of equal ones stays
      boolean own = isSelf(seat);
      if (own ? withoutSelf : seat.isGone()) continue;
      if (seat.state() == State.NEW && !ofReceivers) continue;
      if (seat.state() == State.REFUSED) continue;
      if (seat.isAgent() && !self.facts.agent()) continue; // it keeps nothing
      String id = own ? ownId() : seat.id();
      chosen.merge(id, seat, (first, other) -> rank(other) > rank(first) ? other : first);
    }
    List<Peer> all = new ArrayList<>();
    chosen.forEach(
        (id, seat) -> {
          Address at = seat.address();
          int weight = isSelf(seat) ? self.facts.weight() : seat.weight();
          all.add(new Peer(id, at.host(), at.port(), weight));
        });
    return PeerSet.of(all);
  }

  /** Of several addresses of one peer: better one that answers, then one that is still found. */
  private int rank(Seat seat) {
    boolean reached = seat.state() == State.ANSWERED || seat.state() == State.FOREIGN;
    boolean found = !listing.foundBy(seat.address().listed()).isEmpty();
    return (reached ? 2 : 0) + (found ? 1 : 0);
  }
}
