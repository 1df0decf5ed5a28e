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
  private static final List<Probe> ALL = List.of(Probe.values());

  @Test
  void eachPeer_getsEachProbe_onceAnInterval() {
    Rota rota = rota(10, 1000, 20);

    List<Rota.Due> taken = run(rota, 0, 100 * SECOND);

    Map<Rota.Due.Pair, Integer> times = new HashMap<>();
    for (Rota.Due one : taken) times.merge(one.pair(), 1, Integer::sum);
    assertThat(times).hasSize(20 * ALL.size());
    assertThat(times.values()).allMatch(n -> n >= 9 && n <= 10);
  }

  @Test
  void probesAreSpread_overTheInterval() {
    Rota rota = rota(10, 1000, 20);

    List<Rota.Due> taken = run(rota, 0, 40 * SECOND);

    Map<Long, Integer> bySecond = new HashMap<>();
    for (Rota.Due one : taken) bySecond.merge(one.atNanos() / SECOND, 1, Integer::sum);
    assertThat(bySecond.values()).allMatch(n -> n <= 9); // 60 a round, 6 a second
  }

  @Test
  void nodesBeginAtTimesOfTheirOwn() {
    List<Long> starts = new ArrayList<>();
    for (int seed = 0; seed < 50; seed++) {
      Rota rota = new Rota(Duration.ofSeconds(10), ALL, 1000, new SplittableRandom(seed));
      rota.members(tier(3), tier(3).get(0));
      starts.add(run(rota, 0, 20 * SECOND).get(0).atNanos());
    }
    assertThat(starts.stream().mapToLong(at -> at / SECOND).distinct().count()).isGreaterThan(6);
  }

  @Test
  void neverMoreThanOneASecond_forAPair_whateverIsConfigured() {
    Rota rota = new Rota(Duration.ofMillis(1), ALL, 1_000_000, new Random(3));
    rota.members(tier(3), tier(3).get(0));

    Map<Rota.Due.Pair, Long> last = new HashMap<>();
    for (long now = 0; now < 60 * SECOND; now += SECOND / 1000) {
      for (Rota.Due one : rota.take(now)) {
        Long before = last.put(one.pair(), now);
        if (before != null) assertThat(now - before).isGreaterThanOrEqualTo(SECOND);
      }
    }
    assertThat(last).hasSize(9);
  }

  @Test
  void theBudget_holds() {
    Rota rota = rota(10, 6, 500); // 60 a round: 20 peers

    List<Rota.Due> taken = run(rota, 0, 1000 * SECOND);

    // the baseline, this node itself, comes on top
    assertThat(taken.size()).isLessThanOrEqualTo((int) (1000 * 6 * 1.06));
    assertThat(taken.stream().map(Rota.Due::to).distinct().count()).isGreaterThanOrEqualTo(250);
  }

  @Test
  void whoIsGone_isNotMeasured() {
    Rota rota = rota(10, 1000, 20);
    run(rota, 0, 15 * SECOND);
    rota.members(tier(3), tier(3).get(0));

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
    Rota rota = new Rota(Duration.ofSeconds(1), ALL, 100, new Random(1));
    rota.members(tier(1), tier(1).get(0));

    assertThat(run(rota, 0, 10 * SECOND)).isEmpty();
  }

  private static Rota rota(int interval, double budget, int members) {
    Rota rota = new Rota(Duration.ofSeconds(interval), ALL, budget, new Random(7));
    rota.members(tier(members), tier(members).get(members / 2));
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
