package io.homespan.discovery;

import io.homespan.config.Config.Endpoint;
import io.homespan.discovery.DnsAnswer.Entry;
import io.homespan.discovery.DnsAnswer.Located;
import io.homespan.discovery.DnsAnswer.Service;
import io.homespan.mesh.PeerSet;
import io.netty.handler.codec.dns.DnsRecordType;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The nodes that offer one service, by its SRV records (RFC 2782): where a name stands for nodes
 * with ports of their own.
 *
 * <p>A node is listed as {@code target:port}. That is what the SRV records say and all nodes read
 * alike; where a target is at the moment is only where it is dialled. So ids agree although nodes
 * look addresses up at different times, and stay when a target's address changes, as a pod's does.
 * For the same reason a target whose address cannot be looked up stays listed: it is dialled where
 * it was, and if it never was anywhere, who dials looks it up.
 *
 * <p>Priority and weight are shown and change nothing: who owns a trace follows from ids and {@code
 * peer_forwarder.weight}, and there is nothing to balance.
 */
final class DnsSrvProvider implements PeerProvider {
  /** Targets looked up side by side; each costs a question or two. */
  private static final int AT_ONCE = 32;

  private static final Comparator<Service> PREFERRED =
      Comparator.comparingInt(Service::priority)
          .thenComparing(Service::weight, Comparator.reverseOrder());

  private final Vertx vertx;
  private final String service;
  private final DnsResolver resolver;
  private final boolean systemServers;
  private final int maxTargets;
  private final DnsLookup lookup;
  private Map<String, String> hosts = Map.of(); // of targets, as they were found last

  /**
   * Made on the verticle's context.
   *
   * @param service its name, {@code _homespan._tcp.tier.local} or another
   * @param systemServers whether the system's name servers are asked, and so its search list holds
   * @param maxTargets how many of them are looked up, in the order of what they are listed as
   */
  DnsSrvProvider(
      Vertx vertx, String service, DnsResolver resolver, boolean systemServers, int maxTargets) {
    this.vertx = vertx;
    this.service = service;
    this.resolver = resolver;
    this.systemServers = systemServers;
    this.maxTargets = maxTargets;
    this.lookup = new DnsLookup(resolver::ask, resolver::servers);
  }

  @Override
  public String kind() {
    return "dns_srv";
  }

  @Override
  public String name() {
    return "dns_srv " + service;
  }

  @Override
  public Future<Found> find() {
    return vertx
        .executeBlocking(() -> SystemFiles.read(systemServers))
        .compose(
            files ->
                FullNames.of(service, files.search())
                    .first(this::targets)
                    .compose(answer -> new Search(files, answer).run()));
  }

  /** At least one that is a target. */
  private Future<DnsLookup.Result> targets(String name) {
    return lookup.find(name, DnsRecordType.SRV).compose(answer -> check(answer, name));
  }

  private static Future<DnsLookup.Result> check(DnsLookup.Result answer, String name) {
    if (!services(answer).isEmpty()) return Future.succeededFuture(answer);
    String why =
        answer.entries().isEmpty()
            ? "no SRV records for " + name
            : "there is no such service, says " + name + ": its target is \".\"";
    return Future.failedFuture(new LookupException("empty", why));
  }

  /** By how they are listed; of several with one target and port the most preferred. */
  private static NavigableMap<String, Service> services(DnsLookup.Result answer) {
    NavigableMap<String, Service> services = new TreeMap<>(PeerSet.BYTEWISE);
    for (Entry each : answer.entries()) {
      if (!(each.data() instanceof Service one) || one.isNone()) continue;
      services.merge(
          new Endpoint(DnsAnswer.shown(one.target()), one.port()).toString(),
          one,
          (first, other) -> PREFERRED.compare(first, other) <= 0 ? first : other);
    }
    return services;
  }

  /** One look-up of all targets. */
  private final class Search {
    private final SystemFiles files;
    private final NavigableMap<String, Service> services;
    private final Map<String, List<Entry>> additional = new HashMap<>();
    private final Map<String, String> located = new HashMap<>();
    private final Map<String, String> failures = new HashMap<>();
    private long ttl;

    Search(SystemFiles files, DnsLookup.Result answer) {
      this.files = files;
      this.services = services(answer);
      this.ttl = answer.ttl();
      for (Entry each : answer.additional()) {
        additional.computeIfAbsent(each.name(), name -> new ArrayList<>()).add(each);
      }
    }

    Future<Found> run() {
      List<Address> targets =
          services.values().stream()
              .limit(maxTargets)
              .map(Service::target)
              .distinct()
              .map(target -> Address.of(target, 0))
              .toList();
      Round round = new Round(AT_ONCE, target -> locate(target.host()));
      return round.ask(targets).map(done -> found());
    }

    /** By the hosts file, by what the server added, else by asking; always succeeds. */
    private Future<Void> locate(String target) {
      List<InetAddress> here = files.hosts(DnsAnswer.shown(target));
      List<Entry> added = additional.getOrDefault(target, List.of());
      if (here.isEmpty() && added.isEmpty()) return ask(target);
      List<InetAddress> all = new ArrayList<>(here);
      for (Entry each : here.isEmpty() ? added : List.<Entry>of()) {
        if (each.data() instanceof Located at) all.add(at.address());
        ttl = Math.min(ttl, each.ttl());
      }
      return at(target, all);
    }

    /** For A, and for AAAA if there is none: one address will do, and fewer questions. */
    private Future<Void> ask(String target) {
      return lookup
          .find(target, DnsRecordType.A)
          .compose(
              v4 ->
                  v4.addresses().isEmpty()
                      ? lookup.find(target, DnsRecordType.AAAA)
                      : Future.succeededFuture(v4))
          .compose(answer -> answered(target, answer))
          .recover(cause -> missed(target, LookupLoop.failure(cause)));
    }

    private Future<Void> answered(String target, DnsLookup.Result answer) {
      if (answer.addresses().isEmpty()) {
        return missed(target, new LookupException("empty", "it has no address"));
      }
      ttl = Math.min(ttl, answer.ttl());
      return at(target, answer.addresses());
    }

    private Future<Void> at(String target, List<InetAddress> all) {
      List<String> texts = all.stream().map(OwnAddress::text).toList();
      located.put(target, NameWatch.choose(texts, hosts.get(target)));
      return Future.succeededFuture();
    }

    private Future<Void> missed(String target, LookupException why) {
      failures.put(target, why.failure());
      String before = hosts.get(target);
      if (before != null) located.put(target, before);
      else if (!why.isAbsence()) ttl = 0; // its place is not known: soon again
      return Future.succeededFuture();
    }

    private Found found() {
      hosts = located;
      List<Address> addresses = new ArrayList<>();
      Map<String, String> notes = new HashMap<>();
      services.forEach(
          (listed, one) -> {
            String host = located.getOrDefault(one.target(), DnsAnswer.shown(one.target()));
            addresses.add(new Address(listed, host, one.port()));
            notes.put(listed, note(one, failures.get(one.target())));
          });
      return new Found(addresses, Duration.ofSeconds(ttl), notes);
    }

    private static String note(Service one, @Nullable String failure) {
      String note = "priority " + one.priority() + ", weight " + one.weight();
      return failure == null ? note : note + ", address " + failure;
    }
  }

  @Override
  public Future<Void> close() {
    resolver.close();
    return Future.succeededFuture();
  }
}
