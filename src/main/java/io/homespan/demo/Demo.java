package io.homespan.demo;

import io.homespan.metrics.Books;
import io.opentelemetry.sdk.common.CompletableResultCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Sends traces to a tier for a few seconds, and prints what became of them. */
public final class Demo {
  /** How long the nodes may take to find one another. */
  private static final Duration READY_WITHIN = Duration.ofSeconds(15);

  /** How long the last exports may take; shorter than a whole run, and long for a loopback. */
  private static final Duration FLUSHED_WITHIN = Duration.ofSeconds(10);

  private static final Duration STREAM = Duration.ofSeconds(8);

  /** On a machine that can't keep the pace the rest is not sent. */
  private static final Duration STREAM_AT_MOST = Duration.ofSeconds(12);

  /** So that few traces don't take the whole time. */
  private static final Duration SLOWEST_PACE = Duration.ofMillis(20);

  private static final long TICK_NANOS = 20_000_000;
  private static final long MIN_PARK_NANOS = 1_000_000;

  private final List<DemoNode> nodes;
  private final PrintWriter out;
  private final boolean inPlace;

  /**
   * @param nodes started, each with a file that had nothing in it
   * @param inPlace whether {@code out} is a terminal, on which a line can be rewritten
   */
  public Demo(List<DemoNode> nodes, PrintWriter out, boolean inPlace) {
    this.nodes = List.copyOf(nodes);
    this.out = out;
    this.inPlace = inPlace;
  }

  /**
   * Waits for the tier, sends, and prints the report. Blocks for about 9 s.
   *
   * @param seed the same seed gives the same traces
   * @return whether every trace is whole on one node, nothing is lost or duplicated, and all books
   *     balance
   * @throws IOException if a node's file cannot be read
   */
  public boolean run(int traces, long seed) throws IOException, InterruptedException {
    String table = new Readiness().await(nodes, READY_WITHIN);
    if (table == null) {
      out.println("The nodes did not become ready within " + READY_WITHIN.toSeconds() + " s.");
      out.flush();
      return false;
    }
    out.printf(
        Locale.ROOT,
        "All nodes are ready, with one owner table (%s). Sending %,d traces (--seed %d).%n%n",
        table,
        traces,
        seed);
    out.flush();

    Ledger ledger = new Ledger();
    Traffic traffic = new Traffic(nodes.stream().map(DemoNode::ingest).toList(), ledger, seed);
    try {
      Progress progress = new Progress(out, inPlace, System.nanoTime());
      int sent = stream(traffic, traces, ledger, progress);
      boolean flushed = flush(traffic, ledger, progress);
      progress.end(System.nanoTime(), ledger.answered(), forwarded());
      if (!flushed) {
        out.println(
            "WRONG: not everything was delivered within "
                + FLUSHED_WITHIN.toSeconds()
                + " s of flushing.");
      }
      if (sent < traces) {
        out.printf(
            Locale.ROOT,
            "This machine can't keep the pace: %,d traces were sent in %d s, the rest was not.%n",
            sent,
            STREAM_AT_MOST.toSeconds());
      }
      Report report = report(ledger);
      report.print(out);
      return flushed && report.faults().isEmpty();
    } finally {
      traffic.close().join(1, TimeUnit.SECONDS);
    }
  }

  /** How many traces it has sent. */
  private int stream(Traffic traffic, int traces, Ledger ledger, Progress progress) {
    long pace = Math.min(STREAM.toNanos() / traces, SLOWEST_PACE.toNanos());
    long begun = System.nanoTime();
    long end = begun + STREAM_AT_MOST.toNanos();
    for (int i = 0; i < traces; i++) {
      long due = begun + i * pace;
      while (System.nanoTime() - due < 0 || ledger.open() > Traffic.MAX_OPEN_SPANS) {
        if (System.nanoTime() - end > 0) return i;
        LockSupport.parkNanos(
            Math.max(MIN_PARK_NANOS, Math.min(due - System.nanoTime(), TICK_NANOS)));
        show(ledger, progress);
      }
      if (System.nanoTime() - end > 0) return i;
      Instant now = Instant.now();
      traffic.send(TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano());
      show(ledger, progress);
    }
    return traces;
  }

  private boolean flush(Traffic traffic, Ledger ledger, Progress progress) {
    long begun = System.nanoTime();
    CompletableResultCode flushed = traffic.flush();
    while (!flushed.isDone() && System.nanoTime() - begun < FLUSHED_WITHIN.toNanos()) {
      flushed.join(TICK_NANOS, TimeUnit.NANOSECONDS);
      show(ledger, progress);
    }
    return flushed.isSuccess();
  }

  private void show(Ledger ledger, Progress progress) {
    long now = System.nanoTime();
    if (progress.due(now)) progress.show(now, ledger.answered(), forwarded());
  }

  private long forwarded() {
    return nodes.stream().map(node -> node.books().get()).mapToLong(Books::forwarded).sum();
  }

  private Report report(Ledger ledger) throws IOException {
    List<List<KeptSpan>> kept = new ArrayList<>();
    for (DemoNode node : nodes) kept.add(KeptSpan.in(node.file()));
    return new Report(
        Findings.of(ledger.spans(), kept),
        nodes.stream().map(DemoNode::name).toList(),
        nodes.stream().map(node -> node.books().get()).toList(),
        ledger.scattered(),
        ledger.calls(),
        ledger.failedCalls(),
        ledger.latency(0.5),
        ledger.latency(0.99));
  }
}
