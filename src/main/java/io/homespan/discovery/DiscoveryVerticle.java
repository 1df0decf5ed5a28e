package io.homespan.discovery;

import io.homespan.bus.NodeFacts;
import io.homespan.bus.Phase;
import io.homespan.bus.Topics;
import io.homespan.config.Config;
import io.homespan.config.Config.Endpoint;
import io.homespan.guard.LiveTls;
import io.homespan.mesh.OwnerTable;
import io.homespan.metrics.Metrics;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.net.InetAddress;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Map;
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
  private final Map<String, PeerProviderFactory> own;
  private final @Nullable LiveTls tls;
  private @Nullable Exchanges exchanges;

  /**
   * Reads the host's network interfaces and the class path, so not for an event loop.
   *
   * @param random spreads timers
   * @param port the port on which this node's peer port really is; a gateway's: that for senders
   * @param first a table to begin from: a good guess saves a start the building
   * @param tls for calls to peers; null: in the clear
   */
  public DiscoveryVerticle(
      Config config,
      String version,
      Metrics metrics,
      RandomGenerator random,
      int port,
      OwnerTable first,
      @Nullable LiveTls tls) {
    this(
        config,
        version,
        metrics,
        random,
        port,
        first,
        OwnAddress.ofInterfaces(),
        OwnProviders.find(),
        tls);
  }

  /** In the clear. */
  DiscoveryVerticle(
      Config config,
      String version,
      Metrics metrics,
      RandomGenerator random,
      int peerPort,
      OwnerTable first,
      Collection<InetAddress> interfaces,
      Map<String, PeerProviderFactory> own) {
    this(config, version, metrics, random, peerPort, first, interfaces, own, null);
  }

  DiscoveryVerticle(
      Config config,
      String version,
      Metrics metrics,
      RandomGenerator random,
      int port,
      OwnerTable first,
      Collection<InetAddress> interfaces,
      Map<String, PeerProviderFactory> own,
      @Nullable LiveTls tls) {
    this.tls = tls;
    this.config = config;
    this.own = own;
    this.first = first;
    this.version = version;
    this.metrics = metrics;
    this.random = random;
    String boundTo =
        config.role() == Config.Role.GATEWAY
            ? config.ingest().host()
            : config.peerForwarder().server().host();
    this.ownAddress = OwnAddress.of(boundTo, port, interfaces);
  }

  @Override
  public Future<?> start() {
    boolean toReceivers = config.role() == Config.Role.GATEWAY;
    Endpoint advertise = toReceivers ? null : config.peerForwarder().advertise();
    String instance = UUID.randomUUID().toString();
    Surroundings around =
        new Surroundings(
            vertx,
            config,
            metrics,
            random,
            InstantSource.system(),
            System::nanoTime,
            Address.of(advertise == null ? ownAddress : advertise),
            Address.of(ownAddress),
            instance,
            version,
            !toReceivers,
            tls);
    Config.Discovery keys = config.discovery();
    Grace grace = new Grace(keys.removalMisses(), keys.exchangeInterval());
    Listing.Bounds bounds = new Listing.Bounds(keys.maxPeers(), grace, keys.maxStaleness());
    Roster.Self self =
        new Roster.Self(
            config.cluster(),
            instance,
            new NodeFacts(
                version,
                config.zone(),
                config.peerForwarder().weight(),
                System.currentTimeMillis(),
                around.agent()));
    OwnId id = new OwnId(advertise == null ? null : advertise.toString(), ownAddress.toString());
    Listing listing = new Listing(Map.of(), bounds, around.nanoClock());
    Roster roster =
        toReceivers
            ? Roster.ofReceivers(self, listing, keys.maxPeers())
            : new Roster(self, id, listing, keys.maxPeers());
    Exchanges started = new Exchanges(around, own, metrics, roster, first);
    exchanges = started;
    Topics.IDENTITY_EXCHANGE.answer(vertx, started::answer);
    Topics.NODE_PHASE.hear(
        vertx,
        phase -> {
          if (phase != Phase.SERVING) started.leave();
        });
    Topics.CONFIG_CURRENT.hear(vertx, started::change);
    started.start(); // not awaited: an outage must not keep a node from starting
    return Future.succeededFuture();
  }

  @Override
  public Future<?> stop() {
    return exchanges == null ? Future.succeededFuture() : exchanges.stop();
  }
}
