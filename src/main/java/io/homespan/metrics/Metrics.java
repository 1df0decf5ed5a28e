package io.homespan.metrics;

import java.util.function.DoubleSupplier;

/**
 * All that a node counts.
 *
 * <p><b>The books balance</b>, at any moment and for each source:
 *
 * <pre>received = kept + forwarded + refused + dropped</pre>
 *
 * in spans. A span is booked as received together with its fate, when the fate of its part is
 * known; what is under way stands in a gauge of its own. A recognised repeat is neither: it counts
 * as repeated. What admission refuses was never cut, so it counts as a request only.
 *
 * <p>With {@code acknowledge: stored} a sender's spans are booked under {@code JOURNAL}, once, when
 * they are delivered or dropped at last; attempts that were refused are not booked. Under {@code
 * SENDER} stand only spans that were not stored: refused, or invalid.
 *
 * <p>Any thread may call any method.
 */
public interface Metrics {
  /** Where spans came from. */
  enum From {
    /** On the ingest port. */
    SENDER,
    /** On the peer port. */
    PEER,
    /** From this node's own journal, where a sender's request had been stored. */
    JOURNAL
  }

  /** A request was answered. */
  void request(Protocol protocol, String status);

  /** Spans were confirmed by this node's own sinks. */
  void kept(From from, KeptAs as, int spans);

  /** Spans were confirmed by a peer. */
  void forwarded(From from, String peerId, int spans);

  /** Spans went back to who sent them, with a hint to send again. */
  void refused(From from, RefuseReason reason, int spans);

  /** Spans are lost for good, and who sent them was told. */
  void dropped(From from, DropReason reason, int spans);

  /** Spans came again and were recognised. */
  void repeated(int spans);

  /** A call to a peer ended, well or not, after so many seconds. */
  void forwardCall(String peerId, String outcome, double seconds);

  /** Parts took a step on their way to peers. */
  void forwardStep(ForwardStep step, int parts);

  /** A peer's circuit has opened, or closed again: once for each change. */
  void circuit(String peerId, boolean open);

  /** The owner table changed: number of members (self included) and the table's hash. */
  void table(int peers, String hash);

  /** A request or a peer's call came by another table than ours. */
  void tableMismatch();

  /**
   * Spans that a peer sent by another table than ours were kept here, though by ours another peer
   * owns their traces, which may now be on two nodes. They are in {@link #kept} as well.
   */
  void lateOwner(int spans);

  /**
   * Registers a gauge that is read at scrape time; {@code tags} are name, value, name, value. The
   * same name and tags again replace the value that is read.
   */
  void gauge(String name, String help, DoubleSupplier value, String... tags);

  /** Takes a gauge out again: it has no series any more. */
  default void forgetGauge(String name, String... tags) {}

  /** Counts one event of a rarer kind; {@code tags} are name, value, name, value. */
  default void count(String name, String help, String... tags) {
    count(name, help, 1, tags);
  }

  /** Counts so many; with none the counter stands at what it was, at 0 in the beginning. */
  void count(String name, String help, long times, String... tags);

  /** How a request came in. */
  enum Protocol {
    /** OTLP/gRPC on the ingest port. */
    GRPC,
    /** OTLP/HTTP with protobuf. */
    HTTP_PROTOBUF,
    /** OTLP/HTTP with JSON. */
    HTTP_JSON,
    /** OTLP/gRPC on the peer port. */
    PEER
  }
}
