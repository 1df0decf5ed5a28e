/**
 * Unary gRPC, raw bytes in and out: framing, status, deadlines, retry hints. It knows no message.
 *
 * <p>Calls come in by a {@code CallServer}: Vert.x's HTTP server with a {@code CallLane} on each
 * connection, which takes the calls of one method out of the frames and lets all else go on to
 * Vert.x; {@code Answers} brings what is answered back, by the caller's windows. Each {@code
 * Incoming} call gathers its message in memory that {@code Bodies} lends; its {@code Caller} is the
 * connection. {@code UnaryServer} has what is said of a call, whoever says it. Who is refused is
 * not read on: {@code Stopped} knows the streams of calls, {@code Remainder} sees to Vert.x's.
 *
 * <p>{@code UnaryClient} calls: a {@code Connection} to each server, on Vert.x's event loop, opened
 * by {@code Dialer}; each {@code Call} gathers its answer into a {@code Reply}; a {@code Message}
 * writes itself into the memory that goes to the socket.
 *
 * <p>Both sides speak HTTP/2 themselves, since a general codec makes a stream, promises and several
 * buffers of each call, and calls here are all alike: {@code FrameReader} takes apart what comes
 * from a server, {@code Outbox} writes the frames of a turn of the event loop side by side, {@code
 * RequestHeads} writes header blocks that are the same bytes nearly every time, {@code KnownBlocks}
 * remembers what such bytes mean, {@code Deadlines} has one timer for all calls.
 */
@NullMarked
package io.homespan.rpc;

import org.jspecify.annotations.NullMarked;
