package io.homespan.ingest;

import io.homespan.metrics.Metrics;
import io.homespan.metrics.Metrics.Protocol;
import io.homespan.rpc.GrpcCode;
import io.homespan.rpc.UnaryServer;
import io.vertx.core.Future;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.concurrent.TimeUnit;

/** What the ingest port and the peer port have in common. */
final class Ports {
  private static final int STREAM_WINDOW = 1 << 20;

  /** Wide, as one stream that is not read must not stop the others of its connection. */
  private static final int CONNECTION_WINDOW = 16 << 20;

  private static final int STREAMS = 1024;
  private static final int IDLE_SECONDS = 300;

  private Ports() {}

  static HttpServerOptions options() {
    return new HttpServerOptions()
        .setHttp2ClearTextEnabled(true)
        .setHandle100ContinueAutomatically(true)
        .setInitialSettings(
            new Http2Settings()
                .setInitialWindowSize(STREAM_WINDOW)
                .setMaxConcurrentStreams(STREAMS))
        .setHttp2ConnectionWindowSize(CONNECTION_WINDOW)
        // callers whose deadline ends reset their streams, all at once when we are slow
        .setHttp2RstFloodMaxRstFramePerWindow(10_000)
        .setHttp2RstFloodWindowDuration(30)
        .setHttp2RstFloodWindowDurationTimeUnit(TimeUnit.SECONDS)
        .setIdleTimeout(IDLE_SECONDS);
  }

  /** Whether it is a gRPC call; HTTP/1 has no trailers that would tell how one ended. */
  static boolean isCall(HttpServerRequest request) {
    return UnaryServer.isCall(request.getHeader("content-type"))
        && request.version() == HttpVersion.HTTP_2
        && HttpMethod.POST.equals(request.method());
  }

  /** To a call that nobody here answers. */
  static void unsupported(HttpServerRequest request, Protocol protocol, Metrics metrics) {
    String path = request.path();
    String why =
        IngestVerticle.EXPORT.equals(path)
            ? "gRPC is HTTP/2 from the first byte on, without an upgrade"
            : "no method " + path + " here";
    Rejection rejection = Rejection.unsupported(why);
    UnaryServer.refuse(request, rejection.grpc(), rejection.text(), null);
    metrics.request(protocol, GrpcCode.name(rejection.grpc()));
  }

  static Future<HttpServer> listen(HttpServer server, String name, String host, int port) {
    return server
        .listen(port, host)
        .recover(
            cause ->
                Future.failedFuture(
                    new IllegalStateException(
                        "cannot listen on "
                            + name
                            + " "
                            + host
                            + ":"
                            + port
                            + ": "
                            + cause.getMessage(),
                        cause)));
  }
}
