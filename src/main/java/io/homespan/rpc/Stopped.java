package io.homespan.rpc;

import static io.netty.handler.codec.http2.Http2Error.FLOW_CONTROL_ERROR;
import static io.netty.handler.codec.http2.Http2Exception.connectionError;

import io.netty.handler.codec.http2.Http2Exception;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The streams of a connection that were reset here while their messages came, the newest of them:
 * what was on its way is passed over in silence (RFC 9113, section 5.1), as far as their windows
 * went. Belongs to one event loop.
 */
final class Stopped {
  private final int most;
  private @Nullable Map<Integer, Integer> windows; // by stream; few connections have any

  /**
   * @param most that are remembered
   */
  Stopped(int most) {
    this.most = most;
  }

  /**
   * One more.
   *
   * @param window bytes that may be on their way
   */
  void add(int stream, int window) {
    Map<Integer, Integer> all = windows;
    if (all == null) {
      all = new LinkedHashMap<>();
      windows = all;
    }
    all.put(stream, window);
    if (all.size() > most) all.remove(all.keySet().iterator().next());
  }

  boolean has(int stream) {
    return windows != null && windows.containsKey(stream);
  }

  /** Whether it was one of them; nothing more comes on it. */
  boolean remove(int stream) {
    return windows != null && windows.remove(stream) != null;
  }

  /** So many bytes more. */
  void came(int stream, int bytes) throws Http2Exception {
    if (windows == null) return;
    Integer left = windows.get(stream);
    if (left == null) return;
    if (bytes > left) throw connectionError(FLOW_CONTROL_ERROR, "more than the window");
    windows.put(stream, left - bytes);
  }
}
