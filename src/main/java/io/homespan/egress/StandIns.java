package io.homespan.egress;

import io.homespan.mesh.OwnerTable;
import io.homespan.otlp.Cutter;
import io.homespan.otlp.MalformedException;
import io.homespan.otlp.Part;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a part anew for those who come next in the HRW order of each trace's slot. The order ends at
 * this node, which can always keep. Not thread safe: belongs to one event loop.
 */
final class StandIns {
  /**
   * Spans and where they go next.
   *
   * @param peerId null: this node keeps them
   * @param owner whether that is the traces' owner by the table as it is now
   */
  record Next(Part part, @Nullable String peerId, boolean owner) {}

  private final Cutter cutter = new Cutter();

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
    // an owner gets a piece of its own, apart from what the same peer gets as a stand-in
    int owners = nobody + 1;
    Cutter.Cut cut =
        cutter.cut(
            part.bytes(),
            (high, low) -> {
              if (over.length == 0) return nobody;
              int owner = table.owner(high, low);
              if (!over[owner]) return owners + owner;
              int runnerUp = table.runnerUp(high, low);
              if (runnerUp >= 0 && !over[runnerUp]) return runnerUp;
              return first(table.order(OwnerTable.slot(high, low)), over, nobody);
            });
    List<Next> next = new ArrayList<>(cut.pieces().size());
    for (Cutter.Piece piece : cut.pieces()) {
      boolean owner = piece.owner() >= owners;
      int index = owner ? piece.owner() - owners : piece.owner();
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
