package io.homespan.discovery;

import java.net.InetAddress;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What one name server said to one question, as plain values.
 *
 * @param code the response code by its name: {@code NOERROR}, {@code NXDOMAIN} and so on
 */
record DnsAnswer(String code, List<Entry> entries) {
  DnsAnswer {
    entries = List.copyOf(entries);
  }

  /**
   * One record: an address, or another name for {@code name}.
   *
   * @param name lower case, with a dot at its end
   * @param ttl seconds
   */
  record Entry(String name, long ttl, @Nullable InetAddress address, @Nullable String alias) {}

  /** As names are compared: lower case, with a dot at the end. */
  static String canonical(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return lower.endsWith(".") ? lower : lower + ".";
  }
}
