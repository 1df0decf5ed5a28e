package io.homespan.ingest;

import io.homespan.bus.Topics;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import io.vertx.grpc.common.GrpcMessageDecoder;
import io.vertx.grpc.common.GrpcMessageEncoder;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.common.ServiceMethod;
import io.vertx.grpc.common.ServiceName;
import io.vertx.grpc.server.GrpcServer;
import io.vertx.grpc.server.GrpcServerOptions;
import io.vertx.grpc.server.GrpcServerRequest;
import java.time.Duration;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes identity exchanges on the peer port and lets discovery answer them. */
final class IdentityService implements Handler<HttpServerRequest> {
  static final String PATH = "/homespan.v1.Identity/Exchange";

  private static final Logger LOG = LoggerFactory.getLogger(IdentityService.class);
  private static final int MAX_MESSAGE = 4 << 20; // thousands of members

  private final Vertx vertx;
  private final Duration timeout;
  private final GrpcServer server;

  IdentityService(Vertx vertx, Duration timeout) {
    this.vertx = vertx;
    this.timeout = timeout;
    this.server = GrpcServer.server(vertx, new GrpcServerOptions().setMaxMessageSize(MAX_MESSAGE));
    server.callHandler(
        ServiceMethod.server(
            ServiceName.create("homespan.v1", "Identity"),
            "Exchange",
            GrpcMessageEncoder.IDENTITY,
            GrpcMessageDecoder.IDENTITY),
        this::exchange);
  }

  @Override
  public void handle(HttpServerRequest request) {
    server.handle(request);
  }

  private void exchange(GrpcServerRequest<Buffer, Buffer> request) {
    OneMessage.of(
        request,
        message -> {
          JsonObject hello;
          try {
            hello = new JsonObject(message);
          } catch (DecodeException e) {
            refuse(request, GrpcStatus.INVALID_ARGUMENT, "not a JSON object");
            return;
          }
          Topics.IDENTITY_EXCHANGE
              .ask(vertx, hello, timeout.toMillis())
              .onComplete(
                  answer -> ended(() -> request.response().end(answer.toBuffer())),
                  cause -> refuse(request, GrpcStatus.UNAVAILABLE, "discovery does not answer"));
        });
  }

  static void refuse(GrpcServerRequest<Buffer, Buffer> request, GrpcStatus status, String message) {
    ended(() -> request.response().status(status).statusMessage(message).end());
  }

  /** Who called may have given up meanwhile; then the stream throws, or the write fails. */
  static void ended(Supplier<Future<Void>> writing) {
    Future.succeededFuture()
        .compose(go -> writing.get())
        .onFailure(cause -> LOG.debug("an identity was not told cause={}", cause.toString()));
  }
}
