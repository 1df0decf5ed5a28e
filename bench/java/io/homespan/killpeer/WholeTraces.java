package io.homespan.killpeer;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.homespan.mesh.OwnerTable;
import io.homespan.mesh.Peer;
import io.homespan.mesh.PeerSet;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.collector.trace.v1.TraceServiceGrpc;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/**
 * Sends requests of one whole trace each. Lines of JSON on the input, each answered by one.
 *
 * <pre>
 * java io.homespan.killpeer.WholeTraces NODES        first line out: the ports of the backends
 *
 * {"do": "tier", "peers": ["host:port", ...], "ingest": ["host:port", ...]}
 * {"do": "full", "seconds": 5}                       as fast as it goes, to all: requests a second
 * {"do": "begin", "rate": 500, "victim": 4}          open loop, to all but the victim, until "end"
 * {"do": "kill"}                                     the victim is killed now
 * {"do": "end"}                                      what became of it
 * </pre>
 *
 * In open loop the time of a request begins when it was due.
 */
public final class WholeTraces {
  private static final int SPANS = 20;
  private static final int MOST_UNDER_WAY = 64;
  private static final long DEADLINE_SECONDS = 10;

  /** A request: its trace's spans are numbered from {@code number * SPANS}. */
  private record Request(int number, int owner, long due) {}

  private record Done(Request request, long end, String error) {}

  private final Kept kept;
  private final List<ManagedChannel> channels = new ArrayList<>();
  private final SplittableRandom random = new SplittableRandom(20_261_121);
  private OwnerTable table = OwnerTable.EMPTY;
  private List<String> ids = List.of();
  private ConcurrentLinkedQueue<Done> done = new ConcurrentLinkedQueue<>();
  private Thread pacer = new Thread();
  private volatile boolean ending;
  private volatile long killed;
  private int victim = -1;
  private int sent;

  private WholeTraces(int nodes) throws IOException {
    kept = new Kept(nodes);
  }

  /** Runs until its input ends. */
  public static void main(String[] args) throws Exception {
    WholeTraces load = new WholeTraces(Integer.parseInt(args[0]));
    System.out.println(new JsonObject().put("ports", load.kept.ports()).encode());
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      System.out.println(load.command(new JsonObject(line)).encode());
    }
    System.exit(0);
  }

  private JsonObject command(JsonObject line) throws InterruptedException {
    switch (line.getString("do")) {
      case "tier" -> tier(line.getJsonArray("peers"), line.getJsonArray("ingest"));
      case "full" -> {
        return new JsonObject().put("per_second", full(line.getDouble("seconds")));
      }
      case "begin" -> begin(line.getDouble("rate"), line.getInteger("victim"));
      case "kill" -> killed = System.nanoTime();
      default -> {
        return end();
      }
    }
    return new JsonObject();
  }

  private void tier(JsonArray peers, JsonArray ingest) {
    List<Peer> all = new ArrayList<>();
    for (int i = 0; i < peers.size(); i++) {
      String id = peers.getString(i);
      all.add(new Peer(id, "127.0.0.1", Integer.parseInt(id.substring(id.indexOf(':') + 1))));
      channels.add(
          NettyChannelBuilder.forTarget(ingest.getString(i))
              .usePlaintext()
              .directExecutor()
              .build());
    }
    table = OwnerTable.of(PeerSet.of(all));
    ids = all.stream().map(Peer::id).toList();
  }

  private double full(double seconds) throws InterruptedException {
    reset(-1);
    Semaphore room = new Semaphore(MOST_UNDER_WAY);
    long start = System.nanoTime();
    long end = start + (long) (seconds * 1e9);
    while (System.nanoTime() < end) {
      room.acquire();
      send(System.nanoTime(), sent % channels.size(), room);
    }
    room.acquire(MOST_UNDER_WAY);
    long failed = done.stream().filter(one -> !one.error.isEmpty()).count();
    return (done.size() - failed) * 1e9 / (System.nanoTime() - start);
  }

  private void reset(int whom) {
    kept.begin();
    done = new ConcurrentLinkedQueue<>();
    sent = 0;
    killed = 0;
    victim = whom;
    ending = false;
  }

  private void begin(double rate, int whom) {
    reset(whom);
    pacer = new Thread(() -> pace(rate), "pacer");
    pacer.setDaemon(true);
    pacer.start();
  }

  private void pace(double rate) {
    Semaphore endless = new Semaphore(0);
    long start = System.nanoTime();
    int turn = 0;
    while (!ending) {
      long due = start + (long) (sent * 1e9 / rate);
      long wait = due - System.nanoTime();
      if (wait > 0) LockSupport.parkNanos(wait);
      if (System.nanoTime() < due) continue;
      turn = (turn + 1) % channels.size();
      if (turn == victim) turn = (turn + 1) % channels.size();
      send(due, turn, endless);
    }
  }

  private void send(long due, int to, Semaphore room) {
    long high = random.nextLong();
    long low = random.nextLong() | 1;
    int number = sent++;
    String owner = table.peer(table.owner(high, low)).id();
    Request request = new Request(number, ids.indexOf(owner), due);
    ConcurrentLinkedQueue<Done> book = done;
    TraceServiceGrpc.newStub(channels.get(to))
        .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
        .export(
            message(high, low, number),
            new StreamObserver<>() {
              @Override
              public void onNext(ExportTraceServiceResponse answer) {}

              @Override
              public void onError(Throwable error) {
                end(Status.fromThrowable(error).getCode().toString());
              }

              @Override
              public void onCompleted() {
                end("");
              }

              private void end(String error) {
                book.add(new Done(request, System.nanoTime(), error));
                room.release();
              }
            });
  }

  private static ExportTraceServiceRequest message(long high, long low, int number) {
    ByteString trace =
        ByteString.copyFrom(ByteBuffer.allocate(16).putLong(high).putLong(low).flip());
    ScopeSpans.Builder scope = ScopeSpans.newBuilder();
    for (int i = 0; i < SPANS; i++) {
      long id = (long) number * SPANS + i + 1;
      scope.addSpans(
          Span.newBuilder()
              .setTraceId(trace)
              .setSpanId(ByteString.copyFrom(ByteBuffer.allocate(8).putLong(id).flip()))
              .setName("GET /api/v2/orders/{orderId}")
              .setStartTimeUnixNano(1_790_000_000_000_000_000L + id)
              .setEndTimeUnixNano(1_790_000_000_001_000_000L + id)
              .addAttributes(text("url.path", "/api/v2/orders/" + id + "/items"))
              .addAttributes(text("server.address", "shop-7.example.com"))
              .addAttributes(text("user_agent.original", "okhttp/4.12.0 (android 14)")));
    }
    return ExportTraceServiceRequest.newBuilder()
        .addResourceSpans(
            ResourceSpans.newBuilder()
                .setResource(Resource.newBuilder().addAttributes(text("service.name", "shop")))
                .addScopeSpans(scope))
        .build();
  }

  private static KeyValue text(String key, String value) {
    return KeyValue.newBuilder()
        .setKey(key)
        .setValue(AnyValue.newBuilder().setStringValue(value))
        .build();
  }

  private JsonObject end() throws InterruptedException {
    ending = true;
    pacer.join();
    long patience = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS + 2);
    while (done.size() < sent && System.nanoTime() < patience) Thread.sleep(20);
    Thread.sleep(1000); // a second copy may come after the answer
    return report(List.copyOf(done));
  }

  private JsonObject report(List<Done> all) {
    Histogram[] times = new Histogram[4]; // others before, after; the victim's before, after
    for (int i = 0; i < times.length; i++) times[i] = new Histogram(60_000_000_000L, 3);
    JsonObject errors = new JsonObject();
    boolean[] ok = new boolean[sent];
    for (Done one : all) {
      boolean its = one.request.owner == victim;
      if (one.error.isEmpty()) {
        ok[one.request.number] = true;
        // under way when the victim died counts as after
        boolean after = one.end - killed >= 0;
        times[(its ? 2 : 0) + (after ? 1 : 0)].recordValue(one.end - one.request.due);
      } else {
        String kind = (its ? "its share: " : "others: ") + one.error;
        errors.put(kind, errors.getInteger(kind, 0) + 1);
      }
    }
    JsonObject report =
        new JsonObject()
            .put("sent", sent)
            .put("unanswered", sent - all.size())
            .put("errors", errors)
            .put("others_before", told(times[0]))
            .put("others_after", told(times[1]))
            .put("its_before", told(times[2]))
            .put("its_after", told(times[3]));
    whereSpansAre(ok, report);
    return report;
  }

  private void whereSpansAre(boolean[] ok, JsonObject report) {
    int spans = sent * SPANS;
    int[] nodes = new int[spans];
    int twiceOnOne = 0;
    for (int node = 0; node < channels.size(); node++) {
      byte[] times = kept.timesAt(node, spans);
      for (int i = 0; i < spans; i++) {
        if (times[i] > 0) nodes[i]++;
        if (times[i] > 1 && node != victim) twiceOnOne++;
      }
    }
    int lost = 0;
    int twoNodes = 0;
    for (int i = 0; i < spans; i++) {
      if (ok[i / SPANS] && nodes[i] == 0) lost++;
      if (nodes[i] > 1) twoNodes++;
    }
    report.put("lost", lost).put("twice_on_a_survivor", twiceOnOne).put("on_two_nodes", twoNodes);
    report.put("stand_in_seconds", firstAtAStandIn(spans));
  }

  /** From the kill until the first span of the victim's share is kept by another node. */
  private double firstAtAStandIn(int spans) {
    boolean[] its = new boolean[sent];
    for (Done one : done) its[one.request.number] = one.request.owner == victim;
    long first = Long.MAX_VALUE;
    for (int node = 0; node < channels.size(); node++) {
      if (node == victim) continue;
      long[] at = kept.firstAt(node, spans);
      for (int i = 0; i < spans; i++) {
        if (its[i / SPANS] && at[i] != 0) first = Math.min(first, at[i] - killed);
      }
    }
    return first == Long.MAX_VALUE ? -1 : first / 1e9;
  }

  private static JsonObject told(Histogram times) {
    return new JsonObject()
        .put("count", times.getTotalCount())
        .put("p50_ms", times.getValueAtPercentile(50) / 1e6)
        .put("p99_ms", times.getValueAtPercentile(99) / 1e6)
        .put("max_ms", times.getMaxValue() / 1e6);
  }
}
