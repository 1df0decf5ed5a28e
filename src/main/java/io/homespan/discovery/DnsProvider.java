package io.homespan.discovery;

import io.homespan.config.Config.Endpoint;
import io.netty.handler.codec.dns.DnsRecordType;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The addresses behind one domain name: by the hosts file, else its A and AAAA records.
 *
 * <p>A name in the hosts file gives its IPv4 addresses, and IPv6 ones only if it has no others:
 * {@code localhost} is commonly both, and a node is then one peer and not two.
 *
 * <p>An answer for one type counts even when the other look-up fails. What the failed type had
 * before is then kept, so that a lost packet does not take half of a tier out.
 */
final class DnsProvider implements PeerProvider {
  private static final long MAX_TTL = Integer.MAX_VALUE; // RFC 2181, section 8

  private final Vertx vertx;
  private final String domain;
  private final int port;
  private final DnsResolver resolver;
  private final boolean systemServers;
  private final DnsLookup lookup;
  private final Duration fixed;
  private List<InetAddress> v4 = List.of();
  private List<InetAddress> v6 = List.of();

  /**
   * Made on the verticle's context.
   *
   * @param systemServers whether the system's name servers are asked, and so its search list holds;
   *     other servers are asked for full names only
   * @param fixed how long an answer from the hosts file holds
   */
  DnsProvider(
      Vertx vertx,
      String domain,
      int port,
      DnsResolver resolver,
      boolean systemServers,
      Duration fixed) {
    this.vertx = vertx;
    this.domain = domain;
    this.port = port;
    this.resolver = resolver;
    this.systemServers = systemServers;
    this.lookup = new DnsLookup(resolver::ask, resolver::servers);
    this.fixed = fixed;
  }

  @Override
  public String kind() {
    return "dns";
  }

  @Override
  public String name() {
    return "dns " + domain;
  }

  @Override
  public Future<Found> find() {
    return vertx.executeBlocking(() -> SystemFiles.read(systemServers)).compose(this::search);
  }

  private Future<Found> search(SystemFiles files) {
    List<InetAddress> here = files.hosts(domain);
    return here.isEmpty()
        ? FullNames.of(domain, files.search()).first(this::lookUp)
        : Future.succeededFuture(new Found(addresses(here), fixed));
  }

  private Future<Found> lookUp(String name) {
    Future<DnsLookup.Result> a = lookup.find(name, DnsRecordType.A);
    Future<DnsLookup.Result> aaaa = lookup.find(name, DnsRecordType.AAAA);
    return Future.join(a, aaaa).transform(both -> combine(name, a, aaaa));
  }

  private Future<Found> combine(
      String name, Future<DnsLookup.Result> a, Future<DnsLookup.Result> aaaa) {
    boolean some = has(a) || has(aaaa);
    if (!some) {
      if (a.failed()) return Future.failedFuture(a.cause());
      if (aaaa.failed() && !isAbsent(aaaa)) return Future.failedFuture(aaaa.cause());
      return Future.failedFuture(new LookupException("empty", "no records for " + name));
    }
    v4 = after(a, v4);
    v6 = after(aaaa, v6);
    long ttl = Math.min(ttl(a), ttl(aaaa));
    List<InetAddress> all = new ArrayList<>(v4);
    all.addAll(v6);
    return Future.succeededFuture(new Found(addresses(all), Duration.ofSeconds(ttl)));
  }

  private static boolean has(Future<DnsLookup.Result> look) {
    return look.succeeded() && !look.result().addresses().isEmpty();
  }

  private static boolean isAbsent(Future<DnsLookup.Result> look) {
    return look.cause() instanceof LookupException e && e.isAbsence();
  }

  private static List<InetAddress> after(Future<DnsLookup.Result> look, List<InetAddress> before) {
    if (look.succeeded()) return look.result().addresses();
    return isAbsent(look) ? List.of() : before;
  }

  private static long ttl(Future<DnsLookup.Result> look) {
    if (look.failed() && !isAbsent(look)) return 0; // half of the answer is missing: soon again
    return has(look) ? look.result().ttl() : MAX_TTL;
  }

  private List<Address> addresses(List<InetAddress> found) {
    return found.stream()
        .map(OwnAddress::text)
        .map(text -> new Endpoint(text, port))
        .map(Address::of)
        .distinct()
        .toList();
  }

  @Override
  public Future<Void> close() {
    resolver.close();
    return Future.succeededFuture();
  }
}
