package io.homespan.discovery;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Asks many addresses side by side, but no more than so many at once, and no address twice at a
 * time. Not thread safe: belongs to one verticle.
 */
final class Round {
  private final int atOnce;
  private final Function<Address, Future<Void>> asker;
  private final Map<Address, Promise<Void>> open = new LinkedHashMap<>();
  private final Deque<Address> waiting = new ArrayDeque<>();
  private int running;

  /** {@code asker}'s futures must complete; how does not matter. */
  Round(int atOnce, Function<Address, Future<Void>> asker) {
    this.atOnce = atOnce;
    this.asker = asker;
  }

  /** Completes when each of them has been asked; one that is being asked is joined. */
  Future<Void> ask(Collection<Address> addresses) {
    List<Future<Void>> all = new ArrayList<>();
    for (Address address : addresses) {
      Promise<Void> promise = open.get(address);
      if (promise == null) {
        promise = Promise.promise();
        open.put(address, promise);
        waiting.add(address);
      }
      all.add(promise.future());
    }
    proceed();
    return Future.join(all).mapEmpty();
  }

  private void proceed() {
    while (running < atOnce && !waiting.isEmpty()) {
      Address address = waiting.remove();
      running++;
      asker.apply(address).onComplete(done -> ended(address));
    }
  }

  private void ended(Address address) {
    running--;
    Promise<Void> promise = open.remove(address);
    proceed();
    if (promise != null) promise.complete();
  }
}
