package io.homespan.discovery;

import io.vertx.core.Future;
import java.util.List;

/** Addresses that stand from the start: the configured ones ({@code static}) or one's own. */
record FixedProvider(String kind, List<Address> addresses) implements PeerProvider {
  @Override
  public Future<Found> find() {
    if (addresses.isEmpty()) {
      return Future.failedFuture(new LookupException("empty", "no address is configured"));
    }
    return Future.succeededFuture(new Found(addresses, null));
  }

  @Override
  public Future<Void> close() {
    return Future.succeededFuture();
  }
}
