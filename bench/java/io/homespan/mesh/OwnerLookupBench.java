package io.homespan.mesh;

import java.util.Random;
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
 * What it costs to find a trace's owner, per trace id. The ids are random and 4 MiB of them go by,
 * so that the table's slots are hit all over, as in life.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class OwnerLookupBench {
  private static final int IDS = 1 << 18;

  /** How many peers there are. */
  @Param({"2", "3", "10", "50", "200"})
  int peers;

  private final long[] ids = new Random(1).longs(2 * IDS).toArray();
  private OwnerTable table = OwnerTable.EMPTY;

  /** Builds the table. */
  @Setup
  public void build() {
    table = OwnerTable.of(Neighbours.first(peers));
  }

  /** One look-up behind the other, none waiting for another. */
  @Benchmark
  @OperationsPerInvocation(IDS)
  public int owner() {
    int sum = 0;
    for (int i = 0; i < 2 * IDS; i += 2) sum += table.owner(ids[i], ids[i + 1]);
    return sum;
  }

  /** Each look-up waits for the one before it: how long until the owner is known. */
  @Benchmark
  @OperationsPerInvocation(IDS)
  public int ownerInTurn() {
    int last = 0;
    for (int i = 0; i < 2 * IDS; i += 2) last = table.owner(ids[i], ids[i + 1] ^ last);
    return last;
  }

  /** The hash alone, without the table: the floor. */
  @Benchmark
  @OperationsPerInvocation(IDS)
  public int slot() {
    int sum = 0;
    for (int i = 0; i < 2 * IDS; i += 2) sum += OwnerTable.slot(ids[i], ids[i + 1]);
    return sum;
  }
}
