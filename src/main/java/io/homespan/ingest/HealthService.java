package io.homespan.ingest;

import com.google.protobuf.CodedInputStream;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.grpc.common.GrpcMessageDecoder;
import io.vertx.grpc.common.GrpcMessageEncoder;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.common.ServiceMethod;
import io.vertx.grpc.common.ServiceName;
import io.vertx.grpc.server.GrpcServer;
import io.vertx.grpc.server.GrpcServerRequest;
import java.io.IOException;
import java.util.function.BooleanSupplier;

/** {@code grpc.health.v1.Health/Check} for balancers that speak gRPC. Watch is not implemented. */
final class HealthService implements Handler<HttpServerRequest> {
  private static final String SERVICE = "grpc.health.v1.Health";
  private static final String TRACES = "opentelemetry.proto.collector.trace.v1.TraceService";
  private static final int SERVICE_TAG = 1 << 3 | 2;
  private static final Buffer SERVING = Buffer.buffer(new byte[] {8, 1});
  private static final Buffer NOT_SERVING = Buffer.buffer(new byte[] {8, 2});

  private final GrpcServer server;
  private final BooleanSupplier serving;

  HealthService(Vertx vertx, BooleanSupplier serving) {
    this.serving = serving;
    this.server = GrpcServer.server(vertx);
    server.callHandler(
        ServiceMethod.server(
            ServiceName.create(SERVICE),
            "Check",
            GrpcMessageEncoder.IDENTITY,
            GrpcMessageDecoder.IDENTITY),
        this::check);
  }

  static boolean serves(String path) {
    return path.startsWith("/" + SERVICE + "/");
  }

  @Override
  public void handle(HttpServerRequest request) {
    server.handle(request);
  }

  private void check(GrpcServerRequest<Buffer, Buffer> request) {
    OneMessage.of(
        request,
        message -> {
          String asked = service(message);
          if (asked.isEmpty() || asked.equals(TRACES)) {
            request.response().end(serving.getAsBoolean() ? SERVING : NOT_SERVING);
          } else {
            request.response().status(GrpcStatus.NOT_FOUND).end();
          }
        });
  }

  private static String service(Buffer message) {
    CodedInputStream in = CodedInputStream.newInstance(message.getBytes());
    try {
      String service = "";
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        if (tag == SERVICE_TAG) service = in.readStringRequireUtf8();
        else in.skipField(tag);
      }
      return service;
    } catch (IOException e) {
      return "?"; // a service nobody knows
    }
  }
}
