package io.homespan.ingest;

import io.homespan.config.Config;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Bounds what is under way on one port of this node, in requests and in bytes: as they come in, and
 * once more when they are unpacked. Shared by all instances of the port; any thread may call.
 */
final class Admission {
  private static final int GREED = 4;

  private final int maxRequests;
  private final long maxBytes;
  private final AtomicInteger requests = new AtomicInteger();
  private final AtomicLong bytes = new AtomicLong();

  Admission(Config.Admission bounds) {
    this.maxRequests = bounds.maxRequestsInFlight();
    this.maxBytes = bounds.maxBytesInFlight();
  }

  /**
   * Admits a request, or returns null if there is no room. What is admitted must be closed.
   *
   * @param load hears what it holds
   */
  @Nullable Ticket enter(Valve.Load load) {
    if (bytes.get() < maxBytes && isFair(load)) {
      if (requests.incrementAndGet() <= maxRequests) return new Ticket(load);
      requests.decrementAndGet();
    }
    load.ended();
    return null;
  }

  /**
   * Whether its caller holds no more than {@link #GREED} times what is free: so one that floods has
   * at most four fifths of all, n of them leave a part in 4n + 1 to others, and who is alone need
   * not be told (dynamic thresholds: Choudhury and Hahne, IEEE/ACM Transactions on Networking 6, 2,
   * 1998).
   */
  private boolean isFair(Valve.Load load) {
    return load.callersBytes() <= GREED * (maxBytes - bytes.get())
        && load.callersRequests() - 1 < GREED * (maxRequests - requests.get());
  }

  /** So much is under way that no more should come for the moment. */
  boolean isCrowded() {
    return bytes.get() > maxBytes / 4 || requests.get() > maxRequests - maxRequests / 4;
  }

  /** Enough of a crowd is gone. */
  boolean isRoomy() {
    return bytes.get() <= maxBytes / 16 * 3 && requests.get() <= maxRequests / 2;
  }

  /** An eighth of the bytes that may be under way: a good deal of work, and of room. */
  long share() {
    return maxBytes / 8;
  }

  int shareOfRequests() {
    return Math.max(1, maxRequests / 8);
  }

  int requests() {
    return requests.get();
  }

  long bytes() {
    return bytes.get();
  }

  /** One admitted request. Belongs to one event loop. */
  final class Ticket implements AutoCloseable {
    private final Valve.Load load;
    private long held;
    private boolean closed;

    private Ticket(Valve.Load load) {
      this.load = load;
    }

    /**
     * Asks for room for more bytes; what was granted before stays granted. A request that is alone
     * always gets it, as its own size is bounded elsewhere: packed and unpacked together may be
     * more than the bound, and such a request would be turned away for ever.
     */
    boolean grow(long more) {
      if (closed) return false;
      long all = bytes.addAndGet(more);
      if (all > maxBytes && all - more > held) {
        bytes.addAndGet(-more);
        return false;
      }
      held += more;
      load.add(more);
      return true;
    }

    /** All of the request is here. */
    void whole() {
      if (!closed) load.whole();
    }

    /** Gives bytes back before the end. */
    void shrink(long less) {
      if (closed) return;
      held -= less;
      bytes.addAndGet(-less);
      load.add(-less);
    }

    @Override
    public void close() {
      if (closed) return;
      closed = true;
      bytes.addAndGet(-held);
      requests.decrementAndGet();
      load.ended();
    }
  }
}
