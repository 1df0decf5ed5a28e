package io.homespan.discovery;

import io.homespan.bus.Finding;
import io.homespan.discovery.Problem.Kind;
import io.homespan.mesh.PeerSet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What the providers list: of each its {@link Source}, together their union. Not thread safe:
 * belongs to one verticle.
 */
final class Listing {
  /**
   * How far it goes.
   *
   * @param maxPeers addresses in the union
   * @param maxStaleness how old a failing provider's last good answer may be; zero: as old as it
   *     likes
   */
  record Bounds(int maxPeers, Grace grace, Duration maxStaleness) {}

  private final Map<String, Source> sources = new LinkedHashMap<>();
  private final Bounds bounds;
  private final LongSupplier nanoClock;
  private final long start;
  private NavigableMap<String, Address> union = new TreeMap<>(PeerSet.BYTEWISE);
  private final Set<String> retired = new HashSet<>();
  private final Set<String> fading = new HashSet<>(); // of those, whose grace has begun
  private int tooMany;

  /** {@code kinds} of the providers by their names. */
  Listing(Map<String, String> kinds, Bounds bounds, LongSupplier nanoClock) {
    kinds.forEach(
        (name, kind) -> sources.put(name, new Source(kind, bounds.grace, bounds.maxPeers)));
    this.bounds = bounds;
    this.nanoClock = nanoClock;
    this.start = nanoClock.getAsLong();
  }

  /**
   * Other providers list from now on, given by name and kind. What those that are not among them
   * have found stays until each of these has had a good answer, and then for the usual grace:
   * between one way to find peers and another no gap opens.
   */
  void change(Map<String, String> kinds) {
    retired.addAll(sources.keySet());
    retired.removeAll(kinds.keySet());
    fading.removeAll(kinds.keySet());
    kinds.forEach(
        (name, kind) ->
            sources.computeIfAbsent(name, n -> new Source(kind, bounds.grace, bounds.maxPeers)));
    dropRetired();
  }

  private void dropRetired() {
    if (retired.isEmpty()) return;
    for (Map.Entry<String, Source> one : sources.entrySet()) {
      if (!retired.contains(one.getKey()) && one.getValue().goodAt() == null) return;
    }
    for (String name : List.copyOf(retired)) {
      Source source = source(name);
      if (fading.add(name)) source.found(List.of(), false, listed -> false, now());
      if (!source.isEmpty()) continue;
      sources.remove(name);
      retired.remove(name);
      fading.remove(name);
    }
    unite();
  }

  /** As {@link Source#found}. */
  void found(String provider, List<Address> all, boolean asked, Predicate<String> left) {
    source(provider).found(all, asked, left, now());
    unite();
    dropRetired();
  }

  void noted(String provider, Map<String, String> notes) {
    source(provider).noted(notes);
  }

  void missed(String provider, String failure) {
    source(provider).missed(failure, now());
    dropRetired();
  }

  /** Takes out what has been missing for too long. */
  void expire() {
    boolean any = false;
    for (Source source : sources.values()) any |= source.expire(now());
    if (any) unite();
    dropRetired();
  }

  /** When to call {@link #expire} next; null: there is no need. */
  @Nullable Duration dueIn() {
    Duration least = null;
    for (Source source : sources.values()) {
      Long due = source.due();
      if (due == null) continue;
      Duration in = Duration.ofNanos(Math.max(0, due - now()));
      if (least == null || in.compareTo(least) < 0) least = in;
    }
    return least;
  }

  /** Whether every provider has looked once, with whatever result. */
  boolean complete() {
    return sources.entrySet().stream()
        .allMatch(one -> one.getValue().hasLooked() || retired.contains(one.getKey()));
  }

  /** All addresses by their texts, in bytewise order, within the bound. */
  NavigableMap<String, Address> all() {
    return union;
  }

  /** The kinds of the providers whose last answer held this address; none: it is about to go. */
  List<String> foundBy(String listed) {
    return sources.values().stream()
        .filter(source -> source.holds(listed))
        .map(Source::kind)
        .distinct()
        .toList();
  }

  List<Problem> problems() {
    List<Problem> problems = new ArrayList<>();
    sources.forEach(
        (name, source) -> {
          String failure = source.failure();
          if (failure == null || retired.contains(name)) return;
          String then = source.isEmpty() ? "nothing found yet" : "what it found before still holds";
          problems.add(
              new Problem(
                  Kind.LOOKUP_FAILED,
                  name + " " + failure, // each change of the failure is news
                  name + ": " + failure + "; " + then));
          if (isStale(source)) {
            problems.add(
                new Problem(
                    Kind.STALE,
                    name,
                    name
                        + ": no good answer for longer than discovery.max_staleness = "
                        + bounds.maxStaleness.toSeconds()
                        + " s; who joined since is not known"));
          }
        });
    if (tooMany > 0) {
      problems.add(
          new Problem(
              Kind.TOO_MANY,
              "",
              "more addresses were found than discovery.max_peers = "
                  + bounds.maxPeers
                  + " allows; the last "
                  + tooMany
                  + " in order are ignored"));
    }
    return problems;
  }

  /** How each provider has fared, for the operator. */
  List<Finding> findings() {
    List<Finding> findings = new ArrayList<>();
    sources.forEach(
        (name, source) -> {
          if (retired.contains(name)) return;
          findings.add(
              new Finding(
                  name,
                  source.kind(),
                  source.found(),
                  source.goodAt(),
                  source.lastFailure(),
                  source.failedAt(),
                  isStale(source),
                  source.notes()));
        });
    return findings;
  }

  private boolean isStale(Source source) {
    Duration failing = source.failing(start, now());
    return failing != null
        && !bounds.maxStaleness.isZero()
        && failing.compareTo(bounds.maxStaleness) > 0;
  }

  private void unite() {
    NavigableMap<String, Address> all = new TreeMap<>(PeerSet.BYTEWISE);
    int unremembered = 0;
    for (Source source : sources.values()) {
      for (Address address : source.all()) all.merge(address.listed(), address, Listing::better);
      unremembered += Math.max(0, source.found() - bounds.maxPeers);
    }
    int beyond = Math.max(0, all.size() - bounds.maxPeers);
    if (beyond > 0) { // what nobody finds any more makes room first
      List<String> missing = new ArrayList<>(all.descendingKeySet());
      missing.removeIf(listed -> !foundBy(listed).isEmpty());
      for (String listed : missing.subList(0, Math.min(beyond, missing.size()))) all.remove(listed);
      beyond = Math.max(0, all.size() - bounds.maxPeers);
    }
    for (int i = 0; i < beyond; i++) all.pollLastEntry();
    tooMany = beyond + unremembered;
    union = all;
  }

  /** Of two ways to dial what is listed alike: the one that needs no name to be looked up. */
  private static Address better(Address one, Address other) {
    boolean asListed = one.listed().startsWith(one.host());
    return asListed ? other : one;
  }

  private long now() {
    return nanoClock.getAsLong();
  }

  private Source source(String provider) {
    Source source = sources.get(provider);
    if (source == null) throw new IllegalArgumentException("no provider " + provider);
    return source;
  }
}
