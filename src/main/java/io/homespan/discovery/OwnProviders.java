package io.homespan.discovery;

import java.util.Collections;
import java.util.Iterator;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The providers that somebody else has put on the class path. */
public final class OwnProviders {
  private static final Logger LOG = LoggerFactory.getLogger(OwnProviders.class);

  private OwnProviders() {}

  /** Their words for {@code discovery_mode}, in order. Loads classes. */
  public static Set<String> kinds() {
    return find().keySet();
  }

  /** By their words; one that cannot be loaded is logged and left out. */
  static Map<String, PeerProviderFactory> find() {
    Map<String, PeerProviderFactory> found = new TreeMap<>();
    Iterator<PeerProviderFactory> all =
        ServiceLoader.load(PeerProviderFactory.class, OwnProviders.class.getClassLoader())
            .iterator();
    while (true) {
      try {
        if (!all.hasNext()) return Collections.unmodifiableMap(found);
        add(all.next(), found);
      } catch (ServiceConfigurationError | RuntimeException e) {
        LOG.warn("a provider of peers on the class path cannot be used: {}", e.toString());
      }
    }
  }

  private static void add(PeerProviderFactory one, Map<String, PeerProviderFactory> found) {
    String kind = one.kind();
    String name = one.getClass().getName();
    if (kind == null || !kind.matches("[a-z][a-z0-9_]{0,39}")) {
      LOG.warn("provider {} is left out: its kind() is {}, which no discovery_mode is", name, kind);
    } else if (found.putIfAbsent(kind, one) != null) {
      LOG.warn("provider {} is left out: another is called {} as well", name, kind);
    }
  }
}
