package io.homespan.discovery;

import io.homespan.bus.Finding;
import io.homespan.bus.Findings;
import io.homespan.metrics.Metrics;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * What is counted of the providers. The ways in which a look-up fails are there from the start, so
 * that an alert can be written before one has happened. Belongs to one verticle; the gauges are
 * read from other threads.
 */
final class FindingGauges {
  private static final String LOOKUPS = "homespan_discovery_lookups_total";
  private static final List<String> RESULTS =
      List.of("ok", "nxdomain", "empty", "refused", "servfail", "timeout", "truncated", "error");

  /** Results are a metric's label, so there is a bound to their number. */
  private static final int MAX_RESULTS = 24;

  private final Metrics metrics;
  private final LongSupplier nanoClock;
  private final long start;
  private final Set<String> results = new HashSet<>(RESULTS);
  private final Set<String> ended = ConcurrentHashMap.newKeySet();
  private volatile Findings last = new Findings(List.of());

  FindingGauges(Metrics metrics, LongSupplier nanoClock) {
    this.metrics = metrics;
    this.nanoClock = nanoClock;
    this.start = nanoClock.getAsLong();
  }

  /** These are run from now on. */
  void begin(List<PeerProvider> providers) {
    for (PeerProvider provider : providers) {
      ended.remove(provider.name());
      for (String result : RESULTS) count(provider, result, 0);
      metrics.gauge(
          "homespan_discovery_answer_age_seconds",
          "Since a provider's last good answer, or since the start if there was none",
          () -> age(provider.name()),
          "provider",
          provider.name());
      metrics.gauge(
          "homespan_discovery_stale",
          "1 while a provider fails and has for longer than discovery.max_staleness",
          () -> isStale(provider.name()) ? 1 : 0,
          "provider",
          provider.name());
    }
  }

  /** This one is not run any more: it has no age. */
  void end(PeerProvider provider) {
    ended.add(provider.name());
  }

  /** A look-up ended so. */
  void count(PeerProvider provider, String result) {
    boolean known = results.contains(result) || results.size() < MAX_RESULTS;
    if (known) results.add(result);
    count(provider, known ? result : "error", 1);
  }

  private void count(PeerProvider provider, String result, long times) {
    metrics.count(
        LOOKUPS, "Look-ups of peers", times, "provider", provider.kind(), "result", result);
  }

  void now(Findings findings) {
    last = findings;
  }

  private double age(String provider) {
    if (ended.contains(provider)) return Double.NaN;
    long since = start;
    for (Finding one : last.providers()) {
      Long goodAt = one.goodAt();
      if (one.name().equals(provider) && goodAt != null) since = goodAt;
    }
    return (nanoClock.getAsLong() - since) / 1e9;
  }

  private boolean isStale(String provider) {
    return last.providers().stream().anyMatch(one -> one.name().equals(provider) && one.stale());
  }
}
