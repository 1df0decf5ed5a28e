/**
 * Unary gRPC on Vert.x's HTTP, raw bytes in and out: framing, status, deadlines, retry hints. It
 * knows no message.
 */
@NullMarked
package io.homespan.rpc;

import org.jspecify.annotations.NullMarked;
