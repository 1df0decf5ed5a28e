package io.homespan.discovery.udp;

import static org.assertj.core.api.Assertions.assertThat;

import io.homespan.discovery.Address;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Who is believed, and for how long. A peer's name here is its host as well. */
class BeaconBookTest {
  private static final String SECRET = "as long as a secret should be";
  private static final String OWN = "self";
  private static final long NOON = 1_800_000_000_000L;
  private static final int MAX_PEERS = 20;

  private final BeaconFormat format = new BeaconFormat("homespan", SECRET);
  private long nanos = Long.MAX_VALUE - Duration.ofSeconds(20).toNanos(); // it may well overflow
  private long wall = NOON;
  private long sequence;
  private final BeaconBook book = book();

  private BeaconBook book() {
    return new BeaconBook(
        new BeaconFormat("homespan", SECRET),
        "homespan",
        OWN,
        MAX_PEERS,
        Duration.ofSeconds(10),
        Duration.ofMinutes(5),
        now());
  }

  private Moment now() {
    return new Moment(nanos, wall);
  }

  private void pass(Duration time) {
    nanos += time.toNanos();
    wall += time.toMillis();
  }

  /** Time passes, in which this node and these peers are heard every second. */
  private void pass(int seconds, String... heard) {
    for (int i = 0; i < seconds; i++) {
      pass(Duration.ofSeconds(1));
      hear(OWN);
      for (String each : heard) hear(each);
      book.expire(now());
    }
  }

  private byte[] beacon(String instance) {
    return beacon(instance, wall, false);
  }

  private byte[] beacon(String instance, long sentAt, boolean leaving) {
    sequence++;
    Address address = Address.of(instance, 21891);
    return format.write(new Beacon(instance, address, sentAt, sequence, leaving));
  }

  private Heard hear(String instance) {
    return hear(beacon(instance));
  }

  private Heard hear(byte[] bytes) {
    return book.hear(bytes, bytes.length, "10.0.0.9", now());
  }

  private String[] peers() {
    return book.addresses().stream().map(Address::host).sorted().toArray(String[]::new);
  }

  @Test
  void whoIsHeard_isThere_andGone_whenHeardNoMore() {
    assertThat(hear("a")).isEqualTo(Heard.OK);
    assertThat(hear("b")).isEqualTo(Heard.OK);
    pass(10, "a");
    assertThat(peers()).containsExactly("a", "b", OWN);
    pass(1, "a");
    assertThat(peers()).containsExactly("a", OWN);
  }

  @Test
  void aGoodBye_takesAPeerOutAtOnce() {
    hear("a");
    byte[] late = beacon("a");
    assertThat(hear(beacon("a", wall, true))).isEqualTo(Heard.GOOD_BYE);
    assertThat(peers()).isEmpty();
    assertThat(hear(late)).isEqualTo(Heard.REPLAYED);
    assertThat(peers()).isEmpty();
  }

  @Test
  void aPeerThatStartsAgain_standsOnce_andItsFormerProcessTakesNothingAway() {
    Address address = Address.of("a", 21891);
    hear(format.write(new Beacon("first", address, wall, 1, false)));
    hear(format.write(new Beacon("second", address, wall, 1, false)));
    assertThat(peers()).containsExactly("a");
    hear(format.write(new Beacon("first", address, wall, 2, true)));
    assertThat(peers()).containsExactly("a");
  }

  @Test
  void aBeaconInWhichAnyBitWasChanged_isNotBelieved() {
    byte[] sound = beacon("a");
    for (int i = 0; i < sound.length * 8; i++) {
      byte[] changed = sound.clone();
      changed[i / 8] ^= (byte) (1 << i % 8);
      assertThat(hear(changed))
          .isIn(Heard.FORGED, Heard.GARBAGE, Heard.OTHER_CLUSTER, Heard.OTHER_VERSION);
    }
    for (int length = 0; length < sound.length; length++) {
      assertThat(hear(Arrays.copyOf(sound, length))).isEqualTo(Heard.GARBAGE);
    }
    assertThat(hear(Arrays.copyOf(sound, sound.length + 1))).isEqualTo(Heard.GARBAGE);
    assertThat(hear(new byte[BeaconFormat.MAX_BYTES + 1])).isEqualTo(Heard.OVERSIZED);
    assertThat(book.remembered()).isZero();
    assertThat(hear(sound)).isEqualTo(Heard.OK);
  }

  @Test
  void anotherSecret_isNotBelieved_andToldAsLongAsItLasts() {
    BeaconFormat other = new BeaconFormat("homespan", SECRET + ".");
    byte[] forged = other.write(new Beacon("a", Address.of("a", 1), wall, 1, false));
    assertThat(hear(forged)).isEqualTo(Heard.FORGED);
    assertThat(book.troubles().get(Heard.FORGED))
        .isEqualTo(
            "beacons without this tier's secret come from 10.0.0.9; discovery.udp.secret must be"
                + " equal on all nodes");
    book.hear(forged, forged.length, "10.0.0.10", now());
    assertThat(book.troubles().get(Heard.FORGED)).contains("10.0.0.9"); // no news
    pass(11);
    assertThat(book.troubles()).isEmpty();
  }

  @Test
  void anotherCluster_isNotBelieved_andNamed() {
    for (String secret : new String[] {SECRET, "something else"}) {
      BeaconFormat other = new BeaconFormat("warp", secret);
      byte[] beacon = other.write(new Beacon("a", Address.of("a", 1), wall, 1, false));
      assertThat(hear(beacon)).isEqualTo(Heard.OTHER_CLUSTER);
    }
    assertThat(book.troubles().get(Heard.OTHER_CLUSTER)).contains("\"warp\"", "\"homespan\"");
    assertThat(book.remembered()).isZero();
  }

  @Test
  void whatIsSentAgain_isRefused_alsoAfterItsSenderHasGone() {
    byte[] first = beacon("a");
    hear(first);
    byte[] second = beacon("a");
    hear(second);
    assertThat(hear(second)).isEqualTo(Heard.REPLAYED);
    assertThat(hear(first)).isEqualTo(Heard.REPLAYED);
    for (int minute = 0; minute < 12; minute++) {
      pass(60);
      assertThat(peers()).containsExactly(OWN);
      assertThat(hear(second)).isIn(Heard.REPLAYED, Heard.CLOCK);
    }
    assertThat(book.remembered()).isEqualTo(1); // only this node is left
  }

  @Test
  void aClockThatIsFarOff_isToldByName() {
    assertThat(hear(beacon("a", wall - 299_000, false))).isEqualTo(Heard.OK);
    assertThat(hear(beacon("b", wall + 301_000, false))).isEqualTo(Heard.CLOCK);
    assertThat(hear(beacon("b", Long.MIN_VALUE + 1, false))).isEqualTo(Heard.CLOCK);
    assertThat(hear(beacon("b", Long.MAX_VALUE, false))).isEqualTo(Heard.CLOCK);
    assertThat(book.troubles().get(Heard.CLOCK))
        .startsWith("the clock of b:21891 is more than discovery.udp.max_clock_skew = 300 s from");
    assertThat(peers()).containsExactly("a");
  }

  @Test
  void whenThisNodesOwnClockJumps_itLosesNobody() {
    pass(5, "a");
    long truth = wall;
    wall += Duration.ofHours(1).toMillis();
    for (int i = 1; i <= 30; i++) {
      pass(Duration.ofSeconds(1));
      assertThat(hear(beacon("a", truth + i * 1000L, false))).isEqualTo(Heard.OK);
      assertThat(hear(OWN)).isEqualTo(Heard.OK);
      book.expire(now());
    }
    assertThat(peers()).containsExactly("a", OWN);
  }

  @Test
  void aNodeThatDoesNotHearItself_takesNobodyOut_andListensAnewAfterwards() {
    pass(5, "a");
    for (int i = 0; i < 60; i++) {
      pass(Duration.ofSeconds(1));
      book.expire(now());
    }
    assertThat(book.isDeaf(now())).isTrue();
    assertThat(peers()).containsExactly("a", OWN);
    pass(10);
    assertThat(book.isDeaf(now())).isFalse();
    assertThat(peers()).containsExactly("a", OWN);
    pass(2);
    assertThat(peers()).containsExactly(OWN);
  }

  @Test
  void madeUpPeersWithoutTheSecret_leaveNothingBehind() {
    hear("a");
    BeaconFormat other = new BeaconFormat("homespan", "guessed");
    Random random = new Random(1);
    byte[] noise = new byte[200];
    for (int i = 0; i < 10_000; i++) {
      hear(other.write(new Beacon("p" + i, Address.of("p" + i, 1), wall, i, i % 2 == 0)));
      random.nextBytes(noise);
      hear(noise);
    }
    assertThat(book.remembered()).isEqualTo(1);
    assertThat(peers()).containsExactly("a");
  }

  @Test
  void madeUpPeersWithTheSecret_areBounded_andTheRealOnesStay() {
    pass(1, "a", "b");
    for (int second = 0; second < 30; second++) {
      pass(1, "a", "b");
      for (int i = 0; i < 10_000; i++) {
        String instance = "p" + second + "-" + i;
        hear(beacon(instance, wall, i % 3 == 0));
      }
      assertThat(book.remembered()).isLessThanOrEqualTo(2 * MAX_PEERS + 1);
      assertThat(peers()).contains("a", "b", OWN).hasSizeLessThanOrEqualTo(MAX_PEERS + 1);
    }
    assertThat(book.troubles().get(Heard.TOO_MANY)).contains("discovery.max_peers = 20");
    pass(15, "a", "b");
    assertThat(peers()).containsExactly("a", "b", OWN);
    assertThat(hear("c")).isEqualTo(Heard.OK);
  }

  @Test
  void aNodeFindsRoomForItself_howeverManyThereAre() {
    for (int i = 0; i < MAX_PEERS; i++) hear("p" + i);
    assertThat(hear("one-more")).isEqualTo(Heard.TOO_MANY);
    assertThat(hear(OWN)).isEqualTo(Heard.OK);
    assertThat(peers()).contains(OWN).doesNotContain("one-more");
  }

  @Test
  void whoseTraceIsForgotten_cannotBeMadeToLiveAgain() {
    byte[] first = beacon("a");
    hear(first);
    hear(beacon("a", wall, true));
    pass(Duration.ofMillis(1));
    for (int i = 0; i <= MAX_PEERS; i++) hear(beacon("p" + i, wall, true));
    assertThat(hear(first)).isEqualTo(Heard.REPLAYED);
  }
}
