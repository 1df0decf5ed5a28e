package io.homespan.config;

import io.homespan.config.Config.Secret;
import io.homespan.config.Config.Udp;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What must hold for beacons, once they are wanted. */
final class UdpRules {
  static final String MODE = "udp";

  /** A few beacons may get lost before a peer is given up. */
  private static final int LEAST_BEACONS = 3;

  private static final int GOOD_SECRET = 16;

  private UdpRules() {}

  static void check(Values node, Collection<String> modes, List<Problem> problems) {
    if (!modes.contains(MODE)) return;
    secret(node, problems);
    networkInterface(node, problems);
    if (node.sound(Schema.UDP_INTERVAL, Schema.UDP_EXPIRE)
        && node.get(Schema.UDP_EXPIRE)
                .compareTo(node.get(Schema.UDP_INTERVAL).multipliedBy(LEAST_BEACONS))
            < 0) {
      problems.add(
          Problem.error(
              node.place(Schema.UDP_EXPIRE),
              Numbers.show(node.get(Schema.UDP_EXPIRE))
                  + " is too short: a few beacons may get lost",
              "write at least three times discovery.udp.interval, "
                  + Numbers.show(node.get(Schema.UDP_INTERVAL).multipliedBy(LEAST_BEACONS))));
    }
  }

  private static void secret(Values node, List<Problem> problems) {
    if (!node.sound(Schema.UDP_SECRET)) return;
    Secret secret = node.find(Schema.UDP_SECRET);
    String place = node.place(Schema.UDP_SECRET);
    if (secret == null) {
      problems.add(
          Problem.error(
              place,
              "is empty, and discovery_mode is udp: anybody could join",
              "write a text of "
                  + GOOD_SECRET
                  + " characters or more, the same on every node, or set "
                  + Schema.UDP_SECRET.variable()));
    } else if (secret.text().length() < GOOD_SECRET) {
      problems.add(
          Problem.warning(
              place,
              "is short: it could be found out by trying",
              "write " + GOOD_SECRET + " characters or more"));
    }
  }

  private static void networkInterface(Values node, List<Problem> problems) {
    String name = node.find(Schema.UDP_INTERFACE);
    if (name == null || !node.sound(Schema.UDP_INTERFACE)) return;
    List<String> there;
    try {
      there = NetworkInterface.networkInterfaces().map(NetworkInterface::getName).sorted().toList();
    } catch (SocketException e) {
      return; // it cannot be told; the provider will
    }
    if (there.contains(name)) return;
    problems.add(
        Problem.error(
            node.place(Schema.UDP_INTERFACE),
            Shown.quoted(name) + " is no network interface of this host",
            "write one of " + String.join(", ", there) + ", or leave it empty"));
  }

  /** Null: no beacons are wanted. */
  static @Nullable Udp of(Values node, Collection<String> modes) {
    Secret secret = node.find(Schema.UDP_SECRET);
    if (!modes.contains(MODE) || secret == null) return null;
    return new Udp(
        node.get(Schema.UDP_GROUP),
        node.number(Schema.UDP_PORT),
        node.number(Schema.UDP_TTL),
        node.find(Schema.UDP_INTERFACE),
        node.get(Schema.UDP_INTERVAL),
        node.get(Schema.UDP_EXPIRE),
        node.get(Schema.UDP_SKEW),
        secret);
  }
}
