package io.homespan.heartbeat;

import io.homespan.heartbeat.Measurement.Place;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Whom a node measures in a round when its budget is not enough for all: one representative of each
 * other zone, as many of its own zone, and of all others, as fit, by turns. Every node computes its
 * own from the same sorted list, and the half circle ahead of a node is its to measure, the other
 * half measures it; so each pair is measured by one of the two within {@link #rounds} rounds. Among
 * agents that tell nobody what they measure, the whole circle is. After Pingmesh's three levels
 * (section 3.3.1).
 */
final class Subset {
  private Subset() {}

  /**
   * Whom to measure.
   *
   * @param all the members in the order of their ids, this node included
   * @param self this node's place in it
   * @param round counts from 0
   * @param most so many at most
   * @param whole whether the whole circle is this node's to measure
   */
  static List<Place> of(List<Place> all, int self, long round, int most, boolean whole) {
    if (all.size() - 1 <= most) {
      List<Place> others = new ArrayList<>(all);
      others.remove(self);
      return others;
    }
    Set<Place> chosen = new LinkedHashSet<>();
    representatives(all, self, round, most / 4, chosen);
    turn(zone(all, all.get(self).zone()), all.get(self), round, most / 4, whole, chosen);
    // its share is its own, so that the number of rounds has a bound whatever the zones are
    turn(all, all.get(self), round, forAll(most), whole, chosen);
    return List.copyOf(chosen);
  }

  /** After so many rounds at most each pair has been measured by one of the two. */
  static long rounds(int members, int most, boolean whole) {
    if (members - 1 <= most) return 1;
    return ((long) share(members, whole) + forAll(most) - 1) / forAll(most);
  }

  private static int share(int circle, boolean whole) {
    return whole ? circle - 1 : circle / 2;
  }

  private static int forAll(int most) {
    return Math.max(1, most - 2 * (most / 4));
  }

  /** The next {@code most} of those ahead. */
  private static void turn(
      List<Place> circle, Place self, long round, int most, boolean whole, Set<Place> into) {
    int share = share(circle.size(), whole);
    if (share == 0 || most == 0) return;
    int place = circle.indexOf(self);
    long first = round * most;
    for (int i = 0; i < Math.min(most, share); i++) {
      int ahead = 1 + (int) ((first + i) % share);
      into.add(circle.get((place + ahead) % circle.size()));
    }
  }

  /** Of each other zone the one at this node's rank in its own, and another in the next round. */
  private static void representatives(
      List<Place> all, int self, long round, int most, Set<Place> into) {
    Map<String, List<Place>> zones = new TreeMap<>();
    for (Place one : all) zones.computeIfAbsent(one.zone(), none -> new ArrayList<>()).add(one);
    List<Place> own = zones.remove(all.get(self).zone());
    int rank = own == null ? 0 : own.indexOf(all.get(self));
    List<List<Place>> others = List.copyOf(zones.values());
    if (others.isEmpty()) return;
    for (int i = 0; i < Math.min(most, others.size()); i++) {
      List<Place> zone = others.get((int) ((round * most + i) % others.size()));
      into.add(zone.get((int) ((rank + round) % zone.size())));
    }
  }

  private static List<Place> zone(List<Place> all, String zone) {
    return all.stream().filter(one -> one.zone().equals(zone)).toList();
  }
}
