package io.homespan.heartbeat;

import static org.assertj.core.api.Assertions.assertThat;

import io.homespan.heartbeat.Measurement.Place;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RotaTest {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  /** So late may the last probe of a visit begin. */
  private static final long LATE = 2 * Rota.PATIENCE.toNanos();

  private static final int KINDS = Probe.values().length;

  @Test
  void eachPeer_isVisited_onceAnInterval() {
    Rota rota = rota(10, 1000, 20);

    List<Rota.Due> taken = run(rota, 0, 100 * SECOND);

    Map<Place, Integer> times = new HashMap<>();
    for (Rota.Due one : taken) times.merge(one.to(), 1, Integer::sum);
    assertThat(times).hasSize(20);
    assertThat(times.values()).allMatch(n -> n >= 9 && n <= 10);
  }

  @Test
  void visitsAreSpread_overTheInterval() {
    Rota rota = rota(10, 1000, 20);

    List<Rota.Due> taken = run(rota, 0, 40 * SECOND);

    Map<Long, Integer> bySecond = new HashMap<>();
    for (Rota.Due one : taken) bySecond.merge(one.atNanos() / SECOND, 1, Integer::sum);
    assertThat(bySecond.values()).allMatch(n -> n <= 3); // 20 a round, 2 a second
  }

  @Test
  void nodesBeginAtTimesOfTheirOwn() {
    List<Long> starts = new ArrayList<>();
    for (int seed = 0; seed < 50; seed++) {
      Rota rota = new Rota(Duration.ofSeconds(10), 1000, new SplittableRandom(seed));
      rota.members(tier(3), tier(3).get(0), false);
      starts.add(run(rota, 0, 20 * SECOND).get(0).atNanos());
    }
    assertThat(starts.stream().mapToLong(at -> at / SECOND).distinct().count()).isGreaterThan(6);
  }

  @Test
  void neverMoreThanOneASecond_forAPair_whateverIsConfigured() {
    Rota rota = new Rota(Duration.ofMillis(1), 1_000_000, new Random(3));
    rota.members(tier(3), tier(3).get(0), false);

    Map<Place, Long> last = new HashMap<>();
    for (long now = 0; now < 60 * SECOND; now += SECOND / 1000) {
      for (Rota.Due one : rota.take(now)) {
        Long before = last.put(one.to(), now);
        if (before != null) assertThat(now - before).isGreaterThanOrEqualTo(SECOND + LATE);
      }
    }
    assertThat(last).hasSize(3);
  }

  @Test
  void theBudget_holds() {
    Rota rota = rota(10, 6, 500); // 60 a round: 19 peers, and this node itself

    List<Rota.Due> taken = run(rota, 0, 1000 * SECOND);

    assertThat(taken.size() * KINDS).isLessThanOrEqualTo(1000 * 6);
    assertThat(taken.stream().map(Rota.Due::to).distinct().count()).isGreaterThanOrEqualTo(250);
  }

  @Test
  void whomAVisitFoundFailing_isVisitedInTheNextRound_withinTheBudget() {
    Rota rota = rota(10, 6, 500); // 19 peers a round, 17 by turns
    List<Place> all = tier(500);
    Place dead = all.get(3);
    rota.visited(dead, true);
    assertThat(visits(run(rota, 0, 110 * SECOND), dead)).isBetween(9L, 11L);
    rota.visited(dead, false);
    assertThat(visits(run(rota, 120 * SECOND, 220 * SECOND), dead)).isLessThan(2);

    for (Place one : all) rota.visited(one, true); // by turns as well
    List<Rota.Due> taken = run(rota, 220 * SECOND, 1220 * SECOND);
    assertThat(taken.size() * KINDS).isLessThanOrEqualTo(1000 * 6);
    assertThat(visits(taken, dead)).isPositive();
  }

  @Test
  void whoHasLeftDuringItsVisit_isNoSuspect() {
    Rota rota = rota(10, 6, 500);
    Place gone = tier(501).get(500);
    rota.visited(gone, true);
    assertThat(visits(run(rota, 0, 300 * SECOND), gone)).isZero();
  }

  @Test
  void alsoWithFewPeersARound_aSuspectIsVisited() {
    Rota rota = rota(1, 10, 200); // two peers a round
    Place dead = tier(200).get(3);
    rota.visited(dead, true);
    assertThat(visits(run(rota, 0, 20 * SECOND), dead)).isGreaterThan(10);
  }

  @Test
  void firstResultsOfAPeerAreDropped_butWhereItsTurnComesSeldom_thoseOfTheFirstRounds() {
    assertThat(rota(10, 1000, 20).warmUp()).isEqualTo(2);
    Rota byTurns = rota(10, 6, 500);
    run(byTurns, 0, 15 * SECOND);
    assertThat(byTurns.warmUp()).isEqualTo(Integer.MAX_VALUE);
    run(byTurns, 15 * SECOND, 45 * SECOND);
    assertThat(byTurns.warmUp()).isZero();
  }

  @Test
  void resultsAreToldOverAMinute_orOverTwoVisitsOfAll() {
    assertThat(rota(10, 10, 30).window()).isEqualTo(Duration.ofMinutes(1));
    assertThat(rota(10, 10, 200).window()).isEqualTo(Duration.ofMinutes(3)); // 7 rounds
    assertThat(rota(60, 1, 2000).window()).isEqualTo(Duration.ofHours(1));
  }

  private static long visits(List<Rota.Due> taken, Place peer) {
    return taken.stream().filter(one -> one.to().equals(peer)).count();
  }

  @Test
  void whoIsGone_isNotMeasured() {
    Rota rota = rota(10, 1000, 20);
    run(rota, 0, 15 * SECOND);
    rota.members(tier(3), tier(3).get(0), false);

    List<Rota.Due> taken = run(rota, 15 * SECOND, 60 * SECOND);

    assertThat(taken).isNotEmpty().allMatch(one -> tier(3).contains(one.to()));
  }

  @Test
  void whatAFrozenProcessMissed_isNotMadeUpFor() {
    Rota rota = rota(10, 1000, 20);
    run(rota, 0, 20 * SECOND);

    assertThat(rota.take(10_000 * SECOND)).hasSizeLessThan(4);
  }

  @Test
  void aloneItMeasuresNobody() {
    Rota rota = new Rota(Duration.ofSeconds(1), 100, new Random(1));
    rota.members(tier(1), tier(1).get(0), false);

    assertThat(run(rota, 0, 10 * SECOND)).isEmpty();
  }

  private static Rota rota(int interval, double budget, int members) {
    Rota rota = new Rota(Duration.ofSeconds(interval), budget, new Random(7));
    rota.members(tier(members), tier(members).get(members / 2), false);
    return rota;
  }

  /** As its verticle does, by the times that it asks for. */
  private static List<Rota.Due> run(Rota rota, long from, long to) {
    List<Rota.Due> taken = new ArrayList<>();
    for (long now = from; now < to; now = Math.max(now + SECOND / 1000, rota.nextAt())) {
      taken.addAll(rota.take(now));
    }
    return taken;
  }

  private static List<Place> tier(int members) {
    List<Place> all = new ArrayList<>();
    for (int i = 0; i < members; i++) all.add(new Place(String.format("node-%04d", i), ""));
    return all;
  }
}
