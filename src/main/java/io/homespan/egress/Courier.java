package io.homespan.egress;

import io.homespan.bus.Fates;
import io.homespan.bus.Forward;
import io.homespan.bus.Membership;
import io.homespan.bus.Strain;
import io.homespan.mesh.OwnerTable;
import io.homespan.mesh.Peer;
import io.homespan.metrics.ForwardStep;
import io.homespan.metrics.KeptAs;
import io.homespan.metrics.RefuseReason;
import io.homespan.otlp.Cutter;
import io.homespan.otlp.MalformedException;
import io.homespan.rpc.GrpcCode;
import io.homespan.rpc.Reply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings parts to peers: keeps a {@link Line} for each, and after each call does what {@link
 * AfterCall} says. Plain: the world is behind {@link Road}, time comes in as nanoseconds of one
 * clock. Not thread safe: belongs to one event loop.
 */
final class Courier {
  private static final Logger LOG = LoggerFactory.getLogger(Courier.class);

  private static final long SHORTEST_TIMER = 1_000_000; // ns; timers don't go below

  /** When to come again to a receiver that has no room and does not say when. */
  private static final Duration UNHINTED = Duration.ofSeconds(1);

  private final Road road;
  private Line.Bounds bounds;
  private long timeOutNanos;
  private final Circuits circuits;
  private final RandomGenerator random;
  private final boolean toReceivers;
  private final StandIns standIns;
  private final Cutter halving = new Cutter();
  private final Map<String, Lane> lanes = new HashMap<>();
  private Set<String> answering = Set.of();
  private Set<String> silent = Set.of();
  private OwnerTable table = OwnerTable.EMPTY;
  private String self = "";

  /**
   * Calls nobody yet.
   *
   * @param standIns cuts by what the parts that it is given were cut by
   * @param toReceivers that are none of our kind, and say "full" in their own way
   */
  Courier(
      Road road,
      Line.Bounds bounds,
      Duration timeOut,
      Circuits circuits,
      RandomGenerator random,
      StandIns standIns,
      boolean toReceivers) {
    this.standIns = standIns;
    this.toReceivers = toReceivers;
    this.road = road;
    this.bounds = bounds;
    this.timeOutNanos = timeOut.toNanos();
    this.circuits = circuits;
    this.random = random;
  }

  /** Other bounds and another time limit, for what is not under way yet. */
  void change(Line.Bounds nextBounds, Duration nextTimeOut) {
    bounds = nextBounds;
    timeOutNanos = nextTimeOut.toNanos();
    for (Lane lane : List.copyOf(lanes.values())) {
      lane.line.change(nextBounds);
      pump(lane);
    }
  }

  /** Another tier: what waits for peers that are no members any more goes by the new table. */
  void members(Membership membership) {
    table = membership.table();
    self = membership.selfId();
    for (Peer peer : table.peers().peers()) {
      Lane lane = lanes.get(peer.id());
      if (lane != null) dial(lane, peer);
    }
    heardOf(membership);
    List<Consignment> homeless = new ArrayList<>();
    for (Lane lane : List.copyOf(lanes.values())) {
      if (isMember(lane)) continue;
      homeless.addAll(lane.line.empty());
      forgetIfDone(lane);
    }
    homeless.forEach(one -> reroute(one, Doubt.NEW_TABLE)); // which may open lanes
  }

  /** What failed at its old address says nothing of the new one. */
  private void dial(Lane lane, Peer peer) {
    boolean moved = !lane.peer.equals(peer);
    lane.peer = peer;
    if (moved) lane.circuit.heardOf(road.now());
  }

  /** Discovery asks on whatever a circuit does, so it may know first who is silent or back. */
  private void heardOf(Membership membership) {
    Set<String> heard = new HashSet<>();
    Set<String> notHeard = new HashSet<>();
    for (Membership.Member member : membership.members()) {
      Lane lane = lanes.get(member.id());
      if (member.state().equals("unanswered")) {
        notHeard.add(member.id());
        if (lane != null) lane.circuit.notHeardOf(road.now());
      } else if (member.state().equals("answered") || member.state().equals("foreign")) {
        heard.add(member.id());
        if (lane != null && !answering.contains(member.id())) lane.circuit.heardOf(road.now());
      }
    }
    answering = heard;
    silent = notHeard;
  }

  /** Takes a part on; {@code done} hears its fates. */
  void take(Forward forward, Consumer<Fates> done) {
    Parcel parcel = new Parcel(forward.part().spans(), done);
    Consignment consignment =
        new Consignment(forward.part(), false, Set.of(), 0, false, forward.deadline(), parcel);
    if (forward.owner().id().equals(self)) {
      route(consignment); // cut by a table in which this node was not itself yet
      return;
    }
    Lane lane = lane(forward.owner());
    if (lane.circuit.admits(road.now())) queue(lane, consignment);
    else passOver(lane, consignment);
  }

  private Lane lane(Peer peer) {
    Lane open = lanes.get(peer.id());
    if (open != null) return open;
    Lane lane = new Lane(peer, new Line(bounds), circuits.lend(peer.id()));
    if (silent.contains(peer.id())) lane.circuit.notHeardOf(road.now());
    lanes.put(peer.id(), lane);
    return lane;
  }

  private boolean isMember(Lane lane) {
    return table.peers().indexOf(lane.id()) >= 0;
  }

  /** Peers come and go; those that went must not add up. */
  private void forgetIfDone(Lane lane) {
    if (!lane.line.isIdle() || isMember(lane)) return;
    if (lanes.remove(lane.id(), lane)) circuits.giveBack(lane.id());
  }

  private void queue(Lane lane, Consignment consignment) {
    if (lane.line.offer(consignment, road.now())) {
      pump(lane);
      return;
    }
    lane.line.expired(road.now()).forEach(one -> late(lane, one));
    if (lane.line.offer(consignment, road.now())) pump(lane);
    else full(lane, consignment);
  }

  private void full(Lane lane, Consignment one) {
    road.stepped(ForwardStep.FULL, 1);
    String why = "the backlog for peer " + lane.id() + " is full";
    one.refused(RefuseReason.FULL, hint(1), why);
  }

  private void pump(Lane lane) {
    while (lane.circuit.admits(road.now())) {
      long now = road.now();
      List<Consignment> batch = lane.line.next(now);
      if (batch.isEmpty()) break;
      send(lane, batch, now);
    }
    if (!lane.circuit.admits(road.now())) { // by what happened here, or on another event loop
      lane.line.empty().forEach(waiting -> passOver(lane, waiting));
      return;
    }
    long due = lane.line.dueAt();
    if (due == Long.MAX_VALUE || lane.timerSet) return;
    lane.timerSet = true;
    long wait = Math.max(SHORTEST_TIMER, due - road.now());
    road.after(
        Duration.ofNanos(wait),
        () -> {
          lane.timerSet = false;
          pump(lane);
        });
  }

  private void send(Lane lane, List<Consignment> batch, long now) {
    List<Consignment> live =
        batch.stream().filter(consignment -> now - consignment.deadline() < 0).toList();
    batch.stream()
        .filter(consignment -> now - consignment.deadline() >= 0)
        .forEach(one -> late(lane, one));
    if (live.isEmpty()) {
      lane.line.ended(true);
      return;
    }
    Circuit.Leave leave = lane.circuit.begins(now);
    if (leave == Circuit.Leave.NONE) { // another event loop was faster
      lane.line.ended(true);
      live.forEach(one -> passOver(lane, one));
      return;
    }
    long longest = 0;
    for (Consignment one : live) longest = Math.max(longest, one.deadline() - now);
    Duration timeout = Duration.ofNanos(Math.min(timeOutNanos, longest));
    road.call(lane.peer, live, timeout, reply -> ended(lane, leave, live, reply));
  }

  private void ended(Lane lane, Circuit.Leave leave, List<Consignment> batch, Reply reply) {
    lane.line.ended(reply instanceof Reply.Answered);
    heard(lane, leave, reply);
    Receipt receipt = Receipt.of(understood(lane, reply), batch);
    int confirmed = 0;
    for (int i = 0; i < batch.size(); i++) {
      Consignment one = batch.get(i);
      AfterCall.Standing standing = AfterCall.Standing.of(one, batch.size() > 1, road.now());
      AfterCall after = AfterCall.of(receipt.reply(), standing, random.nextDouble());
      if (after instanceof AfterCall.Confirmed) {
        confirmed++;
        one.confirmed(lane.id(), receipt.rejected().get(i), receipt.message(), receipt.vague());
      } else {
        onward(lane, one, after);
      }
    }
    if (confirmed > 0) road.stepped(ForwardStep.CONFIRMED, confirmed);
    pump(lane);
    forgetIfDone(lane);
  }

  /**
   * Receivers that have no room say UNAVAILABLE and no more; so, in the name of one that is down,
   * do proxies before it, but then discovery does not hear it either.
   */
  private Reply understood(Lane lane, Reply reply) {
    boolean full =
        toReceivers
            && reply instanceof Reply.Answered answer
            && answer.status() == GrpcCode.UNAVAILABLE
            && answer.retryAfter() == null
            && !silent.contains(lane.id());
    if (!full) return reply;
    Reply.Answered answer = (Reply.Answered) reply;
    return new Reply.Answered(answer.status(), answer.message(), UNHINTED, answer.body());
  }

  private void heard(Lane lane, Circuit.Leave leave, Reply reply) {
    if (reply instanceof Reply.Answered) {
      if (lane.circuit.answered()) LOG.info("peer answers again peer={}", lane.id());
    } else if (lane.circuit.failed(leave, road.now(), random.nextDouble())) {
      String cause =
          reply instanceof Reply.Lost lost ? lost.cause() : ((Reply.NotSent) reply).cause();
      LOG.warn("peer can't be reached, its stand-ins take over peer={} cause={}", lane.id(), cause);
    }
  }

  private void onward(Lane lane, Consignment one, AfterCall after) {
    road.stepped(after.step(), 1);
    if (after instanceof AfterCall.Final last) {
      one.dropped("refused by peer " + lane.id() + ": " + last.why());
    } else if (after instanceof AfterCall.Full full) {
      one.refused(RefuseReason.FULL, full.hint(), "peer " + lane.id() + " is full");
    } else if (after instanceof AfterCall.Late) {
      one.refused(RefuseReason.TIMEOUT, hint(lane.line.load()), "not delivered in time");
    } else if (after instanceof AfterCall.SameLater later) {
      later(lane, one, later.after());
    } else if (after instanceof AfterCall.SameAgain again) {
      again(lane, one.again(), again.after());
    } else if (after instanceof AfterCall.Next next) {
      next(lane, next.perhapsArrived() ? one.again() : one);
    } else if (after instanceof AfterCall.Halved) {
      for (Consignment half : halves(one)) same(lane, half);
    } else {
      same(lane, one.byItself());
    }
  }

  private void same(Lane lane, Consignment one) {
    if (lane.circuit.admits(road.now())) queue(lane, one);
    else passOver(lane, one);
  }

  private List<Consignment> halves(Consignment one) {
    int[] spans = {0};
    int half = one.part().spans() / 2;
    try {
      Cutter.Cut cut = halving.cut(one.part().bytes(), (high, low) -> spans[0]++ < half ? 0 : 1);
      return cut.pieces().stream().map(piece -> one.piece(piece.part())).toList();
    } catch (MalformedException e) {
      throw new IllegalStateException("a part that was cut can't be cut", e);
    }
  }

  /**
   * The same peer even if it owns the traces no more: it knows the part's id, and would be the only
   * one to see that it has come already.
   */
  private void again(Lane lane, Consignment one, Duration wait) {
    if (!lane.circuit.admits(road.now()) || !isMember(lane)) {
      passOver(lane, one);
      return;
    }
    aside(lane, one, wait, now -> queue(now, one));
  }

  /** The peer had no room and so does not have it: whoever is the owner when the hint is over. */
  private void later(Lane lane, Consignment one, Duration wait) {
    OwnerTable before = table;
    aside(
        lane,
        one,
        wait,
        now -> {
          if (table.hash().equals(before.hash())) queue(now, one);
          else reroute(one, Doubt.NEW_TABLE);
        });
  }

  /** Counts it with what waits for the peer until then. */
  private void aside(Lane lane, Consignment one, Duration wait, Consumer<Lane> then) {
    if (!lane.line.setAside(one)) {
      full(lane, one);
      return;
    }
    road.after(
        wait,
        () -> {
          lane.line.takeBack(one);
          Lane now = lanes.get(lane.id()); // another one if the peer has gone and come back
          if (now == null || !isMember(now)) reroute(one, Doubt.NEW_TABLE);
          else if (now.circuit.admits(road.now())) then.accept(now);
          else passOver(now, one);
        });
  }

  /** Without a call. */
  private void passOver(Lane lane, Consignment one) {
    road.stepped(ForwardStep.PASSED_OVER, 1);
    next(lane, one);
  }

  private void next(Lane lane, Consignment one) {
    reroute(one.passing(lane.id()), isMember(lane) ? Doubt.STAND_IN : Doubt.NEW_TABLE);
  }

  /** Elsewhere, although a call whose end is unknown may have brought it to where it was. */
  private void reroute(Consignment one, Doubt doubt) {
    if (one.attempts() > 0) road.perhapsTwice(doubt, one.part().spans());
    route(one);
  }

  /** To the first in the order of each trace, by the table as it is now, that can be reached. */
  private void route(Consignment one) {
    long now = road.now();
    if (now - one.deadline() >= 0) {
      late(null, one);
      return;
    }
    List<StandIns.Next> next;
    try {
      next = standIns.of(one.part(), table, self, id -> one.passed().contains(id) || open(id, now));
    } catch (MalformedException e) {
      // its headers are too large to be repeated for each who would stand in; here it stays whole
      LOG.debug("a part can't be cut anew", e);
      keep(one.toStandIn(one.part()), KeptAs.STAND_IN);
      return;
    }
    for (StandIns.Next to : next) {
      Peer peer = to.peerId() == null ? null : peer(to.peerId());
      Consignment some = one.toStandIn(to.part());
      if (peer == null) {
        keep(some, to.owner() ? KeptAs.OWNER : KeptAs.STAND_IN);
      } else {
        queue(lane(peer), to.owner() ? some.toOwner() : some);
      }
    }
  }

  private void keep(Consignment one, KeptAs as) {
    road.keep(one, as, fates -> fates.all().forEach(one.parcel()::add));
  }

  private boolean open(String id, long now) {
    Lane lane = lanes.get(id);
    return lane != null && !lane.circuit.admits(now);
  }

  private Peer peer(String id) {
    return table.peer(table.peers().indexOf(id));
  }

  private void late(@Nullable Lane lane, Consignment one) {
    road.stepped(ForwardStep.LATE, 1);
    double load = lane == null ? 0 : lane.line.load();
    one.refused(RefuseReason.TIMEOUT, hint(load), "not delivered in time");
  }

  /** The longer the more waits already. */
  private Duration hint(double load) {
    return Strain.hint(load, random.nextDouble());
  }
}
