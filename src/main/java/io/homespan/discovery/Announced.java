package io.homespan.discovery;

import io.homespan.config.Config.Endpoint;
import io.netty.util.NetUtil;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Addresses that nodes announce of themselves: read with care, as others wrote them. */
public final class Announced {
  private static final int MAX_HOST = 253;
  private static final Pattern NAME = Pattern.compile("[a-z0-9_]([a-z0-9_.-]*[a-z0-9_.-])?");
  private static final Pattern NUMERIC = Pattern.compile("[0-9.]+");
  private static final Pattern PORT = Pattern.compile("[0-9]{1,5}");

  private Announced() {}

  /** Host and port; null if nobody could be called there. IPv6 without brackets and scope. */
  public static @Nullable Address at(String host, long port) {
    String lower = host.toLowerCase(Locale.ROOT);
    if (port < 1 || port > 65535 || lower.isEmpty() || lower.length() > MAX_HOST) return null;
    if (lower.indexOf('%') >= 0 || lower.equals("0.0.0.0") || lower.equals("::")) return null;
    boolean usable =
        lower.indexOf(':') >= 0
            ? NetUtil.isValidIpV6Address(lower) && !lower.startsWith("[")
            : NUMERIC.matcher(lower).matches()
                ? NetUtil.isValidIpV4Address(lower)
                : NAME.matcher(lower).matches();
    return usable ? Address.of(new Endpoint(lower, Math.toIntExact(port))) : null;
  }

  /** {@code host:port} or {@code [v6]:port}; null if nobody could be called there. */
  public static @Nullable Address parse(String text) {
    int colon = text.lastIndexOf(':');
    if (colon < 0 || !PORT.matcher(text.substring(colon + 1)).matches()) return null;
    String host = text.substring(0, colon);
    boolean bracketed = host.startsWith("[") && host.endsWith("]");
    if (bracketed != host.indexOf(':') >= 0) return null;
    return at(
        bracketed ? host.substring(1, host.length() - 1) : host,
        Integer.parseInt(text.substring(colon + 1)));
  }
}
