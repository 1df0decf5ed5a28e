package io.homespan.otlp;

import com.google.protobuf.InvalidProtocolBufferException;
import io.homespan.bench.Samples;
import io.homespan.mesh.OwnerTable;
import io.homespan.mesh.Peer;
import io.homespan.mesh.PeerSet;
import io.homespan.otlp.Cutter.Cut;
import io.homespan.otlp.Cutter.Owners;
import io.homespan.otlp.Cutter.Piece;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What the cut costs, per span, and what merely copying the same bytes to the same place costs. The
 * requests are all different and together larger than the caches; what is written goes into direct
 * memory that is used again and again, as on its way to a socket.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class CutBench {
  private static final int SPANS = 1000;
  private static final long LEAST_BYTES = 40L << 20;

  /** In each request. */
  @Param({"1", "10", "100", "1000"})
  int spans;

  /** How many peers own traces. */
  @Param({"3", "10", "50", "200"})
  int owners;

  /** About 100 traces in a request, or one. */
  @Param({"mixed", "whole"})
  String shape = "";

  /**
   * How much memory is written to in turn: little enough for the caches, or more than they hold.
   */
  @Param({"1", "40"})
  int outMb;

  private final Cutter cutter = new Cutter();
  private byte[][] requests = {};
  private Owners table = (high, low) -> 0;
  private ByteBuffer out = ByteBuffer.allocateDirect(0);
  private int cursor;
  private int room;

  /** Makes the requests and the owner table. */
  @Setup
  public void make() {
    List<byte[]> samples = Samples.requests(shape.equals("mixed"), spans, LEAST_BYTES);
    requests = samples.toArray(byte[][]::new);
    table = OwnerTable.of(peers(owners))::owner;
    room = samples.stream().mapToInt(request -> request.length).max().orElseThrow();
    room += Math.min(owners, spans) << 10; // for repeated headers
    out = ByteBuffer.allocateDirect(Math.max(outMb << 20, room));
  }

  static PeerSet peers(int count) {
    return PeerSet.of(
        IntStream.range(0, count)
            .mapToObj(i -> new Peer("10.0.0." + i + ":21891", "10.0.0." + i, 21891))
            .toList());
  }

  /** The floor: the same bytes, unread. */
  @Benchmark
  @OperationsPerInvocation(SPANS)
  public int memcpy() {
    int bytes = 0;
    for (int n = 0; n < SPANS; n += spans) {
      byte[] request = next();
      outFor(request.length).put(request);
      bytes += request.length;
    }
    return bytes;
  }

  /** Cut, and every part written out. */
  @Benchmark
  @OperationsPerInvocation(SPANS)
  public int cutAndWrite() throws MalformedException {
    int bytes = 0;
    for (int n = 0; n < SPANS; n += spans) {
      List<Piece> pieces = cutter.cut(RawBytes.wrap(next()), table).pieces();
      for (int i = 0; i < pieces.size(); i++) {
        Part part = pieces.get(i).part();
        part.writeTo(outFor(part.size()));
        bytes += part.size();
      }
    }
    return bytes;
  }

  /** Cut alone: the parts stay ranges of their request. */
  @Benchmark
  @OperationsPerInvocation(SPANS)
  public int cut() throws MalformedException {
    int all = 0;
    for (int n = 0; n < SPANS; n += spans) {
      Cut cut = cutter.cut(RawBytes.wrap(next()), table);
      all += cut.spans();
    }
    return all;
  }

  /** What the cut is instead of: messages decoded into objects, regrouped and encoded. */
  @Benchmark
  @OperationsPerInvocation(SPANS)
  public int decodeAndEncode() throws InvalidProtocolBufferException {
    int bytes = 0;
    for (int n = 0; n < SPANS; n += spans) {
      for (ExportTraceServiceRequest.Builder part : regrouped(next()).values()) {
        byte[] encoded = part.build().toByteArray();
        outFor(encoded.length).put(encoded);
        bytes += encoded.length;
      }
    }
    return bytes;
  }

  private Map<Integer, ExportTraceServiceRequest.Builder> regrouped(byte[] request)
      throws InvalidProtocolBufferException {
    Map<Integer, ExportTraceServiceRequest.Builder> parts = new LinkedHashMap<>();
    for (ResourceSpans resource :
        ExportTraceServiceRequest.parseFrom(request).getResourceSpansList()) {
      Map<Integer, ResourceSpans.Builder> resources = new LinkedHashMap<>();
      for (ScopeSpans scope : resource.getScopeSpansList()) {
        Map<Integer, ScopeSpans.Builder> scopes = new LinkedHashMap<>();
        for (Span span : scope.getSpansList()) {
          ByteBuffer id = span.getTraceId().asReadOnlyByteBuffer();
          scopes
              .computeIfAbsent(
                  table.owner(id.getLong(), id.getLong()),
                  o ->
                      ScopeSpans.newBuilder()
                          .setScope(scope.getScope())
                          .setSchemaUrl(scope.getSchemaUrl()))
              .addSpans(span);
        }
        scopes.forEach(
            (owner, part) ->
                resources
                    .computeIfAbsent(
                        owner,
                        o ->
                            ResourceSpans.newBuilder()
                                .setResource(resource.getResource())
                                .setSchemaUrl(resource.getSchemaUrl()))
                    .addScopeSpans(part));
      }
      resources.forEach(
          (owner, part) ->
              parts
                  .computeIfAbsent(owner, o -> ExportTraceServiceRequest.newBuilder())
                  .addResourceSpans(part));
    }
    return parts;
  }

  private ByteBuffer outFor(int size) {
    if (out.limit(out.capacity()).remaining() < size) out.clear();
    return out.limit(out.position() + size);
  }

  private byte[] next() {
    byte[] request = requests[cursor];
    if (++cursor == requests.length) cursor = 0;
    return request;
  }
}
