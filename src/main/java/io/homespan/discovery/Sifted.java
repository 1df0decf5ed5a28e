package io.homespan.discovery;

import io.homespan.config.Config.Endpoint;
import io.netty.util.NetUtil;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What is left of a provider's answer without what nobody could dial: an empty host that became
 * ":port" would make a node call itself.
 *
 * @param addresses the sound ones, lower case, each text once
 * @param dropped how many were not
 */
record Sifted(List<Address> addresses, int dropped) {
  private static final Pattern NAME = Pattern.compile("[a-z0-9_]([a-z0-9_.-]{0,252})");
  private static final int MAX_NOTE = 200;
  private static final Pattern NUMERIC = Pattern.compile("[0-9.]+");

  /** {@code found} may hold anything, nulls too. */
  static Sifted of(Iterable<? extends @Nullable Address> found) {
    Map<String, Address> sound = new LinkedHashMap<>();
    int dropped = 0;
    for (Address one : found) {
      Address lower = one == null ? null : lower(one);
      if (lower == null) dropped++;
      else sound.putIfAbsent(lower.listed(), lower);
    }
    return new Sifted(List.copyOf(sound.values()), dropped);
  }

  /**
   * The same under the texts that gateways hash, who are told no ids: see {@link
   * Endpoint#normalised}.
   */
  Sifted normalised() {
    Map<String, Address> all = new LinkedHashMap<>();
    for (Address one : addresses) {
      Address normal = new Address(normalised(one.listed()), one.host(), one.port());
      all.putIfAbsent(normal.listed(), normal);
    }
    return new Sifted(List.copyOf(all.values()), dropped);
  }

  private static String normalised(String listed) {
    int colon = listed.lastIndexOf(':');
    String host = listed.substring(0, Math.max(0, colon));
    String port = listed.substring(colon + 1);
    boolean bracketed = host.startsWith("[") && host.endsWith("]");
    boolean whole = bracketed || host.indexOf(':') < 0;
    if (host.isEmpty() || !whole || !port.matches("[0-9]{1,5}"))
      return listed; // in words of its own
    String bare = bracketed ? host.substring(1, host.length() - 1) : host;
    return new Endpoint(bare, Integer.parseInt(port)).normalised().toString();
  }

  /** Of these notes, those on what is left; without what would break a line, or fill pages. */
  Map<String, String> notes(Map<String, String> all) {
    Map<String, String> sound = new HashMap<>();
    if (all.isEmpty()) return sound;
    for (Address one : addresses) {
      String note = all.get(one.listed());
      if (note == null || note.isBlank()) continue;
      String line = note.replaceAll("\\p{C}", " ").strip();
      sound.put(one.listed(), line.length() <= MAX_NOTE ? line : line.substring(0, MAX_NOTE));
    }
    return sound;
  }

  private static @Nullable Address lower(Address one) {
    if (isNull(one.listed()) || isNull(one.host())) return null;
    Address lower =
        new Address(
            one.listed().toLowerCase(Locale.ROOT), one.host().toLowerCase(Locale.ROOT), one.port());
    return isText(lower.listed()) && isHost(lower.host()) && isPort(one.port()) ? lower : null;
  }

  /** Who made it may know nothing of null checks. */
  private static boolean isNull(@Nullable String text) {
    return text == null;
  }

  private static boolean isText(String listed) {
    return !listed.isEmpty()
        && listed.length() <= Hello.MAX_TEXT
        && !listed.startsWith(":")
        && listed.chars().allMatch(c -> c > ' ' && c < 0x7f);
  }

  private static boolean isHost(String host) {
    if (host.equals("0.0.0.0") || host.equals("::")) return false;
    if (NetUtil.isValidIpV4Address(host) || NetUtil.isValidIpV6Address(host)) return true;
    return NAME.matcher(host).matches() && !NUMERIC.matcher(host).matches();
  }

  private static boolean isPort(int port) {
    return port >= 1 && port <= 65535;
  }
}
