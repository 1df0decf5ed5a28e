package io.homespan.discovery;

import io.homespan.bus.Membership;
import io.homespan.bus.Topics;
import io.homespan.mesh.OwnerTable;
import io.homespan.mesh.PeerSet;
import io.homespan.metrics.Metrics;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns what the roster decides into owner tables and publishes it. Tables are built off the event
 * loop and one at a time: what changes meanwhile is in the next one, so a burst of changes makes
 * two tables at most. Not thread safe: belongs to one verticle.
 */
final class Bulletin {
  private static final Logger LOG = LoggerFactory.getLogger(Bulletin.class);

  private final Vertx vertx;
  private final Roster roster;
  private final Metrics metrics;
  private final OwnerTable first;
  private OwnerTable table = OwnerTable.EMPTY;
  private volatile @Nullable Membership last;
  private List<Problem> problems = List.of();
  private boolean building;
  private boolean gatewayTold;
  private boolean stopped;
  private final LongSupplier nanoClock;
  private final Coalescing coalescing = new Coalescing();
  private boolean waiting;
  private final Promise<Void> idle = Promise.promise();

  /**
   * Knows nobody yet.
   *
   * @param first what the first table is built from
   */
  Bulletin(Vertx vertx, Roster roster, Metrics metrics, LongSupplier nanoClock, OwnerTable first) {
    this.nanoClock = nanoClock;
    this.first = first;
    this.vertx = vertx;
    this.roster = roster;
    this.metrics = metrics;
  }

  /** The hash of the table in use, or "". */
  String hash() {
    return table.peers().isEmpty() ? "" : table.hash();
  }

  /** Completes when nothing is being built; nothing will be from then on. */
  Future<Void> stop() {
    stopped = true;
    if (!building) idle.tryComplete();
    return idle.future();
  }

  /** To be called after everything that the roster was told. */
  void update() {
    if (stopped || building) return; // it publishes when it has built
    PeerSet wanted = roster.peers();
    if (wanted.equals(table.peers()) || isHeld(wanted)) publish();
    else build(wanted);
  }

  private boolean isHeld(PeerSet wanted) {
    Duration hold = coalescing.hold(table.peers(), wanted, nanoClock.getAsLong());
    if (hold.isZero()) return false;
    if (!waiting) {
      waiting = true;
      vertx.setTimer(Math.max(1, hold.toMillis() + 1), id -> waited());
    }
    return true;
  }

  private void waited() {
    waiting = false;
    update();
  }

  private void build(PeerSet wanted) {
    building = true;
    OwnerTable old = table;
    OwnerTable base = old.peers().isEmpty() ? first : old;
    vertx
        .executeBlocking(() -> base.with(wanted))
        .onComplete(
            built -> {
              building = false;
              if (stopped) {
                idle.tryComplete();
                return;
              }
              table = built;
              tell(old.peers(), wanted);
              metrics.table(wanted.size(), built.hash());
              if (!old.hash().equals(built.hash())) {
                metrics.count(
                    "homespan_table_changes_total", "New owner tables, the first included");
              }
              publish();
              update();
            },
            cause -> {
              building = false; // the old one stands; the next change tries again
              if (stopped) idle.tryComplete();
              LOG.error("no owner table could be built peers={}", wanted.size(), cause);
            });
  }

  private void publish() {
    List<Problem> now = roster.problems();
    tell(now);
    boolean ready = roster.isSettled() && !table.peers().isEmpty();
    Membership before = last;
    long generation = before == null ? 0 : before.generation();
    Membership next = membership(generation, ready, now);
    if (next.equals(before)) return;
    next = membership(generation + 1, ready, now);
    last = next;
    if (ready && !next.containsSelf() && !roster.isLeaving() && !gatewayTold) {
      gatewayTold = true;
      if (next.selfId().equals(Membership.GATEWAY)) {
        LOG.info("gateway: forwards everything receivers={}", next.peers().size());
      } else if (roster.isAgent()) {
        LOG.info("no provider lists this agent, so nobody measures it id={}", next.selfId());
      } else {
        LOG.info("no provider lists this node, so it forwards everything id={}", next.selfId());
      }
    }
    Topics.PEERS_CURRENT.publish(vertx, next);
  }

  /** Of the last membership that was published; any thread may ask. */
  long generation() {
    Membership now = last;
    return now == null ? 0 : now.generation();
  }

  private Membership membership(long generation, boolean ready, List<Problem> now) {
    return new Membership(
        generation,
        roster.ownId(),
        ready,
        table,
        roster.members(table.peers()),
        now.stream().map(Problem::sentence).toList());
  }

  private void tell(PeerSet before, PeerSet now) {
    List<String> came = now.ids().stream().filter(id -> before.indexOf(id) < 0).toList();
    List<String> went = before.ids().stream().filter(id -> now.indexOf(id) < 0).toList();
    LOG.info(
        "peers changed came={} went={} peers={} self={} table={}",
        came,
        went,
        now.size(),
        roster.ownId(),
        hash());
  }

  private void tell(List<Problem> now) {
    for (Problem problem : now) {
      if (problems.stream().anyMatch(problem::isSameAs)) continue;
      if (problem.kind().isError()) LOG.error("{}", problem.sentence());
      else LOG.warn("{}", problem.sentence());
      metrics.count(
          "homespan_discovery_problems_total",
          "Problems between nodes or in finding them, counted when each begins",
          "kind",
          problem.kind().name().toLowerCase(Locale.ROOT));
    }
    for (Problem problem : problems) {
      if (now.stream().noneMatch(problem::isSameAs)) LOG.info("over: {}", problem.sentence());
    }
    problems = now;
  }
}
