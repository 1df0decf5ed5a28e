package io.homespan.heartbeat;

import static org.assertj.core.api.Assertions.assertThat;

import io.homespan.heartbeat.Measurement.Place;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SubsetTest {
  @Test
  void fewPeers_areAllMeasured_everyRound() {
    List<Place> all = tier(10, 2);
    for (int round = 0; round < 3; round++) {
      assertThat(Subset.of(all, 4, round, 9, false)).hasSize(9).doesNotContain(all.get(4));
    }
    assertThat(Subset.rounds(10, 9, false)).isOne();
  }

  @ParameterizedTest
  @CsvSource({"200,3,40", "200,1,40", "201,7,10", "600,4,90", "50,50,8", "11,2,1", "2001,29,333"})
  void everyPair_isMeasuredByOneOfTheTwo_withinTheRounds(int members, int zones, int most) {
    List<Place> all = tier(members, zones);
    long rounds = Subset.rounds(members, most, false);
    boolean[][] measured = new boolean[members][members];

    for (int self = 0; self < members; self++) {
      for (long round = 5; round < 5 + rounds; round++) {
        List<Place> chosen = Subset.of(all, self, round, most, false);
        assertThat(chosen).hasSizeBetween(1, Math.max(1, most)).doesNotHaveDuplicates();
        for (Place one : chosen) measured[self][place(one)] = true;
      }
      assertThat(measured[self][self]).isFalse();
    }

    List<String> missed = new ArrayList<>();
    for (int a = 0; a < members; a++) {
      for (int b = 0; b < a; b++) {
        if (!measured[a][b] && !measured[b][a]) missed.add(a + "-" + b);
      }
    }
    assertThat(missed).isEmpty();
  }

  @Test
  void amongThoseWhoTellNothing_aNodeMeasuresAll_withinTheRounds() {
    List<Place> all = tier(61, 3);
    Set<Place> measured = new HashSet<>();
    for (long round = 0; round < Subset.rounds(61, 8, true); round++) {
      measured.addAll(Subset.of(all, 17, round, 8, true));
    }
    assertThat(measured).hasSize(60).doesNotContain(all.get(17));
  }

  @Test
  void eachRound_seesEveryOtherZone() {
    List<Place> all = tier(200, 5);
    for (long round = 0; round < 10; round++) {
      Set<String> zones = new HashSet<>();
      for (Place one : Subset.of(all, 17, round, 20, false)) zones.add(one.zone());
      assertThat(zones).hasSize(5);
    }
  }

  @Test
  void moreZonesThanFitInARound_areSeenByTurns() {
    List<Place> all = tier(400, 29);
    Set<String> zones = new HashSet<>();
    int representatives = 20 / 4;
    for (long round = 0; round < (28 + representatives - 1) / representatives; round++) {
      for (Place one : Subset.of(all, 17, round, 20, false)) zones.add(one.zone());
    }
    assertThat(zones).hasSize(29);
  }

  /** Zones are spread over the order of the ids. */
  private static List<Place> tier(int members, int zones) {
    List<Place> all = new ArrayList<>();
    for (int i = 0; i < members; i++) {
      all.add(new Place(String.format("node-%05d", i), "zone-" + i % zones));
    }
    return all;
  }

  private static int place(Place one) {
    return Integer.parseInt(one.id().substring("node-".length()));
  }
}
