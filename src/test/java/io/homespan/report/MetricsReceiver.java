package io.homespan.report;

import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceResponse;
import io.opentelemetry.proto.collector.metrics.v1.MetricsServiceGrpc;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.Metric;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** An OTLP receiver of metrics by grpc-java. */
public final class MetricsReceiver extends MetricsServiceGrpc.MetricsServiceImplBase
    implements AutoCloseable {
  public final List<ExportMetricsServiceRequest> taken = new CopyOnWriteArrayList<>();
  private final Server server;
  private volatile CountDownLatch open = new CountDownLatch(0);

  /** Listens on 127.0.0.1; port 0: any. */
  public MetricsReceiver(int port) throws IOException {
    this(port, null, null);
  }

  /** The same with TLS. */
  public MetricsReceiver(int port, @Nullable File chain, @Nullable File key) throws IOException {
    InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    NettyServerBuilder builder = NettyServerBuilder.forAddress(address).addService(this);
    if (chain != null && key != null) {
      builder.sslContext(GrpcSslContexts.forServer(chain, key).build());
    }
    server = builder.build().start();
  }

  /** Takes, and answers nobody, until it is released. */
  public void hold() {
    open = new CountDownLatch(1);
  }

  /** Answers again, those that wait as well. */
  public void release() {
    open.countDown();
  }

  public int port() {
    return server.getPort();
  }

  @Override
  public void export(
      ExportMetricsServiceRequest request, StreamObserver<ExportMetricsServiceResponse> to) {
    taken.add(request);
    try {
      open.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    to.onNext(ExportMetricsServiceResponse.getDefaultInstance());
    to.onCompleted();
  }

  /** Counts of a histogram in the newest request that has it, by attributes. */
  public Map<String, Long> counts(String name) {
    Map<String, Long> counts = new TreeMap<>();
    for (ExportMetricsServiceRequest request : taken) {
      request.getResourceMetricsList().stream()
          .flatMap(resource -> resource.getScopeMetricsList().stream())
          .flatMap(scope -> scope.getMetricsList().stream())
          .filter(metric -> metric.getName().equals(name))
          .forEach(metric -> counts.putAll(counts(metric)));
    }
    return counts;
  }

  private static Map<String, Long> counts(Metric metric) {
    Map<String, Long> counts = new TreeMap<>();
    metric
        .getHistogram()
        .getDataPointsList()
        .forEach(point -> counts.put(text(point.getAttributesList()), point.getCount()));
    metric
        .getSum()
        .getDataPointsList()
        .forEach(point -> counts.put(text(point.getAttributesList()), point.getAsInt()));
    return counts;
  }

  private static String text(List<KeyValue> attributes) {
    Map<String, String> all = new TreeMap<>();
    attributes.forEach(one -> all.put(one.getKey(), one.getValue().getStringValue()));
    return all.toString();
  }

  @Override
  public void close() {
    release();
    server.shutdownNow();
  }
}
