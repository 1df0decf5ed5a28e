package io.homespan.discovery;

import io.homespan.discovery.Problem.Kind;
import io.homespan.mesh.PeerSet;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the providers list: of each the last good answer, together their union. A failure takes
 * nothing away. Not thread safe: belongs to one verticle.
 */
final class Listing {
  private final Map<String, Source> sources = new LinkedHashMap<>();
  private final int maxPeers;
  private NavigableMap<String, Address> union = new TreeMap<>(PeerSet.BYTEWISE);
  private int tooMany;

  /** {@code kinds} of the providers by their names. */
  Listing(Map<String, String> kinds, int maxPeers) {
    kinds.forEach((name, kind) -> sources.put(name, new Source(kind)));
    this.maxPeers = maxPeers;
  }

  private static final class Source {
    final String kind;
    List<Address> good = List.of();
    @Nullable String failure;
    boolean looked;

    Source(String kind) {
      this.kind = kind;
    }
  }

  void found(String provider, List<Address> addresses) {
    Source source = source(provider);
    source.looked = true;
    source.failure = null;
    source.good = List.copyOf(addresses);
    unite();
  }

  void missed(String provider, String failure) {
    Source source = source(provider);
    source.looked = true;
    source.failure = failure;
  }

  /** Whether every provider has looked once, with whatever result. */
  boolean complete() {
    return sources.values().stream().allMatch(source -> source.looked);
  }

  /** All addresses by their texts, in bytewise order, within the bound. */
  NavigableMap<String, Address> all() {
    return union;
  }

  /** The kinds of the providers that list this address. */
  List<String> foundBy(String listed) {
    return sources.values().stream()
        .filter(source -> source.good.stream().anyMatch(a -> a.listed().equals(listed)))
        .map(source -> source.kind)
        .distinct()
        .toList();
  }

  List<Problem> problems() {
    List<Problem> problems = new ArrayList<>();
    sources.forEach(
        (name, source) -> {
          if (source.failure == null) return;
          String then =
              source.good.isEmpty() ? "nothing found yet" : "what it found before still holds";
          problems.add(
              new Problem(
                  Kind.LOOKUP_FAILED,
                  name + " " + source.failure, // each change of the failure is news
                  name + ": " + source.failure + "; " + then));
        });
    if (tooMany > 0) {
      problems.add(
          new Problem(
              Kind.TOO_MANY,
              "",
              "more addresses were found than discovery.max_peers = "
                  + maxPeers
                  + " allows; the last "
                  + tooMany
                  + " in order are ignored"));
    }
    return problems;
  }

  private void unite() {
    NavigableMap<String, Address> all = new TreeMap<>(PeerSet.BYTEWISE);
    for (Source source : sources.values()) {
      for (Address address : source.good) all.putIfAbsent(address.listed(), address);
    }
    tooMany = Math.max(0, all.size() - maxPeers);
    for (int i = 0; i < tooMany; i++) all.pollLastEntry();
    union = all;
  }

  private Source source(String provider) {
    Source source = sources.get(provider);
    if (source == null) throw new IllegalArgumentException("no provider " + provider);
    return source;
  }
}
