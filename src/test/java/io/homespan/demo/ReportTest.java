package io.homespan.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.homespan.metrics.Books;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ReportTest {
  private static final List<KeptSpan> KEPT =
      List.of(new KeptSpan("a", "1"), new KeptSpan("a", "2"));
  private static final Findings GOOD =
      Findings.of(Map.of("a", Set.of("1", "2")), List.of(KEPT, List.of()));
  private static final Findings SPLIT =
      Findings.of(Map.of("a", Set.of("1", "2")), List.of(KEPT.subList(0, 1), KEPT.subList(1, 2)));
  private static final Books KEEPS_TWO = new Books(2, 2, 0, 0, 0, 0);
  private static final Books FORWARDS_TWO = new Books(2, 0, 2, 0, 0, 0);

  @Test
  void whereAllIsWell_nothingIsWrong() {
    Report report = report(GOOD, KEEPS_TWO, FORWARDS_TWO, 0);

    assertThat(report.faults()).isEmpty();
    assertThat(printed(report))
        .containsPattern("traces sent +1\n")
        .containsPattern("forwarded +2 +100.0 % of those sent\n")
        .containsPattern("latency p50 1.5 ms, p99 20.0 ms\n")
        .containsPattern("node 2 .* 0.0 % .* balance\n")
        .endsWith("Every trace is whole on one node; nothing was lost or duplicated.\n");
  }

  @Test
  void aSplitTrace_isTold() {
    Books one = new Books(1, 1, 0, 0, 0, 0);

    assertThat(report(SPLIT, one, one, 0).faults())
        .containsExactly("1 traces are split over nodes");
  }

  @Test
  void booksThatDoNotBalance_areTold() {
    Books odd = new Books(3, 0, 2, 0, 0, 0);

    Report report = report(GOOD, KEEPS_TWO, odd, 0);

    assertThat(report.faults()).singleElement().asString().contains("books of node 2");
    assertThat(printed(report)).contains("DO NOT BALANCE").doesNotContain("Every trace");
  }

  @Test
  void booksThatDifferFromTheFile_areTold() {
    assertThat(report(GOOD, new Books(3, 3, 0, 0, 0, 0), FORWARDS_TWO, 0).faults())
        .containsExactly("node 1 has booked 3 spans as kept, and 2 are in its file");
  }

  @Test
  void failedExports_areTold() {
    assertThat(report(GOOD, KEEPS_TWO, FORWARDS_TWO, 4).faults())
        .containsExactly("4 export calls failed");
  }

  private static Report report(Findings findings, Books one, Books two, long failedCalls) {
    return new Report(
        findings,
        List.of("node 1", "node 2"),
        List.of(one, two),
        1,
        7,
        failedCalls,
        1_500_000,
        20_000_000);
  }

  private static String printed(Report report) {
    StringWriter text = new StringWriter();
    report.print(new PrintWriter(text));
    return text.toString().replace("\r", "");
  }
}
