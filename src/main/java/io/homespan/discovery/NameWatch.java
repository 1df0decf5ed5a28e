package io.homespan.discovery;

import io.homespan.config.Config.Endpoint;
import io.homespan.mesh.PeerSet;
import io.netty.util.NetUtil;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Keeps listed endpoints' names looked up, each again when its TTL ends, and tells where they are
 * to be dialled now. So a peer whose address has changed is dialled there and no more at the old
 * one, where another may answer by now. What is listed stays the text that it is listed under. A
 * name that cannot be looked up keeps its last address; without one, who dials looks it up. Belongs
 * to one context.
 */
final class NameWatch {
  /** Results that change nothing are told together. */
  private static final long SECOND = 1000;

  private final Vertx vertx;
  private final Function<String, PeerProvider> lookups;
  private final RefreshSchedule schedule;
  private final RandomGenerator random;
  private final Duration patience;
  private final int max;
  private final PeerProvider.Listener listener;
  private final Map<String, Watched> names = new HashMap<>();
  private List<Endpoint> endpoints = List.of();
  private boolean told;
  private boolean telling;
  private boolean closed;

  /**
   * Watches nothing yet.
   *
   * @param lookups what asks for the addresses of a name; it is closed here
   * @param patience for the first look-ups; what is found until then is told
   * @param max how many names at most; the least endpoints come first
   */
  NameWatch(
      Vertx vertx,
      Function<String, PeerProvider> lookups,
      RefreshSchedule schedule,
      RandomGenerator random,
      Duration patience,
      int max,
      PeerProvider.Listener listener) {
    this.vertx = vertx;
    this.lookups = lookups;
    this.schedule = schedule;
    this.random = random;
    this.patience = patience;
    this.max = max;
    this.listener = listener;
  }

  /** One name. */
  private final class Watched implements PeerProvider.Listener {
    final String name;
    final PeerProvider provider;
    final LookupLoop loop;
    @Nullable String host;
    @Nullable LookupException failure;
    boolean looked;

    Watched(String name) {
      this.name = name;
      this.provider = lookups.apply(name);
      this.loop = new LookupLoop(vertx, provider, schedule, random, this);
    }

    @Override
    public void found(PeerProvider.Found found) {
      String before = host;
      host = choose(found.addresses().stream().map(Address::host).toList(), before);
      boolean news = !host.equals(before) || failure != null;
      failure = null;
      heard(this, news);
    }

    @Override
    public void missed(LookupException why) {
      boolean news = failure == null;
      failure = why;
      heard(this, news);
    }
  }

  /** The one in use as long as it is among them, else the least, IPv4 before IPv6. */
  static String choose(List<String> hosts, @Nullable String inUse) {
    if (inUse != null && hosts.contains(inUse)) return inUse;
    Comparator<String> v4First = Comparator.comparing(host -> host.indexOf(':') >= 0);
    return hosts.stream().min(v4First.thenComparing(Comparator.naturalOrder())).orElseThrow();
  }

  /** These from now on. */
  void list(List<Endpoint> now) {
    endpoints = now;
    Set<String> wanted =
        now.stream()
            .sorted(Comparator.comparing(Endpoint::toString, PeerSet.BYTEWISE))
            .limit(max) // those that there is room for
            .map(Endpoint::host)
            .filter(NameWatch::isName)
            .collect(Collectors.toSet());
    names.values().removeIf(one -> !wanted.contains(one.name) && end(one));
    List<Watched> added = new ArrayList<>();
    for (String name : wanted) {
      if (names.containsKey(name)) continue;
      Watched one = new Watched(name);
      names.put(name, one);
      added.add(one);
    }
    told = false;
    if (added.isEmpty()) tell();
    else vertx.setTimer(Math.max(1, patience.toMillis()), id -> tellAtLast());
    added.forEach(one -> one.loop.start());
  }

  static boolean isName(String host) {
    return !NetUtil.isValidIpV4Address(host) && !NetUtil.isValidIpV6Address(host);
  }

  private static boolean end(Watched one) {
    one.loop.stop();
    one.provider.close();
    return true;
  }

  private void tellAtLast() {
    if (!told) tell();
  }

  private void heard(Watched one, boolean news) {
    one.looked = true;
    if (closed || (!told && names.values().stream().anyMatch(other -> !other.looked))) return;
    if (news || !told) {
      tell();
    } else if (!telling) {
      telling = true;
      vertx.setTimer(SECOND, id -> tell());
    }
  }

  private void tell() {
    telling = false;
    if (closed) return;
    List<Watched> failing = names.values().stream().filter(one -> one.failure != null).toList();
    boolean any = failing.size() < names.size() || names.isEmpty();
    if (any || !told) {
      told = true;
      listener.found(new PeerProvider.Found(endpoints.stream().map(this::address).toList(), null));
    }
    if (!failing.isEmpty()) listener.missed(failure(failing));
  }

  private static LookupException failure(List<Watched> failing) {
    Watched first = failing.stream().min(Comparator.comparing(one -> one.name)).orElseThrow();
    LookupException why = first.failure;
    String more = failing.size() == 1 ? "" : " (and " + (failing.size() - 1) + " names more)";
    return why == null
        ? new LookupException("error", first.name)
        : new LookupException(why.failure(), first.name + ": " + why.getMessage() + more);
  }

  private Address address(Endpoint endpoint) {
    Watched one = names.get(endpoint.host());
    if (one == null || one.host == null) return Address.of(endpoint);
    return new Address(endpoint.toString(), one.host, endpoint.port());
  }

  Future<Void> close() {
    closed = true;
    names.values().removeIf(NameWatch::end);
    return Future.succeededFuture();
  }
}
