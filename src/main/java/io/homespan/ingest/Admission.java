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
  private final int maxRequests;
  private final long maxBytes;
  private final AtomicInteger requests = new AtomicInteger();
  private final AtomicLong bytes = new AtomicLong();

  Admission(Config.Admission bounds) {
    this.maxRequests = bounds.maxRequestsInFlight();
    this.maxBytes = bounds.maxBytesInFlight();
  }

  /** Admits a request, or returns null if there is no room. What is admitted must be closed. */
  @Nullable Ticket enter() {
    if (requests.incrementAndGet() > maxRequests) {
      requests.decrementAndGet();
      return null;
    }
    return new Ticket();
  }

  int requests() {
    return requests.get();
  }

  long bytes() {
    return bytes.get();
  }

  /** One admitted request. Belongs to one event loop. */
  final class Ticket implements AutoCloseable {
    private long held;
    private boolean closed;

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
      return true;
    }

    /** Gives bytes back before the end. */
    void shrink(long less) {
      if (closed) return;
      held -= less;
      bytes.addAndGet(-less);
    }

    @Override
    public void close() {
      if (closed) return;
      closed = true;
      bytes.addAndGet(-held);
      requests.decrementAndGet();
    }
  }
}
