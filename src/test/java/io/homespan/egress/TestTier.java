package io.homespan.egress;

import io.homespan.bus.Fate;
import io.homespan.bus.Fates;
import io.homespan.bus.Forward;
import io.homespan.bus.Membership;
import io.homespan.bus.NodeFacts;
import io.homespan.mesh.OwnerTable;
import io.homespan.mesh.Peer;
import io.homespan.mesh.PeerSet;
import io.homespan.otlp.Cutter;
import io.homespan.otlp.MalformedException;
import io.homespan.otlp.Part;
import io.homespan.otlp.RoutingKey;
import io.homespan.otlp.TestSpans;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** Four peers, a courier on the node "me", and parts that belong to whom a test wants. */
final class TestTier {
  static final Line.Bounds BOUNDS = new Line.Bounds(48, 5_000_000, 4, 1 << 20, 1 << 20);
  static final OwnerTable TABLE = table("me", "a", "b", "c");
  static final OwnerTable WITHOUT_A = table("me", "b", "c");

  final ScriptedRoad road = new ScriptedRoad();
  final Courier courier;
  private final TestSpans spans = new TestSpans(7);

  TestTier() {
    this(new Circuits((peer, open) -> {}));
  }

  /** One of several event loops of a node. */
  TestTier(Circuits circuits) {
    courier =
        new Courier(
            road,
            BOUNDS,
            Duration.ofSeconds(3),
            circuits,
            new Random(1),
            new StandIns(RoutingKey.TRACE_ID),
            false);
    courier.members(membership(TABLE));
  }

  static OwnerTable table(String... ids) {
    return OwnerTable.of(
        PeerSet.of(Stream.of(ids).map(id -> new Peer(id, "host-" + id, 1)).toList()));
  }

  static Membership membership(OwnerTable table) {
    return new Membership(1, "me", true, table, List.of(), List.of());
  }

  /** The same, with what discovery knows of one peer. */
  static Membership membership(OwnerTable table, String id, String state) {
    Membership.Member member =
        new Membership.Member(id, List.of(), List.of(), state, false, true, NodeFacts.UNKNOWN, "");
    return new Membership(2, "me", true, table, List.of(member), List.of());
  }

  /** A part of one trace that this peer owns and that one comes next for. */
  Part part(String owner, String runnerUp, int size) {
    while (true) {
      Buffer one = spans.bytes(1, size);
      for (Cutter.Piece piece : cut(one, true)) {
        if (piece.owner() == place(owner) * 100 + place(runnerUp)) return piece.part();
      }
    }
  }

  /** A part of about so many traces, all of this peer. */
  Part mixed(String owner, int traces) {
    while (true) {
      for (Cutter.Piece piece : cut(spans.bytes(traces * 4, 1), false)) {
        if (piece.owner() == place(owner)) return piece.part();
      }
    }
  }

  private static List<Cutter.Piece> cut(Buffer request, boolean pairs) {
    try {
      return new Cutter()
          .cut(
              request,
              (high, low) ->
                  pairs
                      ? TABLE.owner(high, low) * 100 + TABLE.runnerUp(high, low)
                      : TABLE.owner(high, low))
          .pieces();
    } catch (MalformedException e) {
      throw new AssertionError(e);
    }
  }

  private static int place(String id) {
    return TABLE.peers().indexOf(id);
  }

  /** Hands a part over; the list gets its fates, all at once. */
  List<Fate> send(String owner, Part part, Duration deadline) {
    List<Fate> fates = new ArrayList<>();
    Peer peer = TABLE.peer(place(owner));
    courier.take(
        new Forward(part, peer, road.now() + deadline.toNanos()),
        (Fates done) -> {
          if (!fates.isEmpty()) throw new AssertionError("fates came twice");
          fates.addAll(done.all());
        });
    return fates;
  }

  List<Fate> send(String owner, Part part) {
    return send(owner, part, Duration.ofSeconds(8));
  }

  /** Whose the first trace of a part is. */
  static String ownerOf(Part part) {
    return ownerOf(part, TABLE);
  }

  static String ownerOf(Part part, OwnerTable table) {
    int[] place = {-1};
    try {
      new Cutter()
          .cut(
              part.bytes(),
              (high, low) -> {
                if (place[0] < 0) place[0] = table.owner(high, low);
                return 0;
              });
    } catch (MalformedException e) {
      throw new AssertionError(e);
    }
    return table.peer(place[0]).id();
  }
}
