package io.homespan.demo;

import io.homespan.metrics.Books;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The proof at the end.
 *
 * @param scattered traces whose spans were sent to more than one node
 * @param nodes the nodes' names, in the order of {@code findings} and {@code books}
 */
record Report(
    Findings findings,
    List<String> nodes,
    List<Books> books,
    long scattered,
    int calls,
    long failedCalls,
    long p50Nanos,
    long p99Nanos) {
  Report {
    nodes = List.copyOf(nodes);
    books = List.copyOf(books);
  }

  /** What is wrong, a line each; empty if all is well. */
  List<String> faults() {
    List<String> faults = new ArrayList<>();
    fault(faults, findings.split(), "traces are split over nodes");
    fault(faults, findings.incomplete(), "traces are not complete");
    fault(faults, findings.lost(), "spans are lost");
    fault(faults, findings.duplicated(), "spans are there more than once");
    fault(faults, findings.unknown(), "spans are there that nobody sent");
    fault(faults, failedCalls, "export calls failed");
    for (int i = 0; i < books.size(); i++) {
      Books book = books.get(i);
      if (!book.balanced()) faults.add("the books of " + nodes.get(i) + " do not balance: " + book);
      long there = findings.nodes().get(i).spans();
      if (book.kept() != there) {
        faults.add(
            String.format(
                Locale.ROOT,
                "%s has booked %,d spans as kept, and %,d are in its file",
                nodes.get(i),
                book.kept(),
                there));
      }
    }
    return faults;
  }

  private static void fault(List<String> faults, long count, String what) {
    if (count > 0) faults.add(String.format(Locale.ROOT, "%,d %s", count, what));
  }

  /** Prints the tables and the verdict. */
  void print(PrintWriter out) {
    line(out, "traces sent", findings.traces(), "");
    line(out, "  to more than one node", scattered, "");
    line(out, "  whole on one node", findings.whole(), "");
    line(out, "  split", findings.split(), "");
    line(out, "  lost (some span missing)", findings.incomplete(), "");
    line(out, "spans sent", findings.spans(), "");
    line(out, "  lost", findings.lost(), "");
    line(out, "  duplicated", findings.duplicated(), "");
    line(
        out, "  forwarded", forwarded(), percent(forwarded(), findings.spans()) + " of those sent");
    line(
        out,
        "export calls",
        calls,
        String.format(
            Locale.ROOT, "latency p50 %.1f ms, p99 %.1f ms", p50Nanos / 1e6, p99Nanos / 1e6));
    line(out, "  failed", failedCalls, "");
    out.println("  (senders and nodes share one JVM that has just started)");
    out.println();
    printNodes(out);
    out.println();
    List<String> faults = faults();
    faults.forEach(fault -> out.println("WRONG: " + fault));
    if (faults.isEmpty()) {
      out.println("Every trace is whole on one node; nothing was lost or duplicated.");
    }
    out.flush();
  }

  private void printNodes(PrintWriter out) {
    out.println(
        "node      traces     spans    share  received =     kept + forwarded + refused + dropped"
            + "   books");
    long all = findings.nodes().stream().mapToLong(Findings.Share::spans).sum();
    for (int i = 0; i < nodes.size(); i++) {
      Findings.Share has = findings.nodes().get(i);
      Books book = books.get(i);
      out.printf(
          Locale.ROOT,
          "%-8s %,7d %,9d  %7s %,9d  %,9d  %,10d %,9d %,9d   %s%n",
          nodes.get(i),
          has.traces(),
          has.spans(),
          percent(has.spans(), all),
          book.received(),
          book.kept(),
          book.forwarded(),
          book.refused(),
          book.dropped(),
          book.balanced() ? "balance" : "DO NOT BALANCE");
    }
  }

  private long forwarded() {
    return books.stream().mapToLong(Books::forwarded).sum();
  }

  private static String percent(long part, long whole) {
    return String.format(Locale.ROOT, "%.1f %%", whole == 0 ? 0.0 : 100.0 * part / whole);
  }

  private static void line(PrintWriter out, String what, long count, String more) {
    out.printf(Locale.ROOT, "%-28s %,9d%s%n", what, count, more.isEmpty() ? "" : "   " + more);
  }
}
