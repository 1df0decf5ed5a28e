package io.homespan;

import io.homespan.egress.EgressVerticle;
import io.homespan.ingest.IngestVerticle;
import io.homespan.ingest.PeerVerticle;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One instance of the data path: both ports and egress on one event loop, so that what a request
 * hands over stays on the thread and in the caches of the core where it arrived. Stops in the order
 * of the data: who hands over is gone before who takes.
 */
final class DataPath extends VerticleBase {
  final IngestVerticle ingest;
  final @Nullable PeerVerticle peer;
  private final EgressVerticle egress;

  /** {@code peer}: null for a gateway, which is nobody's peer. */
  DataPath(IngestVerticle ingest, @Nullable PeerVerticle peer, EgressVerticle egress) {
    this.ingest = ingest;
    this.peer = peer;
    this.egress = egress;
  }

  @Override
  public void init(Vertx vertx, Context context) {
    super.init(vertx, context);
    Stream.of(egress, peer, ingest)
        .filter(one -> one != null)
        .forEach(one -> one.init(vertx, context));
  }

  @Override
  public Future<?> start() throws Exception {
    Future<?> peers = peer == null ? Future.succeededFuture() : peer.start();
    return Future.all(List.of(egress.start(), peers, ingest.start()));
  }

  @Override
  public Future<?> stop() {
    return ingest
        .stop()
        .transform(done -> peer == null ? Future.succeededFuture() : peer.stop())
        .transform(done -> egress.stop())
        .mapEmpty();
  }
}
