package io.homespan.heartbeat;

/**
 * What one probe found.
 *
 * @param from the measuring node's id and zone
 * @param to the peer's id and zone
 * @param fromAddress "host:port" of the measuring node's peer port, as the peer is told
 * @param toAddress "host:port" that was probed
 * @param sequence counts the probes of this node, from 1
 * @param atMillis when it began, in milliseconds of the wall clock
 * @param connectNanos until the connection was open; 0 if an open one was used, or none was got
 * @param roundTripNanos from the question to its answer; for {@link Probe#TCP} as connectNanos. 0
 *     unless the outcome is {@link Outcome#OK}
 * @param synRetransmits how many SYNs (or their answers) were surely lost, by {@link SynSignature}
 * @param bytes of payload, one way
 * @param generation of the membership that it was made by
 */
public record Measurement(
    Place from,
    Place to,
    String fromAddress,
    String toAddress,
    Probe probe,
    long sequence,
    long atMillis,
    long connectNanos,
    long roundTripNanos,
    Outcome outcome,
    int synRetransmits,
    int bytes,
    long generation) {

  /** Who, and where: a peer id and a zone, or "". */
  public record Place(String id, String zone) {}

  /** Whether a node measured itself: what a probe takes where there is no network. */
  public boolean isBaseline() {
    return from.id().equals(to.id());
  }

  /** Whether there was an answer. */
  public boolean isOk() {
    return outcome == Outcome.OK;
  }
}
