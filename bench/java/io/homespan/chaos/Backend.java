package io.homespan.chaos;

import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import com.google.rpc.Code;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.StreamObserver;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.collector.trace.v1.TraceServiceGrpc;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The sink of every node, each at a port of its own: an OTLP/gRPC receiver by grpc-java that writes
 * down each span before it says OK, and can behave badly.
 *
 * <pre>
 * java io.homespan.chaos.Backend BOOK SEED BASE ADDRESS...
 * </pre>
 *
 * {@code {"node": 1, "mode": M}} turns one port into M: {@code ok}; {@code slow} (half a second);
 * {@code stall} (does nothing until it is well again, then all of it); {@code mute} (writes down
 * and says nothing until it is well again); {@code refuse} (UNAVAILABLE with a hint); {@code gone}
 * (nobody listens). Other lines are answered with the totals.
 */
public final class Backend {
  private static final int MAX_MESSAGE = 64 << 20;
  private static final int MAX_HELD = 20_000;
  private static final long SLOW_MILLIS = 500;

  private final Book book;
  private final SpanIds ids;
  private final ScheduledExecutorService later = Executors.newSingleThreadScheduledExecutor();
  private final List<Port> ports = new ArrayList<>();
  private final AtomicLong spans = new AtomicLong();
  private final AtomicLong strangers = new AtomicLong();

  private Backend(Book book, SpanIds ids) {
    this.book = book;
    this.ids = ids;
  }

  /** Runs until its input ends. */
  public static void main(String[] args) throws Exception {
    Backend backend =
        new Backend(
            new Book(Path.of(args[0]), Long.parseLong(args[2])),
            new SpanIds(Long.parseLong(args[1])));
    for (int i = 3; i < args.length; i++) {
      Port port = backend.new Port(i - 2, args[i]);
      backend.ports.add(port);
      port.open();
    }
    Commands.answer(backend::command);
    backend.book.flush();
    System.exit(0);
  }

  private JsonObject command(JsonObject line) {
    if (line.containsKey("node")) {
      ports.get(line.getInteger("node") - 1).become(line.getString("mode"));
    }
    book.flush();
    return new JsonObject().put("spans", spans.get()).put("strangers", strangers.get());
  }

  private void writeDown(int node, ExportTraceServiceRequest request) {
    int now = book.now();
    book.add(
        to -> {
          for (ResourceSpans resource : request.getResourceSpansList()) {
            for (ScopeSpans scope : resource.getScopeSpansList()) {
              for (Span span : scope.getSpansList()) {
                int number = numberOf(span);
                if (number == SpanIds.STRANGER) {
                  strangers.incrementAndGet();
                  continue;
                }
                spans.incrementAndGet();
                to.writeInt(number);
                to.writeByte(node);
                to.writeInt(now);
              }
            }
          }
        });
  }

  private int numberOf(Span span) {
    if (span.getTraceId().size() != 16 || span.getSpanId().size() != 8) return SpanIds.STRANGER;
    ByteBuffer trace = span.getTraceId().asReadOnlyByteBuffer();
    ByteString id = span.getSpanId();
    int number = ids.number(trace.getLong(), trace.getLong(), id.asReadOnlyByteBuffer().getLong());
    // what else is in it came through unharmed too
    return span.getName().equals(Traffic.name(number)) ? number : SpanIds.STRANGER;
  }

  /** One node's backend. */
  private final class Port extends TraceServiceGrpc.TraceServiceImplBase {
    private record Held(
        ExportTraceServiceRequest request, StreamObserver<ExportTraceServiceResponse> caller) {}

    private final int node;
    private final InetSocketAddress address;
    private final ArrayDeque<Held> held = new ArrayDeque<>();
    private volatile String mode = "ok";
    private Server server;

    Port(int node, String address) {
      this.node = node;
      this.address = new InetSocketAddress(Commands.host(address), Commands.port(address));
      this.server = built();
    }

    private Server built() {
      return NettyServerBuilder.forAddress(address)
          .addService(this)
          .maxInboundMessageSize(MAX_MESSAGE)
          .build();
    }

    void open() throws IOException {
      server = built().start();
    }

    synchronized void become(String next) {
      try {
        if (mode.equals("gone") && !next.equals("gone")) open();
        if (next.equals("gone") && !mode.equals("gone")) {
          server.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
        }
      } catch (IOException e) {
        throw new IllegalStateException("port of node " + node, e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      String before = mode;
      mode = next;
      for (Held one = held.poll(); one != null; one = held.poll()) {
        if (before.equals("stall")) writeDown(node, one.request);
        ok(one.caller);
      }
    }

    @Override
    public void export(
        ExportTraceServiceRequest request, StreamObserver<ExportTraceServiceResponse> caller) {
      switch (mode) {
        case "stall" -> hold(request, caller);
        case "mute" -> {
          writeDown(node, request);
          hold(request, caller);
        }
        case "refuse" -> caller.onError(refusal());
        case "slow" -> {
          var unused =
              later.schedule(() -> keep(request, caller), SLOW_MILLIS, TimeUnit.MILLISECONDS);
        }
        default -> keep(request, caller);
      }
    }

    private void keep(
        ExportTraceServiceRequest request, StreamObserver<ExportTraceServiceResponse> caller) {
      writeDown(node, request);
      ok(caller);
    }

    private synchronized void hold(
        ExportTraceServiceRequest request, StreamObserver<ExportTraceServiceResponse> caller) {
      if (held.size() < MAX_HELD) held.add(new Held(request, caller));
    }

    private void ok(StreamObserver<ExportTraceServiceResponse> caller) {
      try {
        caller.onNext(ExportTraceServiceResponse.getDefaultInstance());
        caller.onCompleted();
      } catch (RuntimeException e) {
        // it has hung up; what was written down stays
      }
    }

    private Throwable refusal() {
      Duration second = Duration.newBuilder().setSeconds(1).build();
      return StatusProto.toStatusRuntimeException(
          Status.newBuilder()
              .setCode(Code.UNAVAILABLE_VALUE)
              .setMessage("the chaos backend refuses")
              .addDetails(
                  com.google.protobuf.Any.pack(
                      RetryInfo.newBuilder().setRetryDelay(second).build()))
              .build());
    }
  }
}
