package io.homespan.egress;

import io.homespan.bus.Fates;
import io.homespan.bus.Forward;
import io.homespan.bus.Membership;
import io.homespan.mesh.OwnerTable;
import io.homespan.mesh.Peer;
import io.homespan.metrics.KeptAs;
import io.homespan.metrics.RefuseReason;
import io.homespan.otlp.MalformedException;
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

  /** Hints are believed from here on, in ns: "at once" from a full peer would make us spin. */
  private static final long SHORTEST_HINT = 50_000_000;

  private final Road road;
  private final Line.Bounds bounds;
  private final long timeOutNanos;
  private final RandomGenerator random;
  private final StandIns standIns = new StandIns();
  private final Map<String, Lane> lanes = new HashMap<>();
  private Set<String> answering = Set.of();
  private OwnerTable table = OwnerTable.EMPTY;
  private String self = "";

  Courier(Road road, Line.Bounds bounds, Duration timeOut, RandomGenerator random) {
    this.road = road;
    this.bounds = bounds;
    this.timeOutNanos = timeOut.toNanos();
    this.random = random;
  }

  /** Another tier: what waits for peers that are no members any more goes by the new table. */
  void members(Membership membership) {
    table = membership.table();
    self = membership.selfId();
    for (Peer peer : table.peers().peers()) {
      Lane lane = lanes.get(peer.id());
      if (lane != null) lane.peer = peer;
    }
    heardOf(membership);
    List<Consignment> homeless = new ArrayList<>();
    for (Lane lane : List.copyOf(lanes.values())) {
      if (isMember(lane)) continue;
      homeless.addAll(lane.line.empty());
      forgetIfDone(lane);
    }
    homeless.forEach(this::route); // which may open lanes
  }

  /** Discovery asks on whatever a circuit does, so it may know first who is silent or back. */
  private void heardOf(Membership membership) {
    Set<String> now = new HashSet<>();
    for (Membership.Member member : membership.members()) {
      Lane lane = lanes.get(member.id());
      if (lane != null && member.state().equals("unanswered")) {
        lane.circuit.notHeardOf(road.now());
      }
      if (!member.state().equals("answered")) continue;
      now.add(member.id());
      if (lane != null && !answering.contains(member.id())) lane.circuit.heardOf(road.now());
    }
    answering = now;
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
    else route(consignment);
  }

  private Lane lane(Peer peer) {
    return lanes.computeIfAbsent(
        peer.id(), id -> new Lane(peer, new Line(bounds), new Circuit(random)));
  }

  private boolean isMember(Lane lane) {
    return table.peers().indexOf(lane.id()) >= 0;
  }

  /** Peers come and go; those that went must not add up. */
  private void forgetIfDone(Lane lane) {
    if (lane.line.isIdle() && !isMember(lane)) lanes.remove(lane.id(), lane);
  }

  private void queue(Lane lane, Consignment consignment) {
    if (lane.line.offer(consignment, road.now())) {
      pump(lane);
      return;
    }
    lane.line.expired(road.now()).forEach(this::late);
    if (lane.line.offer(consignment, road.now())) pump(lane);
    else {
      consignment.refused(
          RefuseReason.FULL, hint(), "the backlog for peer " + lane.id() + " is full");
    }
  }

  private void pump(Lane lane) {
    while (!triesAlready(lane)) {
      long now = road.now();
      List<Consignment> batch = lane.line.next(now);
      if (batch.isEmpty()) break;
      send(lane, batch, now);
    }
    long due = lane.line.dueAt();
    if (due == Long.MAX_VALUE || lane.timerSet || triesAlready(lane)) return;
    lane.timerSet = true;
    long wait = Math.max(SHORTEST_TIMER, due - road.now());
    road.after(
        Duration.ofNanos(wait),
        () -> {
          lane.timerSet = false;
          pump(lane);
        });
  }

  /** One call tries for all whether a peer is there again; what waits goes when it has ended. */
  private static boolean triesAlready(Lane lane) {
    return lane.circuit.isOpen() && lane.line.calls() > 0;
  }

  private void send(Lane lane, List<Consignment> batch, long now) {
    List<Consignment> live =
        batch.stream().filter(consignment -> now - consignment.deadline() < 0).toList();
    batch.stream().filter(consignment -> now - consignment.deadline() >= 0).forEach(this::late);
    if (live.isEmpty()) {
      lane.line.ended(true);
      return;
    }
    long longest = 0;
    for (Consignment one : live) longest = Math.max(longest, one.deadline() - now);
    lane.circuit.begins();
    Duration timeout = Duration.ofNanos(Math.min(timeOutNanos, longest));
    road.call(lane.peer, live, timeout, reply -> ended(lane, live, reply));
  }

  private void ended(Lane lane, List<Consignment> batch, Reply reply) {
    lane.line.ended(reply instanceof Reply.Answered);
    heard(lane, reply);
    Receipt receipt = Receipt.of(reply, batch);
    for (int i = 0; i < batch.size(); i++) {
      Consignment one = batch.get(i);
      AfterCall after = AfterCall.of(receipt.reply(), one.attempts(), batch.size() > 1);
      if (after instanceof AfterCall.Confirmed) {
        one.confirmed(lane.id(), receipt.rejected().get(i), receipt.message());
      } else {
        onward(lane, one, after);
      }
    }
    if (lane.circuit.isOpen()) {
      lane.line.empty().forEach(waiting -> route(waiting.passing(lane.id())));
    }
    pump(lane);
    forgetIfDone(lane);
  }

  private void heard(Lane lane, Reply reply) {
    if (reply instanceof Reply.Answered) {
      if (lane.circuit.isOpen()) LOG.info("peer answers again peer={}", lane.id());
      lane.circuit.answered();
    } else if (lane.circuit.failed(road.now())) {
      String cause =
          reply instanceof Reply.Lost lost ? lost.cause() : ((Reply.NotSent) reply).cause();
      LOG.warn("peer can't be reached, its stand-ins take over peer={} cause={}", lane.id(), cause);
    }
  }

  private void onward(Lane lane, Consignment one, AfterCall after) {
    if (after instanceof AfterCall.Final last) {
      one.dropped("refused by peer " + lane.id() + ": " + last.why());
    } else if (after instanceof AfterCall.SameLater later) {
      later(lane, one, later.after());
    } else if (road.now() - one.deadline() >= 0) {
      late(one);
    } else if (!isMember(lane)) {
      route(one.passing(lane.id()));
    } else if (after instanceof AfterCall.SameAgain && !lane.circuit.isOpen()) {
      queue(lane, one.again());
    } else if (after instanceof AfterCall.Alone) {
      queue(lane, one.byItself());
    } else {
      route(one.passing(lane.id()));
    }
  }

  /** A full peer is asked again after its hint, spread so that not all come back together. */
  private void later(Lane lane, Consignment one, Duration hint) {
    long told = Math.max(SHORTEST_HINT, hint.toNanos());
    long wait = told + (long) (random.nextDouble() * (told / 4.0));
    if (road.now() + wait - one.deadline() >= 0) {
      one.refused(RefuseReason.FULL, hint, "peer " + lane.id() + " is full");
      return;
    }
    road.after(
        Duration.ofNanos(wait),
        () -> {
          Lane now = lanes.get(lane.id()); // another one if the peer has gone and come back
          if (now == null || !isMember(now)) route(one);
          else if (now.circuit.admits(road.now())) queue(now, one);
          else route(one.passing(now.id()));
        });
  }

  /** To the first in the order of each trace, by the table as it is now, that can be reached. */
  private void route(Consignment one) {
    long now = road.now();
    if (now - one.deadline() >= 0) {
      late(one);
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

  private void late(Consignment one) {
    one.refused(RefuseReason.TIMEOUT, hint(), "not delivered in time");
  }

  private Duration hint() {
    return Duration.ofMillis(1000 + random.nextInt(1001));
  }
}
