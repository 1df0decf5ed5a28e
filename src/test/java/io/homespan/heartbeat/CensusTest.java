package io.homespan.heartbeat;

import static org.assertj.core.api.Assertions.assertThat;

import io.homespan.bus.Finding;
import io.homespan.bus.Findings;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CensusTest {
  @Test
  void theSourceIsLost_whenAllProvidersAreStale() {
    assertThat(Census.isSourceLost(new Findings(List.of()))).isFalse();
    assertThat(Census.isSourceLost(findings(false))).isFalse();
    assertThat(Census.isSourceLost(findings(true))).isTrue();
    assertThat(Census.isSourceLost(findings(true, false))).isFalse();
    assertThat(Census.isSourceLost(findings(true, true))).isTrue();
  }

  private static Findings findings(boolean... stale) {
    List<Finding> all = new java.util.ArrayList<>();
    for (boolean one : stale) {
      all.add(new Finding("dns", "dns", 3, 1L, "SERVFAIL", 2L, one, Map.of()));
    }
    return new Findings(all);
  }
}
