package io.homespan.metrics;

/**
 * What became of a part that was to go to a peer: one for each row of the table of delivery in the
 * design. The name in lower case is the label of {@code homespan_forward_steps_total}, which counts
 * parts. A part takes several steps when it is tried again.
 */
public enum ForwardStep {
  /** The peer has it. */
  CONFIRMED,
  /** The call may have arrived, or not: the same peer is asked once more, by the same id. */
  AGAIN,
  /** The peer is full: it is asked again when its hint is over. */
  AFTER_HINT,
  /** The call was refused for its data: the same peer once more, without the call's other parts. */
  ALONE,
  /** It was too large, alone: the same peer at once, in two halves. */
  HALVED,
  /** The peer can't be reached, or not after a second call: the next in the order. */
  NEXT,
  /** The peer's circuit is open: the next in the order, without a call. */
  PASSED_OVER,
  /** Refused for its data, alone: lost for good, and the sender told. */
  REJECTED,
  /** The peer's hint is longer than the sender waits, or its backlog is full: given back. */
  FULL,
  /** Time is up: given back. */
  LATE
}
