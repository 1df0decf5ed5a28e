/**
 * Unary gRPC, raw bytes in and out: framing, status, deadlines, retry hints. It knows no message.
 *
 * <p>{@code UnaryServer} answers, on Vert.x's HTTP server. {@code UnaryClient} calls: a {@code
 * Connection} to each server, on Netty's HTTP/2 codec and Vert.x's event loop, opened by {@code
 * Dialer}; each {@code Call} gathers its answer into a {@code Reply}; a {@code Message} writes
 * itself into the memory that goes to the socket.
 */
@NullMarked
package io.homespan.rpc;

import org.jspecify.annotations.NullMarked;
