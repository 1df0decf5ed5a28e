package io.homespan.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.homespan.bus.Fate;
import io.homespan.bus.Fates;
import io.homespan.metrics.Metrics;
import io.homespan.metrics.MicrometerMetrics;
import io.homespan.metrics.RefuseReason;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class LedgerTest {
  @Test
  void aPartThatIsTriedAgainForSomeOfItsSpans_isBookedOnce_whenAllHaveArrived() {
    try (MicrometerMetrics metrics = new MicrometerMetrics()) {
      Ledger ledger = new Ledger(metrics, Metrics.From.JOURNAL);
      Fate forwarded = new Fate.Forwarded("b:2", 3);
      Fate refused = new Fate.Refused(RefuseReason.FULL, Duration.ofSeconds(1), "full", 2);
      Fates whole = Fates.of(new Fate.Forwarded("c:3", 7));
      ledger.bookFinal(List.of(new Fates(List.of(forwarded, refused)), whole), 0);
      assertThat(metrics.books().received()).isEqualTo(7);
      ledger.bookFinal(List.of(Fates.of(new Fate.Forwarded("b:2", 5))), 0);
      assertThat(metrics.books().received()).isEqualTo(12);
      assertThat(metrics.books().balanced()).isTrue();
    }
  }
}
