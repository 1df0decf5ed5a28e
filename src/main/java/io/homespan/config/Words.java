package io.homespan.config;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The kinds that are text: names, paths, and the closed choices. */
final class Words {
  private Words() {}

  /** Text that matches a pattern, which {@code should} puts into words. */
  record Text(Pattern pattern, String should, boolean mayBeEmpty) implements Kind<String> {
    static Text of(String pattern, String should) {
      return new Text(Pattern.compile(pattern), should, false);
    }

    @Override
    public @Nullable String read(Object value, Wrong wrong) {
      if (!(value instanceof String text)) {
        wrong.is(Shown.typed(value) + ", not text", "put it in quotes if it is meant");
        return null;
      }
      if (!pattern.matcher(text).matches()) {
        wrong.is(Shown.quoted(text) + " will not do", "write " + should);
        return null;
      }
      return text;
    }
  }

  /** A DNS name, lower-cased. */
  record Domain() implements Kind<String> {
    @Override
    public @Nullable String read(Object value, Wrong wrong) {
      if (!(value instanceof String text)) {
        wrong.is(Shown.typed(value) + ", not a domain name", "write a name such as peers.local");
        return null;
      }
      String name = text.trim().toLowerCase(Locale.ROOT);
      if (!EndpointKind.isName(name)) {
        wrong.is(
            Shown.quoted(text) + " is not a domain name",
            "write a name such as peers.local, without scheme and port");
        return null;
      }
      return name;
    }
  }

  /** One of a few words, any case. */
  record OneOf(List<String> words) implements Kind<String> {
    @Override
    public @Nullable String read(Object value, Wrong wrong) {
      String word = value instanceof String text ? text.trim().toLowerCase(Locale.ROOT) : "";
      if (words.contains(word)) {
        return word;
      }
      wrong.is(
          (value instanceof String text ? Shown.quoted(text) : Shown.bare(value)) + " is unknown",
          NearestKey.suggest(word, words) + "write " + String.join(", ", words));
      return null;
    }
  }

  /**
   * A way to find peers. A further one takes a word here, its keys in {@link Schema} and a case in
   * discovery's {@code Providers}.
   */
  record DiscoveryMode() implements Kind<String> {
    static final String STATIC = "static";
    static final String DNS = "dns";
    static final String DNS_SRV = "dns_srv";
    static final String SELF = "self";
    static final String FILE = "file";

    /** All that are built. */
    static final List<String> BUILT =
        List.of(
            STATIC,
            DNS,
            DNS_SRV,
            SELF,
            FILE,
            UdpRules.MODE,
            ZooKeeperRules.MODE,
            KubernetesRules.MODE);

    private static final Pattern WORD = Pattern.compile("[a-z][a-z0-9_]{0,39}");

    /** Other words may be providers of one's own; {@link Peers} knows them. */
    @Override
    public @Nullable String read(Object value, Wrong wrong) {
      String word = value instanceof String text ? text.trim().toLowerCase(Locale.ROOT) : "";
      if (word.equals("aws_cloud_map")) {
        wrong.is(
            "aws_cloud_map is not supported: Homespan asks no cloud's registry",
            "write dns with a domain_name that lists the nodes, or static");
        return null;
      }
      if (word.equals("local_node")) return SELF;
      return WORD.matcher(word).matches() ? word : new OneOf(BUILT).read(value, wrong);
    }

    static boolean isBuiltIn(String word) {
      return BUILT.contains(word);
    }

    /** "static, dns or self". */
    static String choices() {
      int last = BUILT.size() - 1;
      return String.join(", ", BUILT.subList(0, last)) + " or " + BUILT.get(last);
    }
  }
}
