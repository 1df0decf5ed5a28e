package io.homespan.ingest;

import io.homespan.metrics.Metrics;
import io.homespan.metrics.Metrics.Protocol;
import io.homespan.rpc.GrpcCode;
import io.homespan.rpc.Incoming;
import io.vertx.core.buffer.Buffer;

/** To a gRPC call, of a sender or of a peer. */
record GrpcAnswer(Incoming call, Protocol protocol, Metrics metrics) implements Answer {
  @Override
  public void accepted(Verdict verdict) {
    message(Answer.message(verdict));
  }

  /** OK with this message. */
  void message(Buffer message) {
    call.answer(message);
    metrics.request(protocol, "OK");
  }

  @Override
  public void rejected(Rejection rejection) {
    boolean heard = !isClosed();
    call.refuse(rejection.grpc(), rejection.text(), rejection.retryAfter());
    metrics.request(protocol, heard ? GrpcCode.name(rejection.grpc()) : "CANCELLED");
  }

  @Override
  public boolean isClosed() {
    return call.isClosed();
  }

  @Override
  public void spent() {
    call.spent();
  }
}
