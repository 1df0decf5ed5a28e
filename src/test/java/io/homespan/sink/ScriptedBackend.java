package io.homespan.sink;

import com.google.protobuf.Any;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.StreamObserver;
import io.opentelemetry.proto.collector.trace.v1.ExportTracePartialSuccess;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.collector.trace.v1.TraceServiceGrpc;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * An OTLP backend by grpc-java that answers each call as the script's next step says, and when the
 * script has ended as is usual: OK, unless it is told otherwise. It remembers what it has taken,
 * and every call.
 */
public final class ScriptedBackend extends TraceServiceGrpc.TraceServiceImplBase
    implements AutoCloseable {
  /** An answer to a call. */
  public interface Step {
    void answer(ExportTraceServiceRequest request, StreamObserver<ExportTraceServiceResponse> to);
  }

  public final List<ExportTraceServiceRequest> calls = new CopyOnWriteArrayList<>();
  public final List<ExportTraceServiceRequest> taken = new CopyOnWriteArrayList<>();
  private final ConcurrentLinkedQueue<Step> script = new ConcurrentLinkedQueue<>();
  private final Server server;
  private volatile Step usual = ok();

  /** Listens on 127.0.0.1; port 0: any. */
  public ScriptedBackend(int port) throws IOException {
    InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    server = NettyServerBuilder.forAddress(address).addService(this).build().start();
  }

  public int port() {
    return server.getPort();
  }

  public void then(Step step) {
    script.add(step);
  }

  /** What it does when no script is left. */
  public void usually(Step step) {
    usual = step;
  }

  public Step ok() {
    return (request, to) -> {
      taken.add(request);
      reply(to, ExportTraceServiceResponse.getDefaultInstance());
    };
  }

  public Step okRejecting(int spans, String why) {
    ExportTracePartialSuccess partial =
        ExportTracePartialSuccess.newBuilder().setRejectedSpans(spans).setErrorMessage(why).build();
    return (request, to) -> {
      taken.add(request);
      reply(to, ExportTraceServiceResponse.newBuilder().setPartialSuccess(partial).build());
    };
  }

  public static Step fail(io.grpc.Status status) {
    return (request, to) -> to.onError(status.asRuntimeException());
  }

  public static Step unavailableFor(int millis) {
    RetryInfo hint =
        RetryInfo.newBuilder()
            .setRetryDelay(com.google.protobuf.Duration.newBuilder().setNanos(millis * 1_000_000))
            .build();
    Status status =
        Status.newBuilder()
            .setCode(io.grpc.Status.Code.UNAVAILABLE.value())
            .setMessage("busy")
            .addDetails(Any.pack(hint))
            .build();
    return (request, to) -> to.onError(StatusProto.toStatusRuntimeException(status));
  }

  @Override
  public void export(
      ExportTraceServiceRequest request, StreamObserver<ExportTraceServiceResponse> to) {
    calls.add(request);
    Step step = script.poll();
    (step == null ? usual : step).answer(request, to);
  }

  private static void reply(
      StreamObserver<ExportTraceServiceResponse> to, ExportTraceServiceResponse response) {
    to.onNext(response);
    to.onCompleted();
  }

  @Override
  public void close() throws InterruptedException {
    server.shutdownNow().awaitTermination();
  }
}
