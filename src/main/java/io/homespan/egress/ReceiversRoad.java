package io.homespan.egress;

import io.homespan.bus.Fate;
import io.homespan.bus.Fates;
import io.homespan.bus.Strain;
import io.homespan.mesh.Peer;
import io.homespan.metrics.ForwardStep;
import io.homespan.metrics.KeptAs;
import io.homespan.metrics.RefuseReason;
import io.homespan.rpc.Reply;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * A gateway's way to the world: it has no sink, so where a node would keep, whoever sent the spans
 * is to send them again. Not thread safe: belongs to one event loop.
 */
final class ReceiversRoad implements Road {
  private final Road road;
  private final RandomGenerator random;

  ReceiversRoad(Road road, RandomGenerator random) {
    this.road = road;
    this.random = random;
  }

  @Override
  public void keep(Consignment consignment, KeptAs as, Consumer<Fates> done) {
    Duration hint = Strain.hint(1, random.nextDouble());
    String why = "no receiver can be reached, or takes these spans";
    int spans = consignment.part().spans();
    done.accept(Fates.of(new Fate.Refused(RefuseReason.NO_RECEIVER, hint, why, spans)));
  }

  @Override
  public void call(Peer peer, List<Consignment> batch, Duration timeout, Consumer<Reply> ended) {
    road.call(peer, batch, timeout, ended);
  }

  @Override
  public void stepped(ForwardStep step, int parts) {
    road.stepped(step, parts);
  }

  @Override
  public void perhapsTwice(Doubt doubt, int spans) {
    road.perhapsTwice(doubt, spans);
  }

  @Override
  public void after(Duration time, Runnable then) {
    road.after(time, then);
  }

  @Override
  public long now() {
    return road.now();
  }
}
