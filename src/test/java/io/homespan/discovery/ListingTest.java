package io.homespan.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What stays listed, and for how long. The grace is 3 misses, or 3 times 5 seconds. */
class ListingTest {
  private long seconds = -7; // such clocks may begin anywhere
  private final Set<String> left = new HashSet<>();

  private Listing listing(int misses, String... providers) {
    Map<String, String> kinds = new TreeMap<>();
    for (String each : providers) kinds.put(each, each);
    return new Listing(
        kinds,
        new Listing.Bounds(20, new Grace(misses, Duration.ofSeconds(5)), Duration.ofSeconds(60)),
        () -> seconds * 1_000_000_000);
  }

  private static List<Address> addresses(String... hosts) {
    return Stream.of(hosts).map(host -> Address.of(host, 1)).toList();
  }

  private static List<Address> addresses(int from, int to) {
    return IntStream.range(from, to).mapToObj(i -> Address.of("h" + (char) ('a' + i), 1)).toList();
  }

  private void answers(Listing listing, String... hosts) {
    listing.found("dns", addresses(hosts), true, left::contains);
  }

  private void tells(Listing listing, String... hosts) {
    listing.found("dns", addresses(hosts), false, left::contains);
  }

  private static List<String> listed(Listing listing) {
    return List.copyOf(listing.all().keySet());
  }

  @Test
  void whatIsNew_isThereAtOnce_whatIsMissing_goesAfterSoManyAnswersInARow() {
    Listing listing = listing(3, "dns");
    answers(listing, "a", "b");
    answers(listing, "a", "c");
    assertThat(listed(listing)).containsExactly("a:1", "b:1", "c:1");
    assertThat(listing.foundBy("b:1")).isEmpty();
    answers(listing, "a", "c");
    assertThat(listed(listing)).contains("b:1");
    answers(listing, "a", "c");
    assertThat(listed(listing)).containsExactly("a:1", "c:1");
  }

  @Test
  void whatComesBackInBetween_begins_anew() {
    Listing listing = listing(3, "dns");
    answers(listing, "a", "b");
    for (int i = 0; i < 5; i++) {
      answers(listing, "a");
      answers(listing, "a");
      answers(listing, "a", "b");
    }
    assertThat(listed(listing)).containsExactly("a:1", "b:1");
  }

  @Test
  void aFailure_isNoMiss() {
    Listing listing = listing(3, "dns");
    answers(listing, "a", "b");
    answers(listing, "a");
    for (int i = 0; i < 10; i++) listing.missed("dns", "NXDOMAIN");
    answers(listing, "a");
    assertThat(listed(listing)).contains("b:1");
  }

  @Test
  void whoSaidGoodBye_needsNoGrace() {
    Listing listing = listing(3, "dns");
    answers(listing, "a", "b");
    left.add("b:1");
    assertThat(listed(listing)).contains("b:1");
    answers(listing, "a");
    assertThat(listed(listing)).containsExactly("a:1");
  }

  @Test
  void removalCanBeSwitchedOff_butNotForWhoSaidGoodBye() {
    Listing listing = listing(0, "dns");
    answers(listing, "a", "b", "c");
    left.add("c:1");
    for (int i = 0; i < 100; i++) answers(listing, "a");
    assertThat(listed(listing)).containsExactly("a:1", "b:1");
    tells(listing, "a");
    assertThat(listing.dueIn()).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "6, 2, 3", // four of six: no cut-off answer is that short
    "10, 6, 3", // less than half
    "10, 5, 9",
    "20, 3, 9",
  })
  void aSuddenShrink_needsMoreMisses(int before, int after, int misses) {
    Listing listing = listing(3, "dns");
    listing.found("dns", addresses(0, before), true, left::contains);
    for (int i = 1; i < misses; i++) listing.found("dns", addresses(0, after), true, x -> false);
    assertThat(listing.all()).hasSize(before);
    listing.found("dns", addresses(0, after), true, x -> false);
    assertThat(listing.all()).hasSize(after);
  }

  @Test
  void randomSubsets_pruneNobody() {
    Listing listing = listing(3, "dns");
    listing.found("dns", addresses(0, 20), true, left::contains);
    for (int i = 0; i < 50; i++) {
      int from = i * 8 % 20;
      List<Address> some = new ArrayList<>(addresses(from, Math.min(20, from + 8)));
      some.addAll(addresses(0, Math.max(0, from + 8 - 20)));
      listing.found("dns", some, true, left::contains);
      assertThat(listing.all()).hasSize(20);
    }
  }

  @Test
  void whatATellingProviderMisses_goesByTheClock() {
    Listing listing = listing(3, "dns");
    tells(listing, "a", "b");
    assertThat(listing.dueIn()).isNull();
    tells(listing, "a");
    for (int i = 0; i < 10; i++) tells(listing, "a");
    assertThat(listing.dueIn()).isEqualTo(Duration.ofSeconds(15));
    seconds += 14;
    listing.expire();
    assertThat(listed(listing)).contains("b:1");
    seconds += 1;
    listing.expire();
    assertThat(listed(listing)).containsExactly("a:1");
    assertThat(listing.dueIn()).isNull();
  }

  @Test
  void aDeadProvider_changesNothingOfAnother() {
    Listing listing = listing(1, "dns", "udp");
    answers(listing, "a", "b");
    listing.found("udp", addresses("b", "c"), false, left::contains);
    for (int i = 0; i < 5; i++) listing.missed("udp", "silence");
    answers(listing, "a");
    assertThat(listed(listing)).containsExactly("a:1", "b:1", "c:1");
    assertThat(listing.foundBy("b:1")).containsExactly("udp");
    assertThat(listing.foundBy("a:1")).containsExactly("dns");
  }

  @Test
  void aProviderThatFailsForTooLong_isStale_untilItAnswers() {
    Listing listing = listing(3, "dns");
    answers(listing, "a");
    seconds += 1000;
    assertThat(listing.findings().get(0).stale()).as("old, and not failing").isFalse();
    listing.missed("dns", "SERVFAIL");
    assertThat(listing.findings().get(0).stale()).isTrue();
    assertThat(listing.problems())
        .anyMatch(one -> one.kind() == Problem.Kind.STALE && one.sentence().contains("60 s"));
    answers(listing, "a");
    seconds += 59;
    listing.missed("dns", "SERVFAIL");
    assertThat(listing.findings().get(0).stale()).isFalse();
    assertThat(listing.findings().get(0).lastFailure()).isEqualTo("SERVFAIL");
  }

  @Test
  void whatIsFound_comesBeforeWhatIsOnlyRemembered() {
    Listing listing = listing(3, "dns", "udp");
    listing.found("udp", addresses(0, 10), false, left::contains);
    listing.found("udp", addresses(0, 1), false, left::contains);
    listing.found("dns", addresses(10, 26), true, left::contains);
    assertThat(listing.all()).hasSize(20).containsKeys("ha:1", "hk:1", "hz:1");
    assertThat(listing.problems()).isEmpty();
  }

  @Test
  void moreThanMaxPeers_areNeverRemembered_andSaid() {
    Listing listing = listing(0, "dns");
    for (int i = 0; i < 100; i++) {
      int first = 1000 * i;
      listing.found(
          "dns",
          IntStream.range(first, first + 1000).mapToObj(n -> Address.of("h" + n, 1)).toList(),
          true,
          left::contains);
      assertThat(listing.all()).hasSize(20);
    }
    assertThat(listing.problems()).anyMatch(one -> one.kind() == Problem.Kind.TOO_MANY);
  }

  @Test
  void betweenTwoWaysToFindPeers_noGapOpens() {
    Listing listing = listing(3, "dns");
    answers(listing, "a", "b");
    listing.change(Map.of("udp", "udp", "file", "file"));
    assertThat(listed(listing)).containsExactly("a:1", "b:1");
    listing.missed("udp", "nobody heard");
    listing.missed("file", "no such file");
    assertThat(listed(listing)).containsExactly("a:1", "b:1");
    listing.found("udp", addresses("b", "c"), false, left::contains);
    assertThat(listed(listing)).containsExactly("a:1", "b:1", "c:1");
    assertThat(listing.dueIn()).isNull(); // the file may know a
    listing.found("file", addresses("c"), false, left::contains);
    assertThat(listed(listing)).containsExactly("a:1", "b:1", "c:1");
    seconds += 16;
    listing.expire();
    assertThat(listed(listing)).containsExactly("b:1", "c:1");
    assertThat(listing.findings()).extracting("name").containsExactlyInAnyOrder("udp", "file");
  }

  @Test
  void aProviderThatComesBack_isAsItWas() {
    Listing listing = listing(3, "dns");
    answers(listing, "a");
    listing.change(Map.of("udp", "udp"));
    listing.change(Map.of("dns", "dns"));
    assertThat(listed(listing)).containsExactly("a:1");
    assertThat(listing.foundBy("a:1")).containsExactly("dns");
  }
}
