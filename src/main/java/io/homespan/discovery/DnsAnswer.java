package io.homespan.discovery;

import java.net.InetAddress;
import java.util.List;
import java.util.Locale;

/**
 * What one name server said to one question, as plain values.
 *
 * @param code the response code by its name: {@code NOERROR}, {@code NXDOMAIN} and so on
 * @param entries of the type that was asked for, and aliases
 * @param additional addresses that the server added of its own accord
 */
record DnsAnswer(String code, List<Entry> entries, List<Entry> additional) {
  DnsAnswer {
    entries = List.copyOf(entries);
    additional = List.copyOf(additional);
  }

  /**
   * One record.
   *
   * @param name canonical
   * @param ttl seconds
   */
  record Entry(String name, long ttl, Data data) {}

  /** What a record says of its name. */
  sealed interface Data {}

  /** It is here. */
  record Located(InetAddress address) implements Data {}

  /** It is another name for this one, which is canonical. */
  record Alias(String name) implements Data {}

  /**
   * It is a service that this target offers, as in RFC 2782.
   *
   * @param target canonical; {@code "."}: there is no such service
   */
  record Service(int priority, int weight, int port, String target) implements Data {
    boolean isNone() {
      return target.equals(".");
    }
  }

  /** As names are compared: lower case, with a dot at the end. */
  static String canonical(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return lower.endsWith(".") ? lower : lower + ".";
  }

  /** As names are shown: without the dot at the end. */
  static String shown(String canonical) {
    return canonical.endsWith(".") ? canonical.substring(0, canonical.length() - 1) : canonical;
  }
}
