package io.homespan.discovery;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The system's rules for short names, as in resolv.conf(5).
 *
 * @param domains to be appended, in order
 * @param ndots a name with at least so many dots is first tried as it stands
 */
record SearchList(List<String> domains, int ndots) {
  /** No rules: every name is a full one. */
  static final SearchList NONE = new SearchList(List.of(), 0);

  SearchList {
    domains = List.copyOf(domains);
  }

  /** Reads the lines of a resolv.conf; the last {@code search} or {@code domain} counts. */
  static SearchList parse(List<String> lines) {
    List<String> domains = List.of();
    int ndots = 1;
    for (String line : lines) {
      List<String> words = List.of(line.strip().split("\\s+"));
      List<String> values = words.subList(1, words.size());
      switch (words.get(0)) {
        case "search", "domain" -> domains = values;
        case "options" -> {
          for (String option : values) {
            if (option.matches("ndots:\\d{1,2}")) ndots = Integer.parseInt(option.substring(6));
          }
        }
        default -> {} // name servers are Netty's business
      }
    }
    return new SearchList(domains.stream().filter(d -> !d.equals(".")).toList(), ndots);
  }

  /** The full names to try for this one, each with a dot at its end. */
  List<String> expand(String name) {
    if (name.endsWith(".")) return List.of(name);
    List<String> names = new ArrayList<>();
    for (String domain : domains) names.add(DnsAnswer.canonical(name + "." + domain));
    String asItIs = DnsAnswer.canonical(name);
    long dots = name.chars().filter(c -> c == '.').count();
    if (dots >= ndots) names.add(0, asItIs);
    else names.add(asItIs);
    return Collections.unmodifiableList(names);
  }
}
