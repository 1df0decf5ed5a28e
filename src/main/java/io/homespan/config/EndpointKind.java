package io.homespan.config;

import io.homespan.config.Config.Endpoint;
import io.netty.util.NetUtil;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * {@code host}, {@code host:port} or {@code [v6]:port}, lower-cased.
 *
 * @param defaultPort the port where none is written; 0: it is told later
 * @param portNeeded refuse what has no port
 * @param urlAllowed {@code http://} may stand before it
 * @param addressOnly refuse names
 */
record EndpointKind(
    int defaultPort, boolean portNeeded, boolean urlAllowed, boolean addressOnly, String example)
    implements Kind<Endpoint> {
  private static final Pattern NAME =
      Pattern.compile("(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,62}\\.)*[a-z0-9_-]{0,62}\\.?");
  private static final Pattern NUMERIC = Pattern.compile("[0-9.]+");
  private static final Pattern PORT = Pattern.compile("[0-9]{1,5}");

  @Override
  public boolean mayBeEmpty() {
    return portNeeded; // only the address that a node claims for itself
  }

  @Override
  public @Nullable Endpoint read(Object value, Wrong wrong) {
    if (!(value instanceof String written)) {
      wrong.is(Shown.typed(value) + ", not an address", "write \"" + example + "\"");
      return null;
    }
    String text = written.trim().toLowerCase(Locale.ROOT);
    String shown = Shown.quoted(written);
    if (text.startsWith("https://")) {
      wrong.is(
          shown + " has a scheme, and calls to peers are made TLS by peer_forwarder.ssl",
          "write it without: \"" + example + "\"");
      return null;
    }
    if (text.contains("://")) {
      if (!urlAllowed || !text.startsWith("http://")) {
        String how = example.contains("://") ? "write it as here" : "write it without a scheme";
        wrong.is(shown + " is not an address", how + ": \"" + example + "\"");
        return null;
      }
      text = text.substring("http://".length());
      text = text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
    }
    if (text.indexOf('/') >= 0) {
      wrong.is(shown + " has a path", "write host and port alone: \"" + example + "\"");
      return null;
    }
    return hostAndPort(text, shown, wrong);
  }

  private @Nullable Endpoint hostAndPort(String text, String shown, Wrong wrong) {
    int colon = text.lastIndexOf(':');
    boolean bracketed = text.startsWith("[");
    if (!bracketed && colon >= 0 && text.indexOf(':') != colon) {
      String remedy =
          NetUtil.isValidIpV6Address(text)
              ? "put IPv6 in brackets: \"[" + text + "]:port\""
              : "write \"" + example + "\"";
      wrong.is(shown + " is not an address with a port", remedy);
      return null;
    }
    int end = bracketed ? text.indexOf(']') + 1 : colon < 0 ? text.length() : colon;
    String host = bracketed && end > 0 ? text.substring(1, end - 1) : text.substring(0, end);
    String rest = text.substring(end);
    String reason = bracketed ? notV6(host) : notHost(host);
    if (reason != null || (!rest.isEmpty() && !rest.startsWith(":"))) {
      wrong.is(
          shown + " " + (reason == null ? "is not an address" : reason),
          "write \"" + example + "\"");
      return null;
    }
    return withPort(host, rest, shown, wrong);
  }

  private @Nullable Endpoint withPort(String host, String rest, String shown, Wrong wrong) {
    if (host.equals("0.0.0.0") || host.equals("::")) {
      wrong.is(shown + " cannot be called", "write an address that the others can reach");
      return null;
    }
    if (addressOnly && !NetUtil.isValidIpV4Address(host) && host.indexOf(':') < 0) {
      wrong.is(shown + " is a name", "write an IP address: \"" + example + "\"");
      return null;
    }
    if (rest.isEmpty()) {
      if (portNeeded) {
        wrong.is(shown + " has no port", "write \"" + Shown.bare(host) + ":21891\"");
        return null;
      }
      return new Endpoint(host, defaultPort);
    }
    String port = rest.substring(1);
    int number = PORT.matcher(port).matches() ? Integer.parseInt(port) : 0;
    if (number < 1 || number > 65535) {
      wrong.is(shown + " has no port from 1 to 65535", "write \"" + example + "\"");
      return null;
    }
    return new Endpoint(host, number);
  }

  private static @Nullable String notV6(String host) {
    return NetUtil.isValidIpV6Address(host) ? null : "holds no IPv6 address";
  }

  private static @Nullable String notHost(String host) {
    if (NUMERIC.matcher(host).matches() && !NetUtil.isValidIpV4Address(host)) {
      return host.isEmpty() ? "has no host" : "holds no IPv4 address";
    }
    return host.isEmpty() ? "has no host" : isName(host) ? null : "holds no host name";
  }

  /** Could DNS or the hosts file know it? Underscores are let through: people use them. */
  static boolean isName(String lowerCase) {
    return NAME.matcher(lowerCase).matches();
  }

  /** An address to listen at: no port, IPv6 with or without brackets. */
  record Host() implements Kind<String> {
    @Override
    public @Nullable String read(Object value, Wrong wrong) {
      if (!(value instanceof String written)) {
        wrong.is(Shown.typed(value) + ", not a host", "write an address such as 0.0.0.0");
        return null;
      }
      String host = written.trim().toLowerCase(Locale.ROOT);
      if (host.startsWith("[") && host.endsWith("]")) {
        host = host.substring(1, host.length() - 1);
      }
      if (NetUtil.isValidIpV6Address(host) || notHost(host) == null) {
        return host;
      }
      wrong.is(
          Shown.quoted(written) + " is not a host",
          "write an address such as 0.0.0.0 or :: without scheme and port");
      return null;
    }
  }
}
