package io.homespan.discovery;

import io.homespan.config.Config.Endpoint;
import io.netty.util.NetUtil;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/** Where this host is on its network, by its interfaces alone. */
final class OwnAddress {
  private OwnAddress() {}

  /** The addresses of the interfaces that are up; empty if they cannot be read. */
  static List<InetAddress> ofInterfaces() {
    try {
      return NetworkInterface.networkInterfaces()
          .filter(OwnAddress::isUp)
          .flatMap(NetworkInterface::inetAddresses)
          .toList();
    } catch (SocketException e) {
      return List.of(); // a host without network still has its loopback
    }
  }

  /** The addresses of that interface; empty if it is not there. */
  static List<InetAddress> ofInterface(String name) {
    try {
      NetworkInterface one = NetworkInterface.getByName(name);
      return one == null ? List.of() : one.inetAddresses().toList();
    } catch (SocketException e) {
      return List.of();
    }
  }

  private static boolean isUp(NetworkInterface one) {
    try {
      return one.isUp();
    } catch (SocketException e) {
      return false;
    }
  }

  /**
   * Where the peer port is reached: at the host that it is bound to, and if that is any, at the
   * first address that others can use, IPv4 before IPv6; else at the loopback.
   */
  static Endpoint of(String boundTo, int port, Collection<InetAddress> interfaces) {
    boolean any = boundTo.equals("0.0.0.0") || boundTo.equals("::") || boundTo.equals("[::]");
    if (!any) return new Endpoint(boundTo, port);
    return new Endpoint(
        interfaces.stream()
            .filter(
                a -> !a.isLoopbackAddress() && !a.isLinkLocalAddress() && !a.isAnyLocalAddress())
            .filter(a -> !a.isMulticastAddress())
            .min(Comparator.comparing(a -> !(a instanceof Inet4Address)))
            .map(OwnAddress::text)
            .orElse("127.0.0.1"),
        port);
  }

  /** As in RFC 5952, without brackets and without a scope. */
  static String text(InetAddress address) {
    String text = NetUtil.toAddressString(address);
    int scope = text.indexOf('%');
    return scope < 0 ? text : text.substring(0, scope);
  }
}
