package io.homespan.egress;

import io.homespan.bench.Samples;
import io.homespan.bus.Fate;
import io.homespan.bus.Fates;
import io.homespan.bus.Forward;
import io.homespan.bus.Membership;
import io.homespan.bus.Topic;
import io.homespan.bus.Topics;
import io.homespan.config.Config;
import io.homespan.config.ConfigLoader;
import io.homespan.mesh.OwnerTable;
import io.homespan.mesh.Peer;
import io.homespan.mesh.PeerSet;
import io.homespan.metrics.MicrometerMetrics;
import io.homespan.otlp.Cutter;
import io.homespan.otlp.MalformedException;
import io.netty.buffer.Unpooled;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.internal.buffer.BufferInternal;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How many bytes are allocated for a span from when its request is there until its owner has
 * confirmed it: cut, hand-over on the bus, egress over real connections, and all the way back. What
 * counts is the one event loop that does it; the peers have threads of their own.
 *
 * <pre>
 * java ... io.homespan.egress.HandOverAllocation [SPANS a request] [OWNERS] [span_agg_count]
 * </pre>
 *
 * prints the bytes a span, and over the span's own size, of five rounds.
 */
public final class HandOverAllocation {
  private static final com.sun.management.ThreadMXBean THREADS =
      (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final long LEAST_BYTES = 40L << 20;
  private static final int IN_FLIGHT = 16;
  private static final int WARM_UP = 1_500_000;
  private static final int ROUND = 500_000;
  private static final int ROUNDS = 5;
  private static final long TIME_OUT_MILLIS = 30_000;

  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
  private final Topic<Forward, Fates> egress = Topics.SPANS_FORWARD.lane(0);
  private final Cutter cutter = new Cutter();
  private final List<byte[]> requests;
  private final OwnerTable table;
  private int next;
  private long goal; // spans
  private long sent; // spans
  private long bytes; // of requests
  private int inFlight;
  private CountDownLatch done = new CountDownLatch(1);

  private HandOverAllocation(List<byte[]> requests, PeerSet peers) {
    this.requests = requests;
    table = OwnerTable.of(peers);
  }

  /** Runs it. */
  public static void main(String[] args) throws InterruptedException {
    int spans = args.length > 0 ? Integer.parseInt(args[0]) : 100;
    int owners = args.length > 1 ? Integer.parseInt(args[1]) : 3;
    String aggregate = args.length > 2 ? args[2] : "";
    Vertx peers = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    List<Peer> ports = new ArrayList<>();
    for (int i = 0; i < owners; i++) {
      int port = receiver(peers).await().actualPort();
      ports.add(new Peer("127.0.0.1:" + port, "127.0.0.1", port));
    }
    HandOverAllocation measured =
        new HandOverAllocation(Samples.requests(true, spans, LEAST_BYTES), PeerSet.of(ports));
    measured.start(aggregate);
    double[] perSpan = new double[ROUNDS];
    double[] overSize = new double[ROUNDS];
    measured.round(WARM_UP);
    for (int i = 0; i < ROUNDS; i++) {
      long allocated = measured.round(ROUND);
      perSpan[i] = (double) allocated / measured.sent;
      overSize[i] = (double) allocated / measured.bytes;
    }
    print("alloc_bytes_per_span", perSpan);
    print("alloc_bytes_over_span_bytes", overSize);
    Future.all(measured.vertx.close(), peers.close()).await();
  }

  private static Future<HttpServer> receiver(Vertx vertx) {
    return vertx
        .createHttpServer()
        .requestHandler(
            request ->
                request.endHandler(
                    end ->
                        request
                            .response()
                            .putHeader("content-type", "application/grpc")
                            .putTrailer("grpc-status", "0")
                            .end(Buffer.buffer(new byte[5]))))
        .listen(0, "127.0.0.1");
  }

  private static void print(String name, double[] values) {
    Arrays.sort(values);
    System.out.printf(
        Locale.ROOT,
        "%s min %.3f median %.3f max %.3f%n",
        name,
        values[0],
        values[values.length / 2],
        values[values.length - 1]);
  }

  private void start(String aggregate) {
    Map<String, String> env =
        aggregate.isEmpty()
            ? Map.of()
            : Map.of("HOMESPAN_PEER_FORWARDER_SPAN_AGG_COUNT", aggregate);
    Config config = ConfigLoader.defaults(env, 8L << 30).config();
    Topic.register(vertx);
    MicrometerMetrics metrics = new MicrometerMetrics();
    vertx
        .deployVerticle(
            new EgressVerticle(
                config,
                metrics,
                egress,
                System::nanoTime,
                new Random(1),
                1,
                new AtomicLong(),
                new Circuits(metrics),
                new Arrivals(config.repeats(), metrics)))
        .await();
    Topics.PEERS_CURRENT.publish(
        vertx, new Membership(1, "nobody:1", true, table, List.of(), List.of()));
  }

  /** Sends so many spans; returns what the event loop allocated meanwhile. */
  private long round(long spans) throws InterruptedException {
    long[] allocated = new long[1];
    done = new CountDownLatch(1);
    vertx.runOnContext(
        go -> {
          sent = 0;
          bytes = 0;
          goal = spans;
          allocated[0] = -THREADS.getCurrentThreadAllocatedBytes();
          for (int i = 0; i < IN_FLIGHT; i++) send();
        });
    done.await();
    CountDownLatch read = new CountDownLatch(1);
    vertx.runOnContext(
        end -> {
          allocated[0] += THREADS.getCurrentThreadAllocatedBytes();
          read.countDown();
        });
    read.await();
    return allocated[0];
  }

  private void send() {
    byte[] request = requests.get(next);
    next = next + 1 == requests.size() ? 0 : next + 1;
    inFlight++;
    Cutter.Cut cut = cut(BufferInternal.buffer(Unpooled.wrappedBuffer(request)));
    sent += cut.spans();
    bytes += request.length;
    long deadline = System.nanoTime() + TIME_OUT_MILLIS * 1_000_000;
    List<Future<Fates>> parts = new ArrayList<>(cut.pieces().size());
    for (Cutter.Piece piece : cut.pieces()) {
      Forward forward = new Forward(piece.part(), table.peer(piece.owner()), deadline);
      parts.add(egress.ask(vertx, forward, TIME_OUT_MILLIS));
    }
    Future.all(parts).onComplete(confirmed -> answered(parts), HandOverAllocation::fail);
  }

  private void answered(List<Future<Fates>> parts) {
    for (Future<Fates> part : parts) {
      for (Fate fate : part.result().all()) {
        if (!(fate instanceof Fate.Forwarded)) fail(new IllegalStateException(fate.toString()));
      }
    }
    inFlight--;
    if (sent < goal) send();
    else if (inFlight == 0) done.countDown();
  }

  private static void fail(Throwable cause) {
    throw new IllegalStateException(cause);
  }

  private Cutter.Cut cut(Buffer request) {
    try {
      return cutter.cut(request, table::owner);
    } catch (MalformedException e) {
      throw new IllegalStateException(e);
    }
  }
}
