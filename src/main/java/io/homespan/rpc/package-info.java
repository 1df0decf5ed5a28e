/**
 * Unary gRPC, raw bytes in and out: framing, status, deadlines, retry hints. It knows no message.
 *
 * <p>{@code UnaryServer} answers, on Vert.x's HTTP server. {@code UnaryClient} calls: a {@code
 * Connection} to each server, on Vert.x's event loop, opened by {@code Dialer}; each {@code Call}
 * gathers its answer into a {@code Reply}; a {@code Message} writes itself into the memory that
 * goes to the socket.
 *
 * <p>The calling side speaks HTTP/2 itself, since a general codec makes a stream, two promises and
 * several buffers of each call, and calls here are all alike: {@code FrameReader} takes apart what
 * comes, {@code Outbox} writes the frames of a turn of the event loop side by side, {@code
 * RequestHeads} and {@code AnswerHeads} write and read header blocks that are the same bytes nearly
 * every time, {@code Deadlines} has one timer for all calls.
 */
@NullMarked
package io.homespan.rpc;

import org.jspecify.annotations.NullMarked;
