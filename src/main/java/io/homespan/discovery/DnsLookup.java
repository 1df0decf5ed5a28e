package io.homespan.discovery;

import io.homespan.discovery.DnsAnswer.Alias;
import io.homespan.discovery.DnsAnswer.Entry;
import io.homespan.discovery.DnsAnswer.Located;
import io.netty.handler.codec.dns.DnsRecordType;
import io.vertx.core.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;

/**
 * Looks one full name up for one type of record: asks server after server until one knows, and
 * follows aliases. Knows no sockets.
 */
final class DnsLookup {
  private static final int MAX_ALIASES = 8;

  /** Puts one question to one server. */
  interface Asker {
    Future<DnsAnswer> ask(InetSocketAddress server, String name, DnsRecordType type);
  }

  /**
   * What a name stands for.
   *
   * @param entries of the type asked for; may be empty: the name exists, but not with this type
   * @param additional what the last server added of its own accord
   * @param ttl seconds, the smallest on the way
   */
  record Result(List<Entry> entries, List<Entry> additional, long ttl) {
    List<InetAddress> addresses() {
      List<InetAddress> addresses = new ArrayList<>();
      for (Entry each : entries) {
        if (each.data() instanceof Located located) addresses.add(located.address());
      }
      return addresses;
    }
  }

  private final Asker asker;
  private final Function<String, List<InetSocketAddress>> servers;

  DnsLookup(Asker asker, Function<String, List<InetSocketAddress>> servers) {
    this.asker = asker;
    this.servers = servers;
  }

  /** Fails with a {@link LookupException} that names the failure. */
  Future<Result> find(String name, DnsRecordType type) {
    return find(DnsAnswer.canonical(name), type, Long.MAX_VALUE, new HashSet<>());
  }

  private Future<Result> find(String name, DnsRecordType type, long ttl, Set<String> seen) {
    return ask(servers.apply(name), 0, name, type)
        .compose(answer -> follow(answer, name, type, ttl, seen));
  }

  private Future<DnsAnswer> ask(
      List<InetSocketAddress> all, int place, String name, DnsRecordType type) {
    if (place >= all.size()) {
      return Future.failedFuture(new LookupException("error", "there is no name server"));
    }
    return asker
        .ask(all.get(place), name, type)
        .compose(answer -> check(answer, name))
        .recover(
            cause -> {
              boolean known = cause instanceof LookupException e && e.failure().equals("nxdomain");
              boolean lastServer = place == all.size() - 1;
              return known || lastServer
                  ? Future.failedFuture(cause)
                  : ask(all, place + 1, name, type);
            });
  }

  private static Future<DnsAnswer> check(DnsAnswer answer, String name) {
    if (answer.code().equals("NOERROR")) return Future.succeededFuture(answer);
    return Future.failedFuture(
        new LookupException(
            answer.code().toLowerCase(Locale.ROOT).replace(' ', '_'),
            answer.code() + " for " + name));
  }

  private Future<Result> follow(
      DnsAnswer answer, String name, DnsRecordType type, long ttl, Set<String> seen) {
    String at = name;
    long least = ttl;
    while (true) {
      if (!seen.add(at) || seen.size() > MAX_ALIASES) {
        return Future.failedFuture(
            new LookupException("error", "aliases without an end, at " + at));
      }
      List<Entry> found = new ArrayList<>();
      String alias = null;
      for (Entry entry : answer.entries()) {
        if (!entry.name().equals(at)) continue;
        if (entry.data() instanceof Alias other) alias = other.name();
        else found.add(entry);
        least = Math.min(least, entry.ttl());
      }
      if (!found.isEmpty() || (alias == null && at.equals(name))) {
        return Future.succeededFuture(new Result(found, answer.additional(), least));
      }
      if (alias == null) { // the chain went on, but the server did not
        seen.remove(at);
        return find(at, type, least, seen);
      }
      at = alias;
    }
  }
}
