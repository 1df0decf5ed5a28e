package io.homespan.rpc;

import io.netty.handler.codec.http2.Http2Headers;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What the headers say that open a stream.
 *
 * @param headers all of them
 * @param path null if it is no gRPC call
 * @param timeout by {@code grpc-timeout}, or null
 */
record Opening(Http2Headers headers, @Nullable String path, @Nullable Duration timeout) {
  static Opening of(Http2Headers headers) {
    CharSequence type = headers.get("content-type");
    boolean call =
        "POST".contentEquals(text(headers.method()))
            && type != null
            && UnaryServer.isCall(type.toString());
    CharSequence timeout = headers.get("grpc-timeout");
    return new Opening(
        headers,
        call ? text(headers.path()).toString() : null,
        timeout == null ? null : UnaryServer.timeout(timeout.toString()));
  }

  /** The same headers as a block that needs no table and leaves none behind. */
  byte[] block() {
    HeaderBlock block = new HeaderBlock();
    headers.forEach(
        one -> block.literal(false, one.getKey().toString(), one.getValue().toString()));
    return block.toByteArray();
  }

  private static CharSequence text(@Nullable CharSequence header) {
    return header == null ? "" : header;
  }
}
