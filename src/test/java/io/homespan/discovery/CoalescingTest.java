package io.homespan.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.homespan.mesh.Peer;
import io.homespan.mesh.PeerSet;
import java.time.Duration;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** When a changed set becomes a table; the clock is ours. */
class CoalescingTest {
  private static final PeerSet TWO = peers("a", "b");

  private final Coalescing coalescing = new Coalescing();

  private static PeerSet peers(String... ids) {
    return PeerSet.of(Stream.of(ids).map(id -> new Peer(id, "h", 1)).toList());
  }

  private static PeerSet peers(int number) {
    return peers(IntStream.range(0, number).mapToObj(i -> "p" + i).toArray(String[]::new));
  }

  private long hold(PeerSet current, PeerSet wanted, long millis) {
    return coalescing.hold(current, wanted, millis * 1_000_000).toMillis();
  }

  @Test
  void theFirstPeers_waitForNobody() {
    assertThat(hold(PeerSet.EMPTY, TWO, 0)).isZero();
  }

  @Test
  void whoJoins_waitsForOthers_untilNobodyComes() {
    assertThat(hold(TWO, peers("a", "b", "c"), 0)).isEqualTo(200);
    assertThat(hold(TWO, peers("a", "b", "c"), 150)).isEqualTo(50);
    assertThat(hold(TWO, peers("a", "b", "c", "d"), 150)).isEqualTo(200);
    assertThat(hold(TWO, peers("a", "b", "c", "d"), 350)).isZero();
    assertThat(hold(TWO, peers("a", "b", "c"), 1000)).as("begins anew").isEqualTo(200);
  }

  @Test
  void whoGoes_orIsReplaced_orMoves_waitsForNothing() {
    assertThat(hold(TWO, peers("a"), 0)).isZero();
    assertThat(hold(TWO, peers("a", "c"), 0)).isZero();
    assertThat(hold(TWO, peers("a", "c", "d"), 0)).isZero();
    PeerSet moved = PeerSet.of(Stream.of("a", "b").map(id -> new Peer(id, "g", 1)).toList());
    assertThat(hold(TWO, moved, 0)).isZero();
    assertThat(hold(TWO, peers("a", "b", "c"), 0)).isPositive();
    assertThat(hold(TWO, peers("a", "c"), 1)).as("takes along who waited").isZero();
  }

  @Test
  void aHundredWhoJoinWithinASecond_areTwoChangesAtMost() {
    PeerSet current = peers(1);
    int changes = 0;
    for (int millis = 0; millis < 2000; millis++) {
      PeerSet wanted = peers(1 + Math.min(100, millis / 10));
      if (wanted.equals(current)) continue;
      if (coalescing.hold(current, wanted, millis * 1_000_000L).equals(Duration.ZERO)) {
        changes++;
        current = wanted;
      }
    }
    assertThat(current.size()).isEqualTo(101);
    assertThat(changes).isBetween(1, 2);
  }
}
