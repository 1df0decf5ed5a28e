package io.homespan.ingest;

import io.homespan.bus.MeshQuestion;
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
import java.util.Set;
import java.util.function.Function;

/**
 * Answers the probes of the ping mesh on the peer port, whether or not this node measures itself:
 * an empty message for an empty message, a payload for the same payload, and this node's row as
 * JSON. {@code message.WorkerService/PingNode} is the ping of the Distributed-trace agent, which is
 * answered as that agent does: with true.
 */
final class MeshService implements Handler<HttpServerRequest> {
  private static final String PACKAGE = "homespan.v1";
  private static final String PING_NODE = "/message.WorkerService/PingNode";

  /** All that it answers. */
  static final Set<String> PATHS =
      Set.of(
          "/homespan.v1.Mesh/Ping", "/homespan.v1.Mesh/Echo", "/homespan.v1.Mesh/Row", PING_NODE);

  /** The largest payload, and room. */
  private static final int MAX_MESSAGE = (64 << 10) + 1024;

  private static final int MAX_WINDOW_SECONDS = 3600;
  private static final Duration ROW_LIMIT = Duration.ofSeconds(2);

  /** {@code PingMsgResp{isSuccess: true}}. */
  private static final Buffer SUCCESS = Buffer.buffer(new byte[] {0x08, 0x01});

  private final Vertx vertx;
  private final GrpcServer server;

  MeshService(Vertx vertx) {
    this.vertx = vertx;
    this.server = GrpcServer.server(vertx, new GrpcServerOptions().setMaxMessageSize(MAX_MESSAGE));
    answer(ServiceName.create(PACKAGE, "Mesh"), "Ping", none -> Future.succeededFuture(none));
    answer(ServiceName.create(PACKAGE, "Mesh"), "Echo", same -> Future.succeededFuture(same));
    answer(ServiceName.create(PACKAGE, "Mesh"), "Row", this::row);
    answer(
        ServiceName.create("message", "WorkerService"),
        "PingNode",
        whom -> Future.succeededFuture(SUCCESS));
  }

  @Override
  public void handle(HttpServerRequest request) {
    server.handle(request);
  }

  private void answer(
      ServiceName service, String method, Function<Buffer, Future<Buffer>> answerer) {
    server.callHandler(
        ServiceMethod.server(
            service, method, GrpcMessageEncoder.IDENTITY, GrpcMessageDecoder.IDENTITY),
        request ->
            OneMessage.of(
                request,
                message ->
                    answerer
                        .apply(message)
                        .onSuccess(
                            answer -> IdentityService.ended(() -> request.response().end(answer)))
                        .onFailure(cause -> refuse(request, cause))));
  }

  private Future<Buffer> row(Buffer question) {
    long seconds;
    try {
      seconds = new JsonObject(question).getLong("window_seconds", 60L);
    } catch (DecodeException | ClassCastException | NullPointerException e) {
      return Future.failedFuture(new IllegalArgumentException("not a JSON object with numbers"));
    }
    Duration window = Duration.ofSeconds(Math.max(1, Math.min(MAX_WINDOW_SECONDS, seconds)));
    return Topics.MESH_ROW.ask(vertx, new MeshQuestion(window), ROW_LIMIT.toMillis());
  }

  private static void refuse(GrpcServerRequest<Buffer, Buffer> request, Throwable cause) {
    boolean theirs = cause instanceof IllegalArgumentException;
    IdentityService.refuse(
        request,
        theirs ? GrpcStatus.INVALID_ARGUMENT : GrpcStatus.UNAVAILABLE,
        theirs
            ? String.valueOf(cause.getMessage())
            : "this node measures nothing: heartbeat is off");
  }
}
