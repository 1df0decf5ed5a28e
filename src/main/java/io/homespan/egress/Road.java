package io.homespan.egress;

import io.homespan.bus.Fates;
import io.homespan.mesh.Peer;
import io.homespan.metrics.ForwardStep;
import io.homespan.metrics.KeptAs;
import io.homespan.rpc.Reply;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/** What a {@link Courier} needs of the world. Callbacks come later, on the same event loop. */
interface Road {
  /** Calls a peer once and says how it ended. */
  void call(Peer peer, List<Consignment> batch, Duration timeout, Consumer<Reply> ended);

  /** Has this node keep a part; the fates are about all of its spans. */
  void keep(Consignment consignment, KeptAs as, Consumer<Fates> done);

  /** Books what came next for so many parts. */
  void stepped(ForwardStep step, int parts);

  /**
   * Books spans that go elsewhere although the peer that was called may have kept them: if it has,
   * and its answer was lost, they are kept twice.
   */
  void perhapsTwice(Doubt doubt, int spans);

  /** Calls back after a time. */
  void after(Duration time, Runnable then);

  /** Nanoseconds of a clock that never jumps. */
  long now();
}
