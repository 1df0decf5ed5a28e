package io.homespan.heartbeat;

import static org.assertj.core.api.Assertions.assertThat;

import io.homespan.heartbeat.Measurement.Place;
import io.homespan.heartbeat.Row.Cell;
import io.homespan.heartbeat.Row.State;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiPredicate;
import org.junit.jupiter.api.Test;

/** Matrices of a tier whose ways take 0.3 ms, with one thing wrong. */
class ReadingTest {
  private static final long USUAL = 300_000;

  private final Map<String, Cell> cells = new HashMap<>();
  private final List<Place> members = new ArrayList<>();
  private final List<String> silent = new ArrayList<>();
  private final Set<String> mute = new HashSet<>();
  private final Set<String> open = new HashSet<>(); // ways on which connections open at least

  @Test
  void aTierInOrder_isNotWorthASentence() {
    tier("", "a", "b", "c", "d", "e");
    assertThat(read()).isEmpty();
  }

  @Test
  void whoKnowsNothing_saysNothing() {
    members.add(new Place("a", ""));
    members.add(new Place("b", ""));
    assertThat(read()).isEmpty();
  }

  @Test
  void aDeadNode_andASlowLink_areTwoSentences() {
    tier("", "a", "b", "c", "d", "e");
    dead("d");
    slow((from, to) -> pair(from, to, "a", "c"), 12_000_000);

    assertThat(read())
        .containsExactly(
            "d is down: none of the 4 others reaches it, and it tells nothing.",
            "The link between a and c is slow: p50 12 ms, against 0.30 ms elsewhere.");
  }

  @Test
  void aNodeThatTakesConnectionsOnly_hangs() {
    tier("", "a", "b", "c", "d", "e");
    dead("d");
    open.addAll(List.of("a>d", "b>d", "c>d", "e>d"));
    assertThat(read())
        .containsExactly(
            "d hangs: it takes connections and answers no calls, and it tells nothing.");

    open.remove("b>d");
    assertThat(read())
        .containsExactly("d is down: none of the 4 others reaches it, and it tells nothing.");
  }

  @Test
  void aDeadNode_isDown_thoughNotAllHaveTriedItSince() {
    tier("", "a", "b", "c", "d", "e");
    dead("d");
    aged("a", "d", State.FAILING, 3_000);
    aged("b", "d", State.FAILING, 9_000);
    aged("c", "d", State.OK, 29_500);
    aged("e", "d", State.NO_DATA, 0);
    assertThat(read())
        .containsExactly("d is down: none of the 2 others reaches it, and it tells nothing.");

    aged("c", "d", State.OK, 28_500); // about as old as the failures
    assertThat(read()).noneMatch(sentence -> sentence.contains("is down"));
  }

  @Test
  void aPartition_seenFromBothSides_isOneSentence() {
    tier("", "a", "b", "c", "d", "e");
    failing((from, to) -> from.compareTo("c") < 0 != to.compareTo("c") < 0);
    assertThat(read())
        .containsExactly("The tier is in 2 parts that don't reach one another: a, b | c, d, e.");
  }

  @Test
  void aPartition_seenFromOneSide_mayBeDeath() {
    tier("", "a", "b", "c", "d", "e");
    dead("d");
    dead("e");
    assertThat(read())
        .containsExactly(
            "d, e are down, or cut off together: none of the 3 others reaches them, and they tell"
                + " nothing.");
  }

  @Test
  void whoIsAlone_mayBeCutOffItself() {
    tier("", "a", "b", "c", "d");
    for (String other : List.of("b", "c", "d")) dead(other);
    assertThat(read())
        .containsExactly(
            "a reaches none of the 3 others that it tried: they are down, or it is cut off.");
  }

  @Test
  void aSlowLink_withinAPartOfAPartition_isSaidAsWell() {
    tier("", "a", "b", "c", "d", "e");
    failing((from, to) -> from.compareTo("c") < 0 != to.compareTo("c") < 0);
    slow((from, to) -> pair(from, to, "d", "e"), 12_000_000);
    assertThat(read())
        .hasSize(2)
        .last()
        .isEqualTo("The link between d and e is slow: p50 12 ms, against 0.30 ms elsewhere.");
  }

  @Test
  void manyThatAreGone_areNotAllNamed() {
    String[] names = new String[40];
    for (int i = 0; i < names.length; i++) names[i] = String.format("n%02d", i);
    tier("", names);
    for (int i = 20; i < 40; i++) dead(names[i]);
    assertThat(read())
        .singleElement()
        .asString()
        .startsWith("n20, n21, n22, n23, n24, n25 and 14 more are down, or cut off together");
  }

  @Test
  void whoIsSilentAndAnswers_isNotDown() {
    tier("", "a", "b", "c");
    silent.add("b");
    assertThat(read())
        .containsExactly(
            "b answers pings, or did until now, and does not tell what it measures itself: its"
                + " heartbeat is off, or it has just stopped.");
  }

  @Test
  void anAgentThatHasNothingToTell_isNotWorthASentence() {
    tier("", "a", "b", "c");
    silent.add("b");
    mute.add("b");
    assertThat(read()).isEmpty();
  }

  @Test
  void whoAloneMeasures_andReachesSome_isNotCutOff() {
    tier("", "a", "b", "c", "d");
    silent.addAll(List.of("b", "c", "d"));
    mute.addAll(silent);
    failing((from, to) -> to.equals("c") || to.equals("d"));
    assertThat(read()).containsExactly("c, d are down: a, which alone tries them, reaches others.");
  }

  @Test
  void anAgentThatNobodyReaches_isDown_andWasNotExpectedToTellAnything() {
    tier("", "a", "b", "c");
    dead("b");
    mute.add("b");
    assertThat(read()).containsExactly("b is down: none of the 2 others reaches it.");
  }

  @Test
  void aNodeThatReports_andIsReachedByNobody() {
    tier("", "a", "b", "c", "d");
    failing((from, to) -> to.equals("b"));
    assertThat(read())
        .containsExactly(
            "b cannot be reached: none of the 3 others reaches its peer port, though it reports"
                + " itself.");
  }

  @Test
  void aSlowNode_isSlowInBothDirections() {
    tier("", "a", "b", "c", "d", "e");
    slow((from, to) -> from.equals("b") || to.equals("b"), 30_000_000);
    assertThat(read())
        .containsExactly("b is slow in both directions (p50 30 ms): it or its link is bad.");
  }

  @Test
  void oneSlowAnswer_isNotWorthASentence() {
    tier("", "a", "b", "c", "d", "e");
    answered((from, to) -> pair(from, to, "a", "c"), 1, 12_000_000);
    assertThat(read()).isEmpty();

    answered((from, to) -> pair(from, to, "a", "c"), 2, 12_000_000);
    assertThat(read())
        .containsExactly("The link between a and c is slow: p50 12 ms, against 0.30 ms elsewhere.");
  }

  @Test
  void whoHasAnsweredOnce_doesNotSayWhatIsUsual() {
    tier("", "a", "b", "c", "d", "e");
    slow((from, to) -> true, 8_000_000);
    answered((from, to) -> from.compareTo("d") < 0, 1, 100_000);
    assertThat(read()).isEmpty();
  }

  @Test
  void slowOnlyAsASource_isAStarvedNode() {
    tier("", "a", "b", "c", "d", "e");
    slow((from, to) -> from.equals("e"), 8_000_000);
    assertThat(read())
        .singleElement()
        .asString()
        .startsWith("e measures slow ways to everybody (p50 8.00 ms)")
        .contains("it is starved");
  }

  @Test
  void slowOnlyAsATarget_isAnOverloadedOne() {
    tier("", "a", "b", "c", "d", "e");
    slow((from, to) -> to.equals("e"), 8_000_000);
    assertThat(read()).singleElement().asString().startsWith("e is slow to answer everybody");
  }

  @Test
  void aCutBetweenZones_isOneSentence() {
    tier("east", "a1", "a2", "a3");
    tier("west", "b1", "b2", "b3");
    between("a", "b");
    failing((from, to) -> from.charAt(0) != to.charAt(0));
    assertThat(read())
        .containsExactly("The way between zones east and west does not work (18 of 18 ways).");
  }

  @Test
  void zonesFarApart_areSlowByNature() {
    tier("east", "a1", "a2", "a3");
    tier("west", "b1", "b2", "b3");
    between("a", "b");
    slow((from, to) -> from.charAt(0) != to.charAt(0), 70_000_000);
    assertThat(read()).isEmpty();
  }

  @Test
  void oneDirection_isSaidAsSuch() {
    tier("", "a", "b", "c", "d");
    failing((from, to) -> from.equals("a") && to.equals("b"));
    assertThat(read()).containsExactly("The way from a to b does not work.");
  }

  @Test
  void lostSyns_areNamedWithTheirShare() {
    tier("", "a", "b", "c", "d");
    change((from, to) -> pair(from, to, "a", "b"), cell -> cell(cell.to(), State.OK, USUAL, 0.031));
    assertThat(read()).containsExactly("The link between a and b loses packets: 3.1 % of SYNs.");
  }

  @Test
  void manySentences_areCutAndCounted() {
    String[] names = new String[60];
    for (int i = 0; i < names.length; i++) names[i] = String.format("n%02d", i);
    tier("", names);
    failing((from, to) -> Integer.parseInt(from.substring(1)) % 2 == 0 && next(from).equals(to));
    assertThat(read()).hasSize(Reading.MOST + 1).last().isEqualTo("And 10 more.");
  }

  private static String next(String name) {
    return String.format("n%02d", Integer.parseInt(name.substring(1)) + 1);
  }

  private List<String> read() {
    Map<String, Row> rows = new HashMap<>();
    for (Place from : members) {
      if (silent.contains(from.id())) continue;
      List<Cell> row = new ArrayList<>();
      for (Place to : members) {
        Cell cell = cells.get(from.id() + ">" + to.id());
        if (cell != null) row.add(cell);
        if (open.contains(from.id() + ">" + to.id())) {
          row.add(new Cell(to.id(), Probe.TCP, State.OK, 6, 0, USUAL, USUAL, 0, 5));
        }
      }
      rows.put(from.id(), new Row(from, row));
    }
    return Reading.of(new Matrix(members, rows, mute, 20_000));
  }

  private void tier(String zone, String... ids) {
    for (String id : ids) members.add(new Place(id, zone));
    for (String from : ids) {
      for (String to : ids) {
        if (!from.equals(to)) cells.put(from + ">" + to, cell(to, State.OK, USUAL, 0));
      }
    }
  }

  private void between(String one, String two) {
    for (Place from : members) {
      for (Place to : members) {
        if (from.id().startsWith(one) == to.id().startsWith(one)) continue;
        if (!from.id().startsWith(one) && !from.id().startsWith(two)) continue;
        cells.put(from.id() + ">" + to.id(), cell(to.id(), State.OK, USUAL, 0));
      }
    }
  }

  private void dead(String id) {
    silent.add(id);
    failing((from, to) -> to.equals(id));
  }

  private void failing(BiPredicate<String, String> which) {
    change(which, cell -> cell(cell.to(), State.FAILING, 0, 0));
  }

  private void slow(BiPredicate<String, String> which, long nanos) {
    change(which, cell -> cell(cell.to(), State.OK, nanos, 0));
  }

  private void change(
      BiPredicate<String, String> which, java.util.function.UnaryOperator<Cell> how) {
    cells.replaceAll(
        (way, cell) -> {
          String[] ends = way.split(">", 2);
          return which.test(ends[0], ends[1]) ? how.apply(cell) : cell;
        });
  }

  private void aged(String from, String to, State state, long ageMillis) {
    Cell one = cell(to, state, state == State.OK ? USUAL : 0, 0);
    cells.put(
        from + ">" + to,
        new Cell(
            to, one.probe(), state, 6, one.failed(), one.p50Nanos(), one.p99Nanos(), 0, ageMillis));
  }

  private static boolean pair(String from, String to, String one, String two) {
    return (from.equals(one) && to.equals(two)) || (from.equals(two) && to.equals(one));
  }

  private void answered(BiPredicate<String, String> which, int times, long nanos) {
    change(which, cell -> new Cell(cell.to(), Probe.GRPC, State.OK, times, 0, nanos, nanos, 0, 5));
  }

  private static Cell cell(String to, State state, long nanos, double dropRate) {
    return new Cell(to, Probe.GRPC, state, 6, state == State.OK ? 0 : 6, nanos, nanos, dropRate, 5);
  }
}
