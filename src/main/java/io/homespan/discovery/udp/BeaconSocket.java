package io.homespan.discovery.udp;

import io.homespan.config.Config;
import io.netty.util.NetUtil;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A port that hears the group, or broadcasts, and speaks to it. The JDK's own datagrams: with
 * Netty's native ones nothing arrives on the loopback interface. Not thread safe, but for {@link
 * #wake}.
 */
final class BeaconSocket implements AutoCloseable {
  /** So that a flood pushes few beacons out; the system may give less. */
  private static final int RECEIVE_BUFFER = 1 << 20;

  private final DatagramChannel channel;
  private final Selector selector;
  private final SocketAddress target;
  private final String where;
  private final ByteBuffer buffer = ByteBuffer.allocate(BeaconFormat.MAX_BYTES + 1);

  /**
   * Opens it. Several sockets of one host may be open on the port; each hears everything.
   *
   * @param own an address of this host, whose interface is used if none is configured
   */
  BeaconSocket(Config.Udp settings, InetAddress own) throws IOException {
    InetAddress group = NetUtil.createInetAddressFromIpAddressString(settings.group());
    if (group == null) throw new IOException(settings.group() + " is not an address");
    NetworkInterface through = through(settings.networkInterface(), own, group);
    boolean v6 = group instanceof Inet6Address;
    selector = Selector.open();
    channel = DatagramChannel.open(v6 ? StandardProtocolFamily.INET6 : StandardProtocolFamily.INET);
    try {
      channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      channel.setOption(StandardSocketOptions.SO_RCVBUF, RECEIVE_BUFFER);
      channel.bind(new InetSocketAddress(settings.port()));
      InetAddress to = group;
      if (group.isMulticastAddress()) {
        channel.setOption(StandardSocketOptions.IP_MULTICAST_IF, through);
        channel.setOption(StandardSocketOptions.IP_MULTICAST_TTL, settings.ttl());
        channel.setOption(StandardSocketOptions.IP_MULTICAST_LOOP, true);
        channel.join(group, through);
      } else {
        channel.setOption(StandardSocketOptions.SO_BROADCAST, true);
        to = broadcast(group, through);
      }
      target = new InetSocketAddress(to, settings.port());
      where = NetUtil.toAddressString(to) + ":" + settings.port() + " on " + through.getName();
      channel.configureBlocking(false);
      channel.register(selector, SelectionKey.OP_READ);
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  /** A datagram. */
  interface Hearer {
    /** Of the bytes the first {@code length}; they are valid during the call only. */
    void hear(byte[] bytes, int length, String sender);
  }

  private static NetworkInterface through(@Nullable String name, InetAddress own, InetAddress group)
      throws IOException {
    if (name != null) {
      NetworkInterface named = NetworkInterface.getByName(name);
      if (named == null) throw new SocketException("there is no network interface " + name);
      return named;
    }
    NetworkInterface ofOwn = NetworkInterface.getByInetAddress(own);
    if (ofOwn != null) return ofOwn;
    List<NetworkInterface> all = NetworkInterface.networkInterfaces().toList();
    for (NetworkInterface each : all) {
      if (each.isUp() && !each.isLoopback() && each.supportsMulticast() && speaks(each, group)) {
        return each;
      }
    }
    for (NetworkInterface each : all) {
      if (each.isUp() && each.isLoopback()) return each;
    }
    throw new SocketException("there is no network interface that is up");
  }

  private static boolean speaks(NetworkInterface one, InetAddress group) {
    return one.inetAddresses()
        .anyMatch(a -> a instanceof Inet4Address == group instanceof Inet4Address);
  }

  /** Where all hosts are meant, those of the interface's network are. */
  private static InetAddress broadcast(InetAddress group, NetworkInterface through)
      throws UnknownHostException {
    if (!NetUtil.toAddressString(group).equals("255.255.255.255")) return group;
    for (InterfaceAddress each : through.getInterfaceAddresses()) {
      if (!(each.getAddress() instanceof Inet4Address address)) continue;
      int hosts = (int) (0xFFFF_FFFFL >>> each.getNetworkPrefixLength());
      int all = ByteBuffer.wrap(address.getAddress()).getInt() | hosts;
      return InetAddress.getByAddress(ByteBuffer.allocate(4).putInt(0, all).array());
    }
    return group;
  }

  /** For messages. */
  String where() {
    return where;
  }

  void send(byte[] bytes) throws IOException {
    channel.send(ByteBuffer.wrap(bytes), target); // if there is no room, the next one will do
  }

  /** Waits for at most so long, and passes up to so many datagrams on. */
  void hear(Duration wait, int most, Hearer hearer) throws IOException {
    long millis = wait.toMillis();
    if (millis > 0) selector.select(key -> {}, millis);
    else selector.selectNow(key -> {});
    for (int i = 0; i < most; i++) {
      buffer.clear();
      SocketAddress sender = channel.receive(buffer);
      if (sender == null) return;
      String from =
          sender instanceof InetSocketAddress inet
              ? NetUtil.toAddressString(inet.getAddress())
              : sender.toString();
      hearer.hear(buffer.array(), buffer.position(), from);
    }
  }

  /** Ends a waiting, from any thread. */
  void wake() {
    selector.wakeup();
  }

  @Override
  public void close() throws IOException {
    selector.close();
    channel.close();
  }
}
