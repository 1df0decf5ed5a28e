package io.homespan.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LedgerTest {
  private final Ledger ledger = new Ledger();

  @Test
  void whatHasEnded_isOpenUntilAnswered() {
    ledger.ended("a", "1");
    ledger.ended("a", "2");
    ledger.ended("b", "1");
    ledger.answered(2, 5, true);

    assertThat(ledger.spans()).isEqualTo(Map.of("a", Set.of("1", "2"), "b", Set.of("1")));
    assertThat(ledger.open()).isEqualTo(1);
    assertThat(ledger.answered()).isEqualTo(2);
    assertThat(ledger.failedCalls()).isZero();
  }

  @Test
  void onlyTracesSentToSeveralNodes_areScattered() {
    ledger.sent("a", 0);
    ledger.sent("a", 2);
    ledger.sent("b", 1);
    ledger.sent("b", 1);

    assertThat(ledger.scattered()).isEqualTo(1);
  }

  @Test
  void quantiles_areTimesThatWereTaken() {
    assertThat(ledger.latency(0.5)).isZero();
    for (int i = 2000; i >= 1; i--) ledger.answered(1, i, i != 7);

    assertThat(ledger.latency(0.5)).isEqualTo(1000);
    assertThat(ledger.latency(0.99)).isEqualTo(1980);
    assertThat(ledger.calls()).isEqualTo(2000);
    assertThat(ledger.failedCalls()).isEqualTo(1);
  }
}
