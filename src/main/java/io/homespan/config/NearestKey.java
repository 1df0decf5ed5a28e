package io.homespan.config;

import java.util.Collection;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Which known word somebody meant: the least edit distance, case and punctuation aside. */
final class NearestKey {
  private static final int LONGEST = 100;

  private NearestKey() {}

  /** The nearest of all, near or not; null if there are none. */
  static @Nullable String of(String word, Collection<String> known) {
    String best = null;
    int least = Integer.MAX_VALUE;
    for (String candidate : known) {
      int distance = distance(plain(word), plain(candidate));
      if (distance < least) {
        least = distance;
        best = candidate;
      }
    }
    return best;
  }

  /** Is it near enough to be a slip of the finger? */
  static boolean isSlip(String word, String candidate) {
    String plain = plain(candidate);
    return distance(plain(word), plain) <= Math.max(1, plain.length() / 3);
  }

  /** "did you mean x? " or nothing. */
  static String suggest(String word, Collection<String> known) {
    String nearest = of(word, known);
    return nearest != null && isSlip(word, nearest) ? "did you mean " + nearest + "? " : "";
  }

  private static String plain(String word) {
    String bounded = word.length() <= LONGEST ? word : word.substring(0, LONGEST);
    return bounded.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "");
  }

  /** Damerau's: insert, delete, replace, or swap two neighbours. */
  static int distance(String a, String b) {
    int[][] cost = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        cost[i][j] = i == 0 || j == 0 ? i + j : step(cost, a, b, i, j);
      }
    }
    return cost[a.length()][b.length()];
  }

  private static int step(int[][] cost, String a, String b, int i, int j) {
    int same = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
    int least = Math.min(cost[i - 1][j], cost[i][j - 1]) + 1;
    least = Math.min(least, cost[i - 1][j - 1] + same);
    if (i > 1
        && j > 1
        && a.charAt(i - 1) == b.charAt(j - 2)
        && a.charAt(i - 2) == b.charAt(j - 1)) {
      least = Math.min(least, cost[i - 2][j - 2] + 1);
    }
    return least;
  }
}
