package io.homespan.otlp;

import io.homespan.bench.Samples;
import io.homespan.mesh.OwnerTable;
import io.homespan.otlp.Cutter.Piece;
import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
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
 * What it costs to join parts to one call of about 500 spans, and to take it apart again, per span.
 * The parts are of requests that mix 100 traces, cut for three owners.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class JoinBench {
  private static final int SPANS = 20_000;
  private static final int CALL = 500;
  private static final long LEAST_BYTES = 40L << 20;

  /** In each request that the parts come from. */
  @Param({"10", "100", "1000"})
  int spans;

  private final List<List<Batch.Entry>> calls = new ArrayList<>();
  private final List<Buffer> joined = new ArrayList<>();
  private ByteBuffer out = ByteBuffer.allocateDirect(0);
  private int cursor;

  /** Cuts the requests and gathers the first owner's parts. */
  @Setup
  public void cut() throws MalformedException {
    Cutter cutter = new Cutter();
    OwnerTable table = OwnerTable.of(CutBench.peers(3));
    List<Batch.Entry> call = new ArrayList<>();
    int gathered = 0;
    int longest = 0;
    for (byte[] request : Samples.requests(true, spans, LEAST_BYTES)) {
      for (Piece piece : cutter.cut(RawBytes.wrap(request), table::owner).pieces()) {
        if (piece.owner() != 0) continue;
        call.add(new Batch.Entry(piece.part(), false));
        gathered += piece.part().spans();
      }
      if (gathered < CALL) continue;
      calls.add(List.copyOf(call));
      byte[] bytes = new byte[Batch.size(call)];
      Batch.write(call, ByteBuffer.wrap(bytes));
      joined.add(RawBytes.wrap(bytes));
      longest = Math.max(longest, bytes.length);
      call.clear();
      gathered = 0;
    }
    out = ByteBuffer.allocateDirect(longest);
  }

  /** Parts that are ranges of their requests, written out behind their labels. */
  @Benchmark
  @OperationsPerInvocation(SPANS)
  public int join() {
    int bytes = 0;
    for (int n = 0; n < SPANS; ) {
      List<Batch.Entry> call = calls.get(next());
      Batch.write(call, out.clear().limit(Batch.size(call)));
      bytes += out.position();
      for (int i = 0; i < call.size(); i++) n += call.get(i).part().spans();
    }
    return bytes;
  }

  /** The parts of a call, as slices of it. */
  @Benchmark
  @OperationsPerInvocation(SPANS)
  public int split() throws MalformedException {
    int parts = 0;
    for (int n = 0; n < SPANS; ) {
      List<Batch.Entry> call = Batch.split(joined.get(next())).orElseThrow();
      parts += call.size();
      for (int i = 0; i < call.size(); i++) n += call.get(i).part().spans();
    }
    return parts;
  }

  private int next() {
    int call = cursor;
    cursor = call + 1 == calls.size() ? 0 : call + 1;
    return call;
  }
}
