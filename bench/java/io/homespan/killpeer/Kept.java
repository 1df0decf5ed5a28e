package io.homespan.killpeer;

import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.collector.trace.v1.TraceServiceGrpc;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The backends of all nodes: which span was kept by whom, how often, and when. */
final class Kept {
  private final List<Backend> backends = new ArrayList<>();
  private final List<Integer> ports = new ArrayList<>();

  Kept(int nodes) throws IOException {
    InetAddress here = InetAddress.getLoopbackAddress();
    for (int i = 0; i < nodes; i++) {
      Backend backend = new Backend();
      backends.add(backend);
      ports.add(
          NettyServerBuilder.forAddress(new InetSocketAddress(here, 0))
              .addService(backend)
              .maxInboundMessageSize(64 << 20)
              .build()
              .start()
              .getPort());
    }
  }

  List<Integer> ports() {
    return ports;
  }

  /** Forgets what was; spans are numbered from 0 again. */
  void begin() {
    for (Backend backend : backends) backend.begin();
  }

  /** How often each of so many spans was kept at a node. */
  byte[] timesAt(int node, int spans) {
    return backends.get(node).times(spans);
  }

  /** When each of so many spans first came to a node, by the nanosecond clock; 0: never. */
  long[] firstAt(int node, int spans) {
    return backends.get(node).first(spans);
  }

  private static final class Backend extends TraceServiceGrpc.TraceServiceImplBase {
    private byte[] times = {};
    private long[] first = {};

    synchronized void begin() {
      times = new byte[1 << 16];
      first = new long[1 << 16];
    }

    synchronized byte[] times(int spans) {
      return Arrays.copyOf(times, spans);
    }

    synchronized long[] first(int spans) {
      return Arrays.copyOf(first, spans);
    }

    @Override
    public void export(
        ExportTraceServiceRequest request, StreamObserver<ExportTraceServiceResponse> to) {
      writeDown(request, System.nanoTime());
      to.onNext(ExportTraceServiceResponse.getDefaultInstance());
      to.onCompleted();
    }

    private synchronized void writeDown(ExportTraceServiceRequest request, long now) {
      for (ResourceSpans resource : request.getResourceSpansList()) {
        for (ScopeSpans scope : resource.getScopeSpansList()) {
          for (Span span : scope.getSpansList()) {
            int number = (int) span.getSpanId().asReadOnlyByteBuffer().getLong() - 1;
            if (number >= times.length) {
              times = Arrays.copyOf(times, 2 * Math.max(times.length, number));
              first = Arrays.copyOf(first, times.length);
            }
            if (times[number] < Byte.MAX_VALUE) times[number]++;
            if (first[number] == 0) first[number] = now;
          }
        }
      }
    }
  }
}
