package io.homespan.discovery;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One way to find addresses: it is asked ({@link #find}), or it tells ({@link #start}). All calls
 * come on the discovery verticle's context, one look-up at a time.
 */
public interface PeerProvider {
  /** The way: the word in {@code discovery_mode}. */
  String kind();

  /** This one among several of its kind. */
  default String name() {
    return kind();
  }

  /**
   * Looks; called again and again. Fails with a {@link LookupException} when that did not work or
   * nothing was found; what was found before then stays.
   */
  default Future<Found> find() {
    return Future.failedFuture(new LookupException("error", name() + " is not to be asked"));
  }

  /**
   * For a provider that tells: begins, from then on calls the listener on the verticle's context
   * after each change, and returns true. Called once before anything else; false: it is to be
   * asked. May be called again after it has thrown.
   */
  default boolean start(Listener listener) {
    return false;
  }

  /**
   * This node leaves: stops announcing it and says good-bye. It is not asked any more, what it
   * tells is not heard any more, and {@link #close} follows.
   */
  default Future<Void> leave() {
    return Future.succeededFuture();
  }

  /** Gives up what it holds; a look-up under way may fail. Completes when that is done. */
  Future<Void> close();

  /**
   * What there is.
   *
   * @param addresses all of them, at least one
   * @param ttl how long it holds; null: until something else is told, or for good
   * @param notes what else there is to say of addresses, by how they are listed, in few words; it
   *     is shown to the operator and changes nothing
   */
  record Found(List<Address> addresses, @Nullable Duration ttl, Map<String, String> notes) {
    public Found {
      notes = Map.copyOf(notes);
    }

    /** There is nothing else to say. */
    public Found(List<Address> addresses, @Nullable Duration ttl) {
      this(addresses, ttl, Map.of());
    }
  }

  /**
   * Somebody who measures the network as this node does, and takes no spans.
   *
   * @param homespan whether it is a Homespan process; else it answers pings and nothing more
   */
  record Agent(Address address, boolean homespan) {}

  /** Who hears what a provider tells. */
  interface Listener {
    /** Something has changed; this is the whole set as it is now. */
    void found(Found found);

    /** Something went wrong; what was found before stays. */
    void missed(LookupException why);

    /** Who else is there, to be measured and nothing else; the whole set as it is now. */
    default void agents(List<Agent> agents) {}
  }
}
