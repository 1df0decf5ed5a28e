package io.homespan.discovery;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One way to find addresses. Called on the verticle's context, one look-up at a time. */
interface PeerProvider {
  /** The way, as in {@code discovery_mode}. */
  String kind();

  /** This one among several of its kind. */
  String name();

  /**
   * Looks. Fails with a {@link LookupException} when that did not work or nothing was found; what
   * was found before then stays.
   */
  Future<Found> find();

  /** Gives up what it holds; a look-up under way may fail. */
  void close();

  /**
   * What a look-up found.
   *
   * @param addresses at least one
   * @param ttl how long it holds; null: for good
   */
  record Found(List<Address> addresses, @Nullable Duration ttl) {}
}
