package io.homespan.config;

import io.homespan.config.Config.Secret;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/** What the keys of {@code discovery.udp} may hold that others do not. */
final class UdpKinds {
  private UdpKinds() {}

  /** A multicast or broadcast address. */
  record Group() implements Kind<String> {
    @Override
    public @Nullable String read(Object value, Wrong wrong) {
      String text = value instanceof String written ? written.trim() : "";
      InetAddress address = NetUtil.createInetAddressFromIpAddressString(text);
      if (address != null && !address.isAnyLocalAddress() && !address.isLoopbackAddress()) {
        return NetUtil.toAddressString(address);
      }
      wrong.is(
          (value instanceof String ? Shown.quoted(text) : Shown.typed(value))
              + " is no address of many",
          "write a multicast address such as "
              + Schema.GROUP_EXAMPLE
              + ", or 255.255.255.255 for broadcast");
      return null;
    }
  }

  /** A shared secret, which no message shows. */
  record SecretText() implements Kind<Secret> {
    @Override
    public @Nullable Secret read(Object value, Wrong wrong) {
      if (value instanceof String text && !text.isBlank()) {
        return new Secret(text);
      }
      wrong.is("is not text", "put it in quotes");
      return null;
    }
  }
}
