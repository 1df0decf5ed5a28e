package io.homespan.rpc;

import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.ReadOnlyHttp2Headers;
import io.netty.util.AsciiString;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The headers of calls to one server. Those of the last call are kept, as the next one mostly has
 * the same. Belongs to one event loop.
 */
final class RequestHeads {
  private static final AsciiString POST = AsciiString.cached("POST");
  private static final AsciiString HTTP = AsciiString.cached("http");
  private static final AsciiString CONTENT_TYPE = AsciiString.cached("content-type");
  private static final AsciiString GRPC = AsciiString.cached("application/grpc");
  private static final AsciiString TE = AsciiString.cached("te");
  private static final AsciiString TRAILERS = AsciiString.cached("trailers");
  private static final AsciiString TIMEOUT = AsciiString.cached("grpc-timeout");

  private final AsciiString authority;
  private String fullMethod = "";
  private @Nullable Map<String, String> metadata;
  private long timeoutMillis;
  private Http2Headers last = ReadOnlyHttp2Headers.trailers(false);

  RequestHeads(String host, int port) {
    boolean v6 = host.indexOf(':') >= 0;
    this.authority = AsciiString.of((v6 ? "[" + host + "]" : host) + ":" + port);
  }

  Http2Headers of(Call call) {
    boolean same =
        call.metadata == metadata
            && call.timeoutMillis == timeoutMillis
            && call.fullMethod.equals(fullMethod);
    if (same) return last;
    AsciiString[] others = new AsciiString[6 + 2 * call.metadata.size()];
    int at = 0;
    others[at++] = CONTENT_TYPE;
    others[at++] = GRPC;
    others[at++] = TE;
    others[at++] = TRAILERS;
    others[at++] = TIMEOUT;
    others[at++] = AsciiString.of(call.timeoutMillis + "m");
    for (Map.Entry<String, String> one : call.metadata.entrySet()) {
      others[at++] = AsciiString.of(one.getKey());
      others[at++] = AsciiString.of(one.getValue());
    }
    fullMethod = call.fullMethod;
    metadata = call.metadata;
    timeoutMillis = call.timeoutMillis;
    last =
        ReadOnlyHttp2Headers.clientHeaders(
            false, POST, AsciiString.of(fullMethod), HTTP, authority, others);
    return last;
  }
}
