package io.homespan.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FindingsTest {
  /** Two traces: a has the spans 1, 2 and 3, b has 1 and 2. */
  private static final Map<String, Set<String>> SENT =
      Map.of("a", Set.of("1", "2", "3"), "b", Set.of("1", "2"));

  @ParameterizedTest(name = "{0}: {1} | {2}")
  @CsvSource({
    // what                     node 1             node 2        whole split incomplete lost dup
    // unknown
    "as it should be,           a1 a2 a3,          b1 b2,        2,    0,    0,         0,   0,  0",
    "both on one node,          a1 b1 a2 b2 a3,    '',           2,    0,    0,         0,   0,  0",
    "a split trace,             a1 a2,             a3 b1 b2,     1,    1,    0,         0,   0,  0",
    "a lost span,               a1 a3,             b1 b2,        1,    0,    1,         1,   0,  0",
    "a lost trace,              a1 a2 a3,          '',           1,    0,    1,         2,   0,  0",
    "all lost,                  '',                '',           0,    0,    2,         5,   0,  0",
    "split and a span lost,     a1,                a2 b1 b2,     1,    1,    1,         1,   0,  0",
    "twice on one node,         a1 a2 a3 a2,       b1 b2,        2,    0,    0,         0,   1,  0",
    "twice on two nodes,        a1 a2 a3,          a3 b1 b2,     1,    1,    0,         0,   1,  0",
    "three times,               a1 a2 a3,          b1 b2 b2 b2,  2,    0,    0,         0,   2,  0",
    "a span nobody sent,        a1 a2 a3 a9,       b1 b2,        2,    0,    0,         0,   0,  1",
    "a trace nobody sent,       a1 a2 a3,          b1 b2 c1,     2,    0,    0,         0,   0,  1",
  })
  void eachFaultIsFound(
      String what,
      String node1,
      String node2,
      int whole,
      int split,
      int incomplete,
      long lost,
      long duplicated,
      long unknown) {
    Findings found = Findings.of(SENT, List.of(spans(node1), spans(node2)));

    assertThat(found)
        .extracting(
            Findings::whole,
            Findings::split,
            Findings::incomplete,
            Findings::lost,
            Findings::duplicated,
            Findings::unknown)
        .containsExactly(whole, split, incomplete, lost, duplicated, unknown);
    assertThat(found.flawless())
        .isEqualTo(split + incomplete == 0 && lost + duplicated + unknown == 0);
    assertThat(found.traces()).isEqualTo(2);
    assertThat(found.spans()).isEqualTo(5);
  }

  @Test
  void eachNode_isSeenWithWhatItHas() {
    Findings found = Findings.of(SENT, List.of(spans("a1 a2 a3"), spans("b1 b2"), List.of()));

    assertThat(found.nodes())
        .containsExactly(
            new Findings.Share(1, 3), new Findings.Share(1, 2), new Findings.Share(0, 0));
  }

  private static List<KeptSpan> spans(String words) {
    List<KeptSpan> spans = new ArrayList<>();
    for (String word : words.split(" ", -1)) {
      if (!word.isEmpty()) spans.add(new KeptSpan(word.substring(0, 1), word.substring(1)));
    }
    return spans;
  }
}
