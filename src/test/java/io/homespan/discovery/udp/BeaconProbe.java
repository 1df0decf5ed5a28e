package io.homespan.discovery.udp;

import io.homespan.config.Config;
import io.homespan.discovery.Address;
import io.homespan.discovery.LookupException;
import io.homespan.discovery.PeerProvider;
import io.homespan.metrics.MicrometerMetrics;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Random;

/** A node of which only beacons exist, in a process of its own: prints what it finds. */
final class BeaconProbe implements PeerProvider.Listener {
  private BeaconProbe() {}

  /** Arguments: this node's address, the network interface, the group. Ends when its input does. */
  public static void main(String[] args) throws Exception {
    Config.Udp settings =
        new Config.Udp(
            args[2],
            21893,
            1,
            args[1],
            Duration.ofMillis(200),
            Duration.ofSeconds(1),
            Duration.ofMinutes(5),
            new Config.Secret("as long as a secret should be"));
    Vertx vertx = Vertx.vertx();
    vertx.runOnContext(
        go ->
            new UdpProvider(
                    vertx,
                    settings,
                    "homespan",
                    100,
                    Address.of(args[0], 21891),
                    "instance-of-" + args[0],
                    new MicrometerMetrics(),
                    InstantSource.system(),
                    new Random(),
                    true)
                .start(new BeaconProbe()));
    while (System.in.read() >= 0) {
      // it lives as long as who started it
    }
    System.exit(0);
  }

  @Override
  public void found(PeerProvider.Found found) {
    System.out.println("found " + found.addresses().stream().map(Address::host).sorted().toList());
  }

  @Override
  public void missed(LookupException why) {
    System.out.println("missed " + why.failure() + " " + why.getMessage());
  }
}
