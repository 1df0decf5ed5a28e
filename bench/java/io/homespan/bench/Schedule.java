package io.homespan.bench;

import io.vertx.core.json.JsonObject;

/**
 * How a run loads its target.
 *
 * @param inFlight the most requests under way on one connection
 * @param rate requests a second, sent whether or not answers come (open loop), or 0: each of {@code
 *     inFlight} per connection is sent as soon as the one before it is answered (closed loop)
 * @param waiting how many requests may wait for a free stream (open loop)
 */
record Schedule(int port, int connections, int inFlight, double rate, int waiting, double seconds) {
  private static final int OPEN_IN_FLIGHT = 250;

  Schedule {
    if (connections < 1) throw new IllegalArgumentException("connections " + connections);
    if (inFlight < 1) throw new IllegalArgumentException("inflight " + inFlight);
    if (seconds <= 0) throw new IllegalArgumentException("seconds " + seconds);
  }

  static Schedule of(JsonObject command) {
    boolean open = command.getString("mode", "closed").equals("open");
    double rate = open ? command.getDouble("rate") : 0;
    if (open && rate <= 0) throw new IllegalArgumentException("rate " + rate);
    return new Schedule(
        command.getInteger("port"),
        command.getInteger("connections", 4),
        command.getInteger("inflight", open ? OPEN_IN_FLIGHT : 8),
        rate,
        command.getInteger("waiting", (int) Math.ceil(rate)),
        command.getDouble("seconds", 5.0));
  }

  boolean open() {
    return rate > 0;
  }

  /** The share of one of several event loops. */
  Schedule share(int index, int of) {
    int own = (connections + of - 1 - index) / of;
    double part = (double) own / connections;
    return new Schedule(port, own, inFlight, rate * part, (int) (waiting * part), seconds);
  }
}
