package io.homespan.egress;

import io.homespan.mesh.OwnerTable;
import io.homespan.otlp.Cutter;
import io.homespan.otlp.Cutting;
import io.homespan.otlp.MalformedException;
import io.homespan.otlp.Part;
import io.homespan.otlp.RoutingKey;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a part anew for those who come next in the HRW order of each trace's slot. The order ends at
 * this node, which can always keep. Not thread safe: belongs to one event loop.
 *
 * <p>What a peer gets as the runner-up is a piece of its own, apart from what it gets because that
 * one cannot be reached either: so the piece, and with it the id by which a repeat is recognised,
 * is the same whoever else is passed over meanwhile, here or at another node.
 */
final class StandIns {
  /**
   * Spans and where they go next.
   *
   * @param peerId null: this node keeps them
   * @param owner whether that is the traces' owner by the table as it is now
   */
  record Next(Part part, @Nullable String peerId, boolean owner) {}

  private final Cutting cutter;

  StandIns(RoutingKey routing) {
    this.cutter = routing.cutter();
  }

  /**
   * Where the spans of a part go.
   *
   * @param self this node's id
   * @param passed whether a peer is to be passed over
   */
  List<Next> of(Part part, OwnerTable table, String self, Predicate<String> passed)
      throws MalformedException {
    List<String> ids = table.peers().ids();
    int here = ids.indexOf(self);
    int nobody = ids.size(); // the end of the order, for a node that is not in the table
    boolean[] over = new boolean[ids.size()];
    for (int i = 0; i < over.length; i++) over[i] = i != here && passed.test(ids.get(i));
    // so that what a peer gets as owner, as runner-up and as a later one are three pieces
    int runnersUp = nobody + 1;
    int owners = 2 * runnersUp;
    Cutter.Cut cut =
        cutter.cut(
            part.bytes(),
            (high, low) -> {
              if (over.length == 0) return nobody;
              int owner = table.owner(high, low);
              if (!over[owner]) return owners + owner;
              int runnerUp = table.runnerUp(high, low);
              if (runnerUp >= 0 && !over[runnerUp]) return runnersUp + runnerUp;
              return first(table.order(OwnerTable.slot(high, low)), over, nobody);
            });
    List<Next> next = new ArrayList<>(cut.pieces().size());
    for (Cutter.Piece piece : cut.pieces()) {
      boolean owner = piece.owner() >= owners;
      int index = piece.owner() % runnersUp;
      boolean keep = index == nobody || index == here;
      next.add(new Next(piece.part(), keep ? null : ids.get(index), owner));
    }
    return next;
  }

  private static int first(int[] order, boolean[] over, int nobody) {
    for (int index : order) if (!over[index]) return index;
    return nobody;
  }
}
