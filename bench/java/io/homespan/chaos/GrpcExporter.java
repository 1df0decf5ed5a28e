package io.homespan.chaos;

import com.google.rpc.RetryInfo;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.StreamObserver;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.collector.trace.v1.TraceServiceGrpc;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** grpc-java's generated client, as services without an SDK use it. */
final class GrpcExporter implements Exporter {
  private static final Set<Status.Code> AGAIN =
      Set.of(
          Status.Code.CANCELLED,
          Status.Code.DEADLINE_EXCEEDED,
          Status.Code.ABORTED,
          Status.Code.OUT_OF_RANGE,
          Status.Code.UNAVAILABLE,
          Status.Code.DATA_LOSS);

  private final boolean gzip;
  private final long deadlineMillis;
  private final Map<String, ManagedChannel> channels = new ConcurrentHashMap<>();

  GrpcExporter(boolean gzip, long deadlineMillis) {
    this.gzip = gzip;
    this.deadlineMillis = deadlineMillis;
  }

  @Override
  public String name() {
    return "grpc-java" + (gzip ? ", gzip" : "") + ", " + deadlineMillis / 1000 + " s";
  }

  @Override
  public CompletableFuture<Result> send(String address, Batch batch) {
    ManagedChannel channel = channels.computeIfAbsent(address, GrpcExporter::channel);
    TraceServiceGrpc.TraceServiceStub stub =
        TraceServiceGrpc.newStub(channel).withDeadlineAfter(deadlineMillis, TimeUnit.MILLISECONDS);
    if (gzip) stub = stub.withCompression("gzip");
    CompletableFuture<Result> result = new CompletableFuture<>();
    stub.export(batch.message(), new Listener(result));
    return result;
  }

  private static ManagedChannel channel(String address) {
    return NettyChannelBuilder.forAddress(Commands.host(address), Commands.port(address))
        .usePlaintext()
        .build();
  }

  private static final class Listener implements StreamObserver<ExportTraceServiceResponse> {
    private final CompletableFuture<Result> result;
    private long rejected = -1; // nothing came

    Listener(CompletableFuture<Result> result) {
      this.result = result;
    }

    @Override
    public void onNext(ExportTraceServiceResponse answer) {
      rejected = answer.getPartialSuccess().getRejectedSpans();
    }

    @Override
    public void onCompleted() {
      result.complete(
          rejected < 0
              ? new Result(End.FINAL, "OK without an answer", 0, 0)
              : new Result(End.OK, "OK", 0, rejected));
    }

    @Override
    public void onError(Throwable error) {
      Status status = Status.fromThrowable(error);
      long hint = hint(error);
      String detail = status.getCode() + (hint > 0 ? " + hint" : "");
      boolean exhausted = status.getCode() == Status.Code.RESOURCE_EXHAUSTED;
      if (hint > 0 && (exhausted || AGAIN.contains(status.getCode()))) {
        result.complete(new Result(End.REFUSED, detail, hint, 0));
      } else if (AGAIN.contains(status.getCode())) {
        result.complete(new Result(End.UNKNOWN, detail, 0, 0));
      } else {
        String why = detail + " " + status.getDescription();
        result.complete(new Result(End.FINAL, why, 0, 0));
      }
    }

    private static long hint(Throwable error) {
      com.google.rpc.Status status = StatusProto.fromThrowable(error);
      if (status == null) return 0;
      for (com.google.protobuf.Any detail : status.getDetailsList()) {
        if (!detail.is(RetryInfo.class)) continue;
        try {
          var delay = detail.unpack(RetryInfo.class).getRetryDelay();
          return Math.max(1, delay.getSeconds() * 1000 + delay.getNanos() / 1_000_000);
        } catch (com.google.protobuf.InvalidProtocolBufferException e) {
          return 0;
        }
      }
      return 0;
    }
  }
}
