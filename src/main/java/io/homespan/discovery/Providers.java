package io.homespan.discovery;

import io.homespan.config.Config;
import io.homespan.config.Config.Endpoint;
import io.homespan.discovery.kubernetes.KubernetesProvider;
import io.homespan.discovery.udp.UdpProvider;
import io.homespan.discovery.zookeeper.ZooKeeperProvider;
import io.netty.util.NetUtil;
import io.vertx.core.json.JsonObject;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Makes the providers that the configuration names. */
final class Providers {
  private static final Duration KUBERNETES_FIRST_RETRY = Duration.ofSeconds(1);
  private static final Duration KUBERNETES_LAST_RETRY = Duration.ofSeconds(30);

  private final Surroundings around;
  private final Config.PeerForwarder keys;
  private final Map<String, PeerProviderFactory> own;

  private Providers(Surroundings around, Map<String, PeerProviderFactory> own) {
    this.around = around;
    this.own = own;
    this.keys = around.config().peerForwarder();
  }

  /**
   * All of them, in the order of {@code discovery_mode}. To be called on their context.
   *
   * @param own those that are not ours, by their words
   */
  static List<PeerProvider> of(Surroundings around, Map<String, PeerProviderFactory> own) {
    Providers providers = new Providers(around, own);
    return providers.keys.discoveryModes().stream()
        .distinct()
        .map(providers::of)
        .flatMap(List::stream)
        .toList();
  }

  /** Those of one mode. To be called on their context. */
  static List<PeerProvider> of(
      Surroundings around, Map<String, PeerProviderFactory> own, String mode) {
    return new Providers(around, own).of(mode);
  }

  /** What the providers of a mode are made from: while it is equal, they need not be made anew. */
  static Object settings(Config config, String mode) {
    Config.PeerForwarder keys = config.peerForwarder();
    Config.Discovery discovery = config.discovery();
    return switch (mode) {
      case "static" -> List.of(keys.staticEndpoints(), discovery.dns());
      case "file" -> List.of(discovery.file(), keys.clientPort(), discovery.dns());
      case "self" -> "";
      case "dns" -> List.of(keys.domainNames(), keys.clientPort(), discovery.dns());
      case "dns_srv" -> List.of(discovery.dnsSrvNames(), keys.clientPort(), discovery.dns());
      case "udp" -> Objects.requireNonNull(discovery.udp());
      case "zookeeper" -> Objects.requireNonNull(discovery.zookeeper());
      case "kubernetes" ->
          List.of(Objects.requireNonNull(discovery.kubernetes()), keys.clientPort());
      default -> discovery.own().getOrDefault(mode, new JsonObject());
    };
  }

  private List<PeerProvider> of(String mode) {
    return switch (mode) {
      case "static" -> List.of(new StaticProvider(keys.staticEndpoints(), this::names));
      case "file" -> List.of(file());
      case "self" -> List.of(new FixedProvider(mode, List.of(around.here())));
      case "dns" -> keys.domainNames().stream().map(this::dns).toList();
      case "dns_srv" ->
          around.config().discovery().dnsSrvNames().stream().map(this::dnsSrv).toList();
      case "udp" -> List.of(udp());
      case "zookeeper" -> List.of(zooKeeper());
      case "kubernetes" -> List.of(kubernetes());
      default -> List.of(own(mode));
    };
  }

  private PeerProvider own(String mode) {
    PeerProviderFactory factory = own.get(mode);
    if (factory == null) throw new IllegalArgumentException("no provider of peers: " + mode);
    Config.Discovery discovery = around.config().discovery();
    JsonObject settings = discovery.own().getOrDefault(mode, new JsonObject()).copy();
    return new GuardedProvider(
        around.vertx(),
        mode,
        () -> factory.create(around.vertx(), settings, around.self()),
        discovery.lookUpTimeout());
  }

  private PeerProvider udp() {
    Config config = around.config();
    Config.Udp udp = Objects.requireNonNull(config.discovery().udp());
    return new UdpProvider(
        around.vertx(),
        udp,
        config.cluster(),
        config.discovery().maxPeers(),
        at(udp.networkInterface()),
        around.instance(),
        around.metrics(),
        around.clock(),
        around.random(),
        around.announces() && !around.agent()); // who hears a beacon may take its sender for a node
  }

  private PeerProvider zooKeeper() {
    return new ZooKeeperProvider(
        around.vertx(),
        Objects.requireNonNull(around.config().discovery().zookeeper()),
        around.config().cluster(),
        around.self(),
        around.instance(),
        around.version(),
        around.metrics(),
        around.announces(),
        around.agent());
  }

  private PeerProvider kubernetes() {
    return new KubernetesProvider(
        around.vertx(),
        Objects.requireNonNull(around.config().discovery().kubernetes()),
        keys.clientPort(),
        new RefreshSchedule(KUBERNETES_FIRST_RETRY, KUBERNETES_LAST_RETRY),
        around.metrics(),
        around.random(),
        around.nanoClock());
  }

  /** Where peers on this interface reach this node, unless that is configured. */
  private Address at(@Nullable String networkInterface) {
    if (keys.advertise() != null || networkInterface == null) return around.self();
    List<InetAddress> own = OwnAddress.ofInterface(networkInterface);
    return Address.of(OwnAddress.of(keys.server().host(), around.here().port(), own));
  }

  private PeerProvider file() {
    Path path = Path.of(around.config().discovery().file());
    return new FileProvider(around.vertx(), path, keys.clientPort(), this::names);
  }

  private NameWatch names(PeerProvider.Listener listener) {
    Config.Dns dns = around.config().discovery().dns();
    return new NameWatch(
        around.vertx(),
        this::dns,
        new RefreshSchedule(dns.minTtl(), dns.maxTtl()),
        around.random(),
        dns.queryTimeout(),
        around.config().discovery().maxPeers(),
        listener);
  }

  private PeerProvider dns(String domain) {
    Config.Dns dns = around.config().discovery().dns();
    return new DnsProvider(
        around.vertx(),
        domain,
        keys.clientPort(),
        resolver(dns),
        dns.servers().isEmpty(),
        dns.maxTtl());
  }

  private PeerProvider dnsSrv(String service) {
    Config.Discovery discovery = around.config().discovery();
    Config.Dns dns = discovery.dns();
    return new DnsSrvProvider(
        around.vertx(), service, resolver(dns), dns.servers().isEmpty(), discovery.maxPeers());
  }

  private DnsResolver resolver(Config.Dns dns) {
    List<InetSocketAddress> servers = dns.servers().stream().map(Providers::literal).toList();
    return new DnsResolver(around.vertx(), servers, dns.queryTimeout());
  }

  /** A name server is written as an address: there is nothing yet to look its name up. */
  private static InetSocketAddress literal(Endpoint server) {
    InetAddress address = NetUtil.createInetAddressFromIpAddressString(server.host());
    if (address == null) {
      throw new IllegalArgumentException("name server " + server + " is not written as an address");
    }
    return new InetSocketAddress(address, server.port());
  }
}
