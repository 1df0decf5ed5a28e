package io.homespan.mesh;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What it costs to build a table: from nothing, and when one peer joins or leaves. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(3)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class OwnerTableBench {
  /** How many peers there are before somebody joins or leaves. */
  @Param({"3", "10", "50", "200"})
  int peers;

  private PeerSet set = PeerSet.EMPTY;
  private PeerSet oneMore = PeerSet.EMPTY;
  private PeerSet oneLess = PeerSet.EMPTY;
  private OwnerTable table = OwnerTable.EMPTY;

  /** Who joins and who leaves stand in the middle of the order. */
  @Setup
  public void build() {
    set = Neighbours.first(peers);
    oneMore = Neighbours.first(peers + 1);
    oneLess =
        PeerSet.of(
            set.peers().stream().filter(peer -> !peer.equals(set.peers().get(peers / 2))).toList());
    table = OwnerTable.of(set);
  }

  /** All slots contested by all peers. */
  @Benchmark
  public OwnerTable fromNothing() {
    return OwnerTable.of(set);
  }

  /** One peer more. */
  @Benchmark
  public OwnerTable join() {
    return table.with(oneMore);
  }

  /** One peer less. */
  @Benchmark
  public OwnerTable leave() {
    return table.with(oneLess);
  }
}
