package io.homespan.ingest;

import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.server.GrpcServerRequest;
import org.jspecify.annotations.Nullable;

/** Waits for the end of a unary call that Vert.x's gRPC server reads, and for its one message. */
final class OneMessage {
  private final GrpcServerRequest<Buffer, Buffer> request;
  private @Nullable Buffer message;
  private int messages;

  private OneMessage(GrpcServerRequest<Buffer, Buffer> request) {
    this.request = request;
  }

  /** Calls the handler once, or answers the call itself if it has no message or several. */
  static void of(GrpcServerRequest<Buffer, Buffer> request, Handler<Buffer> handler) {
    OneMessage one = new OneMessage(request);
    request.handler(one::add);
    request.endHandler(end -> one.ended(handler));
  }

  private void add(Buffer next) {
    if (messages++ == 0) message = next;
  }

  private void ended(Handler<Buffer> handler) {
    if (messages == 1 && message != null) {
      handler.handle(message);
    } else {
      String wrong = messages == 0 ? "the call ended without a message" : "more than one message";
      request.response().status(GrpcStatus.INVALID_ARGUMENT).statusMessage(wrong).end();
    }
  }
}
