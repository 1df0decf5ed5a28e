package io.homespan.rpc;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What still comes of a request after an answer that did not wait for it: nobody wants it, so who
 * calls must not push on for as long as it likes. Belongs to one event loop.
 */
public final class Remainder {
  /**
   * Bytes that are read all the same, so that a caller keeps its connection or hears the answer.
   */
  static final int MOST = 1 << 20;

  /** For an answer to be read before its connection ends. */
  private static final long LINGER_MILLIS = 1000;

  private static final long UNKNOWN = Long.MAX_VALUE;

  private final HttpServerRequest request;
  private long bytes;

  private Remainder(HttpServerRequest request) {
    this.request = request;
  }

  /**
   * To be called right before a request is answered whose body is perhaps not here. HTTP/2 has a
   * way to stop a stream (RFC 9113, section 8.1); of HTTP/1 the connection ends, if much would
   * come.
   */
  public static void unread(HttpServerRequest request) {
    if (request.isEnded()) return;
    Remainder rest = new Remainder(request);
    if (request.version() == HttpVersion.HTTP_2) {
      request.handler(more -> rest.stop(more.length()));
      return;
    }
    if (announced(request) <= MOST) return;
    request.handler(more -> rest.pause(more.length()));
    request.response().putHeader("connection", "close");
    request.connection().shutdown(LINGER_MILLIS, TimeUnit.MILLISECONDS).onFailure(gone -> {});
  }

  private static long announced(HttpServerRequest request) {
    if (request.getHeader("transfer-encoding") != null) return UNKNOWN;
    return length(request.getHeader("content-length"));
  }

  private static long length(@Nullable String contentLength) {
    try {
      return contentLength == null ? 0 : Long.parseLong(contentLength);
    } catch (NumberFormatException e) {
      return UNKNOWN;
    }
  }

  private void stop(int more) {
    boolean before = bytes <= MOST;
    bytes += more;
    if (!before || bytes <= MOST) return;
    request.response().reset(0).onFailure(gone -> {}); // NO_ERROR
  }

  private void pause(int more) {
    bytes += more;
    if (bytes > MOST) request.pause();
  }
}
