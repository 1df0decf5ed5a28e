package io.homespan.discovery;

import io.netty.resolver.HostsFileEntriesProvider;
import io.netty.util.NetUtil;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What the system's own files say of names, as they are at present.
 *
 * @param search how short names are completed
 */
record SystemFiles(HostsFileEntriesProvider file, SearchList search) {
  private static final Path RESOLV_CONF = Path.of("/etc/resolv.conf");

  /**
   * Reads them, so not for an event loop.
   *
   * @param searching whether short names are completed as the system does
   */
  static SystemFiles read(boolean searching) {
    return new SystemFiles(
        HostsFileEntriesProvider.parser().parseSilently(),
        searching ? searchList() : SearchList.NONE);
  }

  private static SearchList searchList() {
    try {
      return SearchList.parse(Files.readAllLines(RESOLV_CONF));
    } catch (IOException e) {
      return SearchList.NONE; // there is none on every system
    }
  }

  /** The addresses of this host; empty: the files know nothing of it. An address is its own. */
  List<InetAddress> hosts(String host) {
    if (NetUtil.isValidIpV4Address(host) || NetUtil.isValidIpV6Address(host)) {
      return List.of(NetUtil.createInetAddressFromIpAddressString(host));
    }
    String name = DnsAnswer.shown(host.toLowerCase(Locale.ROOT));
    for (Map<String, List<InetAddress>> entries : List.of(file.ipv4Entries(), file.ipv6Entries())) {
      List<InetAddress> found = entries.get(name);
      if (found != null && !found.isEmpty()) return List.copyOf(found);
    }
    return List.of();
  }
}
