package io.homespan.metrics;

/**
 * Why spans were given back to their sender, who may send them again. The name in lower case is the
 * label of {@code homespan_spans_refused_total}.
 */
public enum RefuseReason {
  /** No answer in time: {@code ingest.request_timeout} or the sender's own deadline ended. */
  TIMEOUT,
  /** A peer, this node's backlog for a peer, or the sink has no room. */
  FULL,
  /** A gateway can reach no receiver that takes them. */
  NO_RECEIVER,
  /** The node is going; what it could not deliver goes back. */
  CLOSING,
  /** A fault of ours; the log has its stack trace. */
  ERROR
}
