package io.homespan.egress;

import io.homespan.metrics.Metrics;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;

/**
 * The circuits of a node's peers, one for each, whichever event loops call them. There are as many
 * as there are lanes to different peers. Any thread may call.
 */
public final class Circuits {
  private record Lent(Circuit circuit, int to) {}

  private final BiConsumer<String, Boolean> changed;
  private final ConcurrentHashMap<String, Lent> lent = new ConcurrentHashMap<>();

  /** Made once a node, and shared by the instances of egress. */
  public Circuits(Metrics metrics) {
    this(metrics::circuit);
  }

  Circuits(BiConsumer<String, Boolean> changed) {
    this.changed = changed;
  }

  /** The circuit of this peer; to be given back. */
  Circuit lend(String peerId) {
    return lent.compute(
            peerId,
            (id, before) ->
                before == null
                    ? new Lent(new Circuit(open -> changed.accept(id, open)), 1)
                    : new Lent(before.circuit, before.to + 1))
        .circuit;
  }

  /** Nobody on this event loop calls the peer any more. */
  void giveBack(String peerId) {
    lent.computeIfPresent(
        peerId,
        (id, before) -> {
          if (before.to > 1) return new Lent(before.circuit, before.to - 1);
          before.circuit.forgotten();
          return null;
        });
  }

  /** Of how many peers. */
  int size() {
    return lent.size();
  }
}
