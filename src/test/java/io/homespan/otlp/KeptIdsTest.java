package io.homespan.otlp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeptIdsTest {
  /**
   * Few distinct ids that share their low bits, so that the index has long runs and gaps in them.
   */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 1024, 5000})
  void itHoldsWhatAQueueAndASetHold(int max) {
    Random random = new Random(max);
    KeptIds ids = new KeptIds(max);
    ArrayDeque<PartId> queue = new ArrayDeque<>();
    Set<PartId> set = new HashSet<>();
    for (int step = 0; step < 40_000; step++) {
      PartId id = new PartId(random.nextInt(100), random.nextInt(2 * max) << 20);
      if (set.add(id)) {
        if (queue.size() == max) set.remove(queue.remove());
        queue.add(id);
        ids.add(id, step);
      } else if (random.nextInt(3) == 0) {
        set.remove(queue.remove());
        ids.removeOldest();
      }
      PartId other = new PartId(random.nextInt(100), random.nextInt(2 * max) << 20);
      assertThat(ids.contains(other)).isEqualTo(set.contains(other));
      assertThat(ids.size()).isEqualTo(set.size());
    }
    assertThat(set).allMatch(ids::contains);
  }
}
