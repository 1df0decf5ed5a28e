package io.homespan.demo;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What became of the spans that were sent, by what the nodes' files hold.
 *
 * <p>A trace can be split and lose spans as well, so {@code whole + split + incomplete} may exceed
 * {@code traces}.
 *
 * @param traces that were sent
 * @param whole all of the trace's spans are on one node, and nowhere else
 * @param split the trace's spans are on more than one node
 * @param incomplete at least one of the trace's spans is on no node
 * @param spans that were sent
 * @param lost spans that are on no node
 * @param duplicated times that a span stands somewhere once more than it should
 * @param unknown spans in the files that nobody sent
 * @param nodes what each node has, in the nodes' order
 */
record Findings(
    int traces,
    int whole,
    int split,
    int incomplete,
    long spans,
    long lost,
    long duplicated,
    long unknown,
    List<Share> nodes) {

  /** How many traces and spans (lines that are there twice count twice) a node has. */
  record Share(int traces, long spans) {}

  Findings {
    nodes = List.copyOf(nodes);
  }

  /**
   * Compares.
   *
   * @param sent span ids by trace id
   * @param kept the spans in each node's file
   */
  static Findings of(Map<String, Set<String>> sent, List<List<KeptSpan>> kept) {
    Map<String, Set<Integer>> homes = new HashMap<>();
    Set<KeptSpan> seen = new HashSet<>();
    List<Share> shares = new ArrayList<>();
    long duplicated = 0;
    long unknown = 0;
    for (int node = 0; node < kept.size(); node++) {
      Set<String> here = new HashSet<>();
      for (KeptSpan span : kept.get(node)) {
        here.add(span.traceId());
        homes.computeIfAbsent(span.traceId(), id -> new HashSet<>()).add(node);
        if (!sent.getOrDefault(span.traceId(), Set.of()).contains(span.spanId())) unknown++;
        if (!seen.add(span)) duplicated++;
      }
      shares.add(new Share(here.size(), kept.get(node).size()));
    }

    int whole = 0;
    int split = 0;
    int incomplete = 0;
    long spans = 0;
    long lost = 0;
    for (Map.Entry<String, Set<String>> trace : sent.entrySet()) {
      String traceId = trace.getKey();
      long missing =
          trace.getValue().stream().filter(id -> !seen.contains(new KeptSpan(traceId, id))).count();
      int places = homes.getOrDefault(traceId, Set.of()).size();
      spans += trace.getValue().size();
      lost += missing;
      if (missing > 0) incomplete++;
      if (places > 1) split++;
      if (missing == 0 && places == 1) whole++;
    }
    return new Findings(
        sent.size(), whole, split, incomplete, spans, lost, duplicated, unknown, shares);
  }

  /** Every trace is whole on one node, each of its spans once. */
  boolean flawless() {
    return whole == traces && duplicated == 0 && unknown == 0;
  }
}
