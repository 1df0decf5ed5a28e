package io.homespan.report;

import io.homespan.heartbeat.Measurement;
import io.vertx.core.json.JsonObject;

/** A result as JSON, compact, in UTF-8. */
final class Records {
  /** Of what {@link #v1} writes. */
  static final int VERSION = 1;

  /** The agents write a time into 32 bits. */
  private static final long LONGEST = 0xffff_ffffL;

  private Records() {}

  /** All that is known. The agents' four fields come first, so that who reads theirs reads ours. */
  static byte[] v1(Measurement what) {
    return new JsonObject()
        .put("fromHostAddr", what.fromAddress())
        .put("toHostAddr", what.toAddress())
        .put("responseTiming", timing(what))
        .put("isTransmissionSuccess", what.isOk())
        .put("v", VERSION)
        .put("ts", what.atMillis())
        .put("seq", what.sequence())
        .put("kind", what.probe().word())
        .put("connectNs", what.connectNanos())
        .put("rttNs", what.roundTripNanos())
        .put("outcome", what.outcome().word())
        .put("synRetransmits", what.synRetransmits())
        .put("bytes", what.bytes())
        .put("fromId", what.from().id())
        .put("toId", what.to().id())
        .put("fromZone", what.from().zone())
        .put("toZone", what.to().zone())
        .put("generation", what.generation())
        .toBuffer()
        .getBytes();
  }

  /**
   * To the byte what a Distributed-trace agent writes: what is empty, zero or false is left out.
   */
  static byte[] agent(Measurement what) {
    JsonObject json = new JsonObject();
    if (!what.fromAddress().isEmpty()) json.put("fromHostAddr", what.fromAddress());
    if (!what.toAddress().isEmpty()) json.put("toHostAddr", what.toAddress());
    if (what.isOk() && timing(what) > 0) json.put("responseTiming", timing(what));
    if (what.isOk()) json.put("isTransmissionSuccess", true);
    return json.toBuffer().getBytes();
  }

  private static long timing(Measurement what) {
    return Math.max(0, Math.min(LONGEST, what.roundTripNanos()));
  }
}
