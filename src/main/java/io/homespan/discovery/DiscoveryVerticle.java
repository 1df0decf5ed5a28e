package io.homespan.discovery;

import io.homespan.bus.Phase;
import io.homespan.bus.Topics;
import io.homespan.config.Config;
import io.homespan.config.Config.Endpoint;
import io.homespan.mesh.OwnerTable;
import io.homespan.metrics.Metrics;
import io.netty.util.NetUtil;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Keeps looking addresses up and asking who is there, and publishes each change on {@link
 * Topics#PEERS_CURRENT}. One instance a node. The peer port must be open before it is deployed, or
 * the node does not reach itself at first. Undeploying says good-bye to the peers, unless {@link
 * Phase#LEAVING} was told before.
 */
public final class DiscoveryVerticle extends VerticleBase {
  private final Config config;
  private final String version;
  private final Metrics metrics;
  private final RandomGenerator random;
  private final Endpoint ownAddress;
  private final OwnerTable first;
  private @Nullable Exchanges exchanges;

  /**
   * Reads the host's network interfaces, so not for an event loop.
   *
   * @param random spreads timers
   * @param peerPort the port on which this node's peer port really is
   * @param first a table to begin from: a good guess saves a start the building
   */
  public DiscoveryVerticle(
      Config config,
      String version,
      Metrics metrics,
      RandomGenerator random,
      int peerPort,
      OwnerTable first) {
    this(config, version, metrics, random, peerPort, first, OwnAddress.ofInterfaces());
  }

  DiscoveryVerticle(
      Config config,
      String version,
      Metrics metrics,
      RandomGenerator random,
      int peerPort,
      OwnerTable first,
      Collection<InetAddress> interfaces) {
    this.config = config;
    this.first = first;
    this.version = version;
    this.metrics = metrics;
    this.random = random;
    String boundTo = config.peerForwarder().server().host();
    this.ownAddress = OwnAddress.of(boundTo, peerPort, interfaces);
  }

  @Override
  public Future<?> start() {
    List<PeerProvider> providers = providers();
    Map<String, String> kinds = new TreeMap<>();
    for (PeerProvider provider : providers) kinds.put(provider.name(), provider.kind());
    Endpoint advertise = config.peerForwarder().advertise();
    Roster roster =
        new Roster(
            new Roster.Self(config.cluster(), UUID.randomUUID().toString(), version),
            new OwnId(advertise == null ? null : advertise.toString(), ownAddress.toString()),
            kinds,
            config.discovery().maxPeers());
    Exchanges started = new Exchanges(vertx, config, metrics, random, roster, first);
    exchanges = started;
    Topics.IDENTITY_EXCHANGE.answer(vertx, started::answer);
    Topics.NODE_PHASE.hear(
        vertx,
        phase -> {
          if (phase != Phase.SERVING) started.leave();
        });
    started.start(providers); // not awaited: an outage must not keep a node from starting
    return Future.succeededFuture();
  }

  private List<PeerProvider> providers() {
    List<PeerProvider> providers = new ArrayList<>();
    for (String mode : Set.copyOf(config.peerForwarder().discoveryModes())) {
      switch (mode) {
        case "static" -> {
          List<Endpoint> all = config.peerForwarder().staticEndpoints();
          providers.add(new FixedProvider("static", all.stream().map(Address::of).toList()));
        }
        case "self" -> providers.add(new FixedProvider("self", List.of(Address.of(ownAddress))));
        case "dns" -> {
          for (String domain : config.peerForwarder().domainNames()) providers.add(dns(domain));
        }
        default -> throw new IllegalArgumentException("no provider of peers: " + mode);
      }
    }
    return providers;
  }

  private DnsProvider dns(String domain) {
    Config.Dns dns = config.discovery().dns();
    List<InetSocketAddress> servers =
        dns.servers().stream().map(DiscoveryVerticle::literal).toList();
    DnsResolver resolver = new DnsResolver(vertx, servers, dns.queryTimeout());
    int port = config.peerForwarder().clientPort();
    return new DnsProvider(vertx, domain, port, resolver, servers.isEmpty(), dns.maxTtl());
  }

  /** A name server is written as an address: there is nothing yet to look its name up. */
  private static InetSocketAddress literal(Endpoint server) {
    InetAddress address = NetUtil.createInetAddressFromIpAddressString(server.host());
    if (address == null) {
      throw new IllegalArgumentException("name server " + server + " is not written as an address");
    }
    return new InetSocketAddress(address, server.port());
  }

  @Override
  public Future<?> stop() {
    return exchanges == null ? Future.succeededFuture() : exchanges.stop();
  }
}
