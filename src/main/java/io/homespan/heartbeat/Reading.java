package io.homespan.heartbeat;

import io.homespan.heartbeat.Measurement.Place;
import io.homespan.heartbeat.Row.Cell;
import io.homespan.heartbeat.Row.State;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntPredicate;

/**
 * Says what a matrix shows, in sentences a person understands: whole nodes first, then zones, then
 * parts of the tier that don't see one another, then what is left, pair by pair; what one sentence
 * has explained no other repeats. The patterns are those of Pingmesh's heat map (section 4.5): a
 * white cross, a red cross, a red block.
 */
final class Reading {
  /** So many sentences; the rest is counted. */
  static final int MOST = 20;

  /** So many nodes are named in one sentence; the rest is counted. */
  private static final int MOST_NAMES = 6;

  /** A way is slow at so many times the tier's median, */
  private static final double SLOW_TIMES = 4;

  /** and this much more than it: below that it is noise of the machines. */
  private static final long SLOW_NANOS = 2_000_000;

  /** So many answers, the faster half of which counts: the first after a start takes its time. */
  private static final int SLOW_ANSWERS = 2;

  /** A share of SYNs that is worth a sentence; networks in order lose one of 10,000 or less. */
  private static final float LOSSY = 0.01f;

  /** So much of a row, column or block must be ill, for it to be one thing. */
  private static final double MOSTLY = 0.7;

  private final List<Place> members;
  private final int n;
  private final boolean[][] known; // by who measured and whom; arrays, as a thousand nodes have
  private final boolean[][] failing; // a million ways
  private final boolean[][] opens; // connections, whatever becomes of calls
  private final int[][] agesMillis;
  private final long[][] p50Nanos;
  private final float[][] dropRates;
  private final boolean[][] explained;
  private final boolean[] silent;
  private final boolean[] mute;
  private final long usual;
  private final List<String> sentences = new ArrayList<>(); // at most MOST
  private int unsaid;

  private Reading(Matrix matrix) {
    this.members = matrix.members();
    this.n = members.size();
    this.known = new boolean[n][n];
    this.failing = new boolean[n][n];
    this.opens = new boolean[n][n];
    this.agesMillis = new int[n][n];
    this.p50Nanos = new long[n][n];
    this.dropRates = new float[n][n];
    this.explained = new boolean[n][n];
    this.silent = new boolean[n];
    this.mute = new boolean[n];
    Map<String, Integer> places = new HashMap<>();
    for (int i = 0; i < n; i++) places.put(members.get(i).id(), i);
    for (int from = 0; from < n; from++) {
      Row row = matrix.rows().get(members.get(from).id());
      silent[from] = row == null;
      mute[from] = matrix.mute().contains(members.get(from).id());
      if (row != null) fill(from, row, places);
    }
    for (int to = 0; to < n; to++) if (silent[to]) forgetWhatWas(to, matrix.apartMillis());
    this.usual = usual();
  }

  /**
   * Where peers are measured by turns, many may not have tried a silent node since at least two
   * failed to reach it: that it was well before says nothing now.
   */
  private void forgetWhatWas(int to, long apart) {
    int tried = 0;
    int oldest = 0;
    for (int from = 0; from < n; from++) {
      if (!failing[from][to]) continue;
      tried++;
      oldest = Math.max(oldest, agesMillis[from][to]);
    }
    if (tried < 2) return;
    for (int from = 0; from < n; from++) {
      if (!failing[from][to] && agesMillis[from][to] > oldest + apart) known[from][to] = false;
    }
  }

  /** The sentences, the worst first; none if all is well or nothing is known. */
  static List<String> of(Matrix matrix) {
    Reading reading = new Reading(matrix);
    reading.nodes();
    reading.zones();
    reading.parts();
    reading.pairs();
    List<String> all = reading.sentences;
    if (reading.unsaid > 0) all.add("And " + reading.unsaid + " more.");
    return List.copyOf(all);
  }

  private void add(String sentence) {
    if (sentences.size() < MOST) sentences.add(sentence);
    else unsaid++;
  }

  private void fill(int from, Row row, Map<String, Integer> places) {
    for (Cell cell : row.cells()) {
      Integer to = places.get(cell.to());
      if (to == null || to == from || cell.state() == State.NO_DATA) continue;
      int age = (int) Math.min(Integer.MAX_VALUE, cell.ageMillis());
      agesMillis[from][to] = known[from][to] ? Math.min(agesMillis[from][to], age) : age;
      known[from][to] = true;
      failing[from][to] |= cell.state() == State.FAILING;
      opens[from][to] |= cell.probe() == Probe.TCP && cell.state() == State.OK;
      // of the round trips the small call's: a payload takes its time, and TCP is the kernel's
      boolean tells = cell.probe() != Probe.PAYLOAD && cell.sent() - cell.failed() >= SLOW_ANSWERS;
      long p50 = tells ? cell.p50Nanos() : 0;
      p50Nanos[from][to] = Math.max(p50Nanos[from][to], p50);
      dropRates[from][to] = Math.max(dropRates[from][to], (float) cell.dropRate());
    }
  }

  private long usual() {
    long[] all = new long[n * n];
    int count = 0;
    for (int from = 0; from < n; from++) {
      for (int to = 0; to < n; to++) {
        if (works(from, to) && p50Nanos[from][to] > 0) all[count++] = p50Nanos[from][to];
      }
    }
    Arrays.sort(all, 0, count);
    return count == 0 ? 0 : all[count / 2];
  }

  private boolean isKnown(int from, int to) {
    return known[from][to];
  }

  private boolean isFailing(int from, int to) {
    return failing[from][to];
  }

  private boolean isSlow(int from, int to) {
    long p50 = p50Nanos[from][to];
    return works(from, to) && p50 > SLOW_TIMES * usual && p50 > usual + SLOW_NANOS;
  }

  private boolean isLossy(int from, int to) {
    return dropRates[from][to] >= LOSSY;
  }

  // nodes

  private void nodes() {
    List<Integer> gone = new ArrayList<>();
    for (int x = 0; x < n; x++) if (silent[x] && isReachedByNobody(x)) gone.add(x);
    if (gone.size() > 1) {
      gone(gone);
      gone.forEach(this::explain);
    }
    for (int x = 0; x < n; x++) {
      int node = x;
      if (gone.size() > 1 && gone.contains(x)) continue;
      Line column =
          line(
              from -> from != node && isKnown(from, node) && !explained[from][node],
              from -> isFailing(from, node));
      if (silent[x] && column.known > 0 && column.ill == column.known) {
        String more = mute[x] ? "." : ", and it tells nothing.";
        // a kernel opens connections for a process that is frozen, or in a long collection
        Line opened =
            line(from -> from != node && isFailing(from, node), from -> opens[from][node]);
        if (opened.ill == opened.known) {
          say("%s hangs: it takes connections and answers no calls" + more, x, "");
        } else {
          say("%s is down: %s it" + more, x, reachedByNone(column.known));
        }
      } else if (column.known > 1 && column.ill == column.known) {
        say(
            "%s cannot be reached: %s its peer port, though it reports itself.",
            x, reachedByNone(column.known));
      } else {
        continue;
      }
      explain(x);
    }
    for (int x = 0; x < n; x++) slowNode(x);
    for (int x = 0; x < n; x++) {
      int node = x;
      if (silent[x]
          && !mute[x]
          && line(from -> isKnown(from, node), from -> false).known > 0
          && !isExplained(x))
        say(
            "%s answers pings, or did until now, and does not tell what it measures itself: its"
                + " heartbeat is off, or it has just stopped.",
            x, "");
    }
  }

  private boolean isReachedByNobody(int x) {
    Line column = line(from -> from != x && isKnown(from, x), from -> isFailing(from, x));
    return column.known > 0 && column.ill == column.known;
  }

  /** Several at once: what is behind a cut looks dead from here, so it can't be told apart. */
  private void gone(List<Integer> gone) {
    Set<Integer> tried = new TreeSet<>();
    for (int to : gone) {
      for (int from = 0; from < n; from++) if (isKnown(from, to)) tried.add(from);
    }
    if (tried.size() == 1) {
      int from = tried.iterator().next();
      String lone = members.get(from).id();
      if (line(to -> isKnown(from, to) && !isFailing(from, to), to -> false).known > 0) {
        // one that measures among agents that tell nothing
        String which = ", which alone tries them, reaches others.";
        add(names(gone) + " are down: " + lone + which);
        return;
      }
      add(
          lone
              + " reaches none of the "
              + gone.size()
              + " others that it tried: they are down, or it is cut off.");
      return;
    }
    add(
        names(gone)
            + " are down, or cut off together: "
            + reachedByNone(tried.size())
            + " them, and they tell nothing.");
  }

  private boolean isExplained(int column) {
    for (int from = 0; from < n; from++) if (from != column && explained[from][column]) return true;
    return false;
  }

  private void slowNode(int x) {
    Line column =
        line(from -> from != x && isKnown(from, x) && !explained[from][x], from -> isSlow(from, x));
    Line row = line(to -> to != x && isKnown(x, to) && !explained[x][to], to -> isSlow(x, to));
    if (row.isMostlyIll() && column.isMostlyIll()) {
      say(
          "%s is slow in both directions (p50 %s): it or its link is bad.",
          x, millis(median(from -> isSlow(from, x), true, x)));
      explainColumn(x);
      explainRow(x);
    } else if (row.isMostlyIll() && column.known > 0) {
      say(
          "%s measures slow ways to everybody (p50 %s), though others reach it as usual: it is"
              + " starved, of CPU or by collections, and the network is not at fault.",
          x, millis(median(to -> isSlow(x, to), false, x)));
      explainRow(x);
    } else if (column.isMostlyIll()) {
      say(
          "%s is slow to answer everybody (p50 %s): it is overloaded, or its inbound way is bad.",
          x, millis(median(from -> isSlow(from, x), true, x)));
      explainColumn(x);
    }
  }

  /** How much of a row, a column or a block is ill. */
  private record Line(int known, int ill) {
    /** One pair is no pattern. */
    boolean isMostlyIll() {
      return known > 1 && ill > 1 && ill >= MOSTLY * known;
    }
  }

  private Line line(IntPredicate counts, IntPredicate ill) {
    int known = 0;
    int bad = 0;
    for (int i = 0; i < n; i++) {
      if (!counts.test(i)) continue;
      known++;
      if (ill.test(i)) bad++;
    }
    return new Line(known, bad);
  }

  private long median(IntPredicate which, boolean column, int x) {
    List<Long> all = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      boolean there = column ? isKnown(i, x) : isKnown(x, i);
      if (there && which.test(i)) all.add(column ? p50Nanos[i][x] : p50Nanos[x][i]);
    }
    all.sort(null);
    return all.isEmpty() ? 0 : all.get(all.size() / 2);
  }

  private void explain(int x) {
    explainColumn(x);
    explainRow(x);
  }

  private void explainColumn(int x) {
    for (int i = 0; i < n; i++) explained[i][x] = true;
  }

  private void explainRow(int x) {
    for (int i = 0; i < n; i++) explained[x][i] = true;
  }

  // zones

  private void zones() {
    Set<String> zones = new TreeSet<>();
    for (Place one : members) zones.add(one.zone());
    if (zones.size() < 2) return;
    List<String> all = List.copyOf(zones);
    for (int a = 0; a < all.size(); a++) {
      for (int b = a; b < all.size(); b++) {
        block(all.get(a), all.get(b), "does not work", this::isFailing);
        block(all.get(a), all.get(b), "loses packets", this::isLossy);
        // zones far apart are slow by nature; within one it tells
        if (a == b) block(all.get(a), all.get(b), "is slow", this::isSlow);
      }
    }
  }

  private interface Illness {
    boolean has(int from, int to);
  }

  private void block(String a, String b, String what, Illness illness) {
    int known = 0;
    int ill = 0;
    Set<Integer> sources = new LinkedHashSet<>();
    for (int from = 0; from < n; from++) {
      for (int to = 0; to < n; to++) {
        if (!isBetween(from, to, a, b) || explained[from][to] || !isKnown(from, to)) continue;
        known++;
        if (!illness.has(from, to)) continue;
        ill++;
        sources.add(from);
      }
    }
    if (ill < 3 || sources.size() < 2 || ill < MOSTLY * known) return;
    String where =
        a.equals(b)
            ? "The network of zone " + zone(a)
            : "The way between zones " + zone(a) + " and " + zone(b);
    add(where + " " + what + " (" + ill + " of " + known + " ways).");
    for (int from = 0; from < n; from++) {
      for (int to = 0; to < n; to++) {
        if (isBetween(from, to, a, b)) explained[from][to] = true;
      }
    }
  }

  private boolean isBetween(int from, int to, String a, String b) {
    String one = members.get(from).zone();
    String two = members.get(to).zone();
    return from != to && ((one.equals(a) && two.equals(b)) || (one.equals(b) && two.equals(a)));
  }

  private static String zone(String name) {
    return name.isEmpty() ? "(none)" : name;
  }

  // parts

  /** Groups that work within and don't reach one another: what a partition looks like. */
  private void parts() {
    int[] part = new int[n];
    Arrays.fill(part, -1);
    List<List<Integer>> parts = new ArrayList<>();
    for (int x = 0; x < n; x++) {
      if (part[x] >= 0) continue;
      List<Integer> group = reach(x, part, parts.size());
      if (group.size() > 1) parts.add(group);
      else part[x] = n; // who has no neighbour left is no part
    }
    if (parts.size() < 2) return;
    Illness cut =
        (from, to) ->
            part[from] < n
                && part[to] < n
                && part[from] != part[to]
                && !explained[from][to]
                && isFailing(from, to);
    if (count(cut) < 2) return; // one way is a way
    for (int from = 0; from < n; from++) {
      for (int to = 0; to < n; to++) if (cut.has(from, to)) explained[from][to] = true;
    }
    List<String> named = new ArrayList<>();
    for (List<Integer> one : parts) named.add(names(one));
    add(
        "The tier is in "
            + parts.size()
            + " parts that don't reach one another: "
            + String.join(" | ", named)
            + ".");
  }

  private int count(Illness illness) {
    int count = 0;
    for (int from = 0; from < n; from++) {
      for (int to = 0; to < n; to++) if (illness.has(from, to)) count++;
    }
    return count;
  }

  /** All that is joined to this one by ways that work, at least in one direction. */
  private List<Integer> reach(int first, int[] part, int number) {
    List<Integer> group = new ArrayList<>(List.of(first));
    part[first] = number;
    for (int i = 0; i < group.size(); i++) {
      int one = group.get(i);
      for (int other = 0; other < n; other++) {
        if (part[other] >= 0 || !(works(one, other) || works(other, one))) continue;
        part[other] = number;
        group.add(other);
      }
    }
    group.sort(null);
    return group;
  }

  private boolean works(int from, int to) {
    return isKnown(from, to) && !isFailing(from, to);
  }

  private String names(List<Integer> nodes) {
    List<String> names = new ArrayList<>();
    for (int one : nodes.subList(0, Math.min(MOST_NAMES, nodes.size()))) {
      names.add(members.get(one).id());
    }
    int more = nodes.size() - names.size();
    return String.join(", ", names) + (more > 0 ? " and " + more + " more" : "");
  }

  // pairs

  private void pairs() {
    pairs("does not work", this::isFailing, false);
    pairs("is slow", (from, to) -> isSlow(from, to) && sameZone(from, to), true);
    pairs("loses packets", this::isLossy, false);
  }

  private boolean sameZone(int from, int to) {
    return members.get(from).zone().equals(members.get(to).zone());
  }

  private void pairs(String what, Illness illness, boolean time) {
    for (int a = 0; a < n; a++) {
      for (int b = a + 1; b < n; b++) {
        boolean there = !explained[a][b] && illness.has(a, b);
        boolean back = !explained[b][a] && illness.has(b, a);
        if (!there && !back) continue;
        String one = members.get(a).id();
        String two = members.get(b).id();
        // who does not measure contradicts nobody
        boolean both = (there || !isKnown(a, b)) && (back || !isKnown(b, a));
        String way =
            both
                ? "The link between " + one + " and " + two
                : there
                    ? "The way from " + one + " to " + two
                    : "The way from " + two + " to " + one;
        String detail = there ? detail(a, b, time) : detail(b, a, time);
        add(way + " " + what + detail + ".");
        explained[a][b] = true;
        explained[b][a] = true;
      }
    }
  }

  private String detail(int from, int to, boolean time) {
    if (isFailing(from, to)) return "";
    if (time) {
      String p50 = millis(p50Nanos[from][to]);
      return ": p50 " + p50 + ", against " + millis(usual) + " elsewhere";
    }
    return String.format(Locale.ROOT, ": %.1f %% of SYNs", 100 * dropRates[from][to]);
  }

  private static String reachedByNone(int tried) {
    return tried == 1
        ? "the one other that tries does not reach"
        : "none of the " + tried + " others reaches";
  }

  private void say(String format, int node, String rest) {
    add(String.format(Locale.ROOT, format, members.get(node).id(), rest));
  }

  static String millis(long nanos) {
    return String.format(Locale.ROOT, nanos < 10_000_000 ? "%.2f ms" : "%.0f ms", nanos / 1e6);
  }
}
