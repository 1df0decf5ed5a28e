package io.homespan;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Ports that are free and stay so until somebody listens there, or while nobody does for a while.
 * None is one that the system gives to outgoing connections and to whoever leaves the choice to it,
 * or what comes back might find its port taken; and none is given away twice in this JVM.
 */
public final class FreePort {
  private static final int FIRST = 12_000;
  private static final int END = 32_000;

  private static final Set<Integer> GIVEN = ConcurrentHashMap.newKeySet();

  private FreePort() {}

  /** On 127.0.0.1. */
  public static int any() {
    return on("127.0.0.1");
  }

  /** On each of these hosts, for TCP and UDP. */
  public static int on(String... hosts) {
    while (true) {
      int port = ThreadLocalRandom.current().nextInt(FIRST, END);
      if (GIVEN.add(port) && isFree(port, hosts)) return port;
    }
  }

  private static boolean isFree(int port, String... hosts) {
    for (String host : hosts) {
      try (ServerSocket tcp = new ServerSocket();
          DatagramSocket udp = new DatagramSocket(null)) {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getByName(host), port);
        tcp.bind(address);
        udp.bind(address);
      } catch (IOException taken) {
        return false;
      }
    }
    return true;
  }
}
