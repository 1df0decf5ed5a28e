/**
 * Receives spans on two ports, admits or refuses them, cuts requests by owner, hands the parts over
 * and answers when all of them have their fate.
 *
 * <p>In: OTLP/gRPC and OTLP/HTTP on the ingest port; calls of peers on the peer port. Out: {@code
 * Keep} and {@code Forward} on the bus, and the answer to whoever called. What came from a peer is
 * kept, never forwarded again; labels of parts are believed on the peer port alone. This package
 * books every span that it cut, by the fates that come back; it does not decide where an
 * unreachable peer's spans go, nor how they are kept.
 *
 * <p>With {@code acknowledge: stored} a sender's request goes to the journal instead, by {@code
 * spans.store}, and comes back by {@code journal.deliver} to be cut and handed over.
 *
 * <p>The path of a request: {@code IngestVerticle} or {@code PeerVerticle} tells calls apart,
 * {@code Intake} reads a body under {@code Admission}, {@code Delivery} cuts and hands over, {@code
 * Verdict} says what the fates mean for who called, {@code Answer} writes it in the caller's
 * protocol. Before {@code Admission} refuses for want of room, a {@code Valve} stops reading from
 * {@code Callers} for moments.
 */
@NullMarked
package io.homespan.ingest;

import org.jspecify.annotations.NullMarked;
