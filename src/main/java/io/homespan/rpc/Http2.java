package io.homespan.rpc;

import io.netty.handler.codec.http2.DefaultHttp2RemoteFlowController;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2ConnectionHandlerBuilder;
import io.netty.handler.codec.http2.Http2FrameListener;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.UniformStreamByteDistributor;

/** How Netty's HTTP/2 codec is set up for calls. */
final class Http2 {
  private Http2() {}

  /** The calling side of a connection. Streams beyond what the server allows wait their turn. */
  static Http2ConnectionHandler client(Http2Connection connection, Http2FrameListener listener) {
    connection
        .remote()
        .flowController(
            // all calls weigh the same; the default's tree of priorities costs more than HPACK
            new DefaultHttp2RemoteFlowController(
                connection, new UniformStreamByteDistributor(connection)));
    return new Http2ConnectionHandlerBuilder()
        .connection(connection)
        .frameListener(listener)
        .initialSettings(Http2Settings.defaultSettings().pushEnabled(false))
        .encoderEnforceMaxConcurrentStreams(true)
        .encoderEnforceMaxRstFramesPerWindow(0, 0) // deadlines may end many calls at once
        .gracefulShutdownTimeoutMillis(0)
        .build();
  }
}
