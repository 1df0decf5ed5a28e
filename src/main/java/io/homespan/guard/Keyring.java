package io.homespan.guard;

import io.homespan.config.Config;
import io.homespan.config.Config.Authentication;
import io.homespan.config.Config.SecretFile;
import io.homespan.config.ConfigException;
import io.homespan.metrics.Metrics;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All certificates, keys and tokens of one node, each null where it is not wanted. Looks every
 * second whether their files have changed. Any thread may ask.
 */
public final class Keyring {
  private static final Logger LOG = LoggerFactory.getLogger(Keyring.class);
  private static final long LOOK_MILLIS = 1000;
  private static final List<String> CALLS = List.of("h2", "http/1.1");
  private static final List<String> PAGES = List.of("http/1.1");

  private final Failures ingestFailures;
  private final Failures peerFailures;
  private final Failures adminFailures;
  private final @Nullable LiveTls ingest;
  private final @Nullable LiveTls peers;
  private final @Nullable LiveTls admin;
  private final Map<Config.Tls, LiveTls> sinks = new HashMap<>();
  private final Map<SecretFile, LiveHeaders> headers = new HashMap<>();
  private final @Nullable LiveTls reports;
  private final @Nullable LiveCredentials senders;
  private final @Nullable LiveCredentials operators;
  private final List<LiveFiles<?>> files = new ArrayList<>();

  private Keyring(Config config, Metrics metrics) throws UnusableException {
    ingestFailures = new Failures("ingest", metrics, System::nanoTime);
    peerFailures = new Failures("peer", metrics, System::nanoTime);
    adminFailures = new Failures("admin", metrics, System::nanoTime);
    for (Failures one : List.of(ingestFailures, peerFailures, adminFailures)) one.showTls();
    ingest = tls("ingest", config.ingest().tls(), CALLS, ingestFailures, metrics);
    peers = tls("peer", config.peerForwarder().tls(), served(config), peerFailures, metrics);
    admin = tls("admin", config.admin().tls(), PAGES, adminFailures, metrics);
    for (Config.Sink sink : config.sinks()) {
      Config.Tls tls = sink instanceof Config.OtlpSink otlp ? otlp.tls() : null;
      if (tls == null || sinks.containsKey(tls)) continue;
      String of = sinks.isEmpty() ? "sink" : "sink_" + sinks.size();
      LiveTls made =
          Objects.requireNonNull(
              tls(of, tls, List.of(), new Failures(of, metrics, System::nanoTime), metrics));
      sinks.put(tls, made);
    }
    for (Config.Sink sink : config.sinks()) {
      SecretFile file = sink instanceof Config.OtlpSink otlp ? otlp.headers() : null;
      if (file == null || headers.containsKey(file)) continue;
      String of = "sink_headers" + (headers.isEmpty() ? "" : "_" + headers.size());
      headers.put(file, LiveHeaders.read(of, file, metrics));
    }
    Config.OtlpReports otlp = config.heartbeat().reports().otlp();
    reports =
        tls(
            "reports",
            otlp == null ? null : otlp.tls(),
            List.of(),
            new Failures("reports", metrics, System::nanoTime),
            metrics);
    senders = known("ingest", config.ingest().authentication(), ingestFailures, metrics);
    operators = known("admin", config.admin().authentication(), adminFailures, metrics);
    Stream.of(ingest, peers, admin, reports)
        .filter(Objects::nonNull)
        .forEach(one -> files.add(Objects.requireNonNull(one).files()));
    sinks.values().forEach(one -> files.add(one.files()));
    headers.values().forEach(one -> files.add(one.files()));
    Stream.of(senders, operators)
        .filter(Objects::nonNull)
        .forEach(one -> files.add(Objects.requireNonNull(one).files()));
  }

  /**
   * Reads all files. Blocks.
   *
   * @throws ConfigException if one of them can't be used
   */
  public static Keyring open(Config config, Metrics metrics) {
    try {
      return new Keyring(config, metrics);
    } catch (UnusableException e) {
      throw new ConfigException(List.of(e.problem()));
    }
  }

  /** For this node's calls to peers by a command that is no node; null: in the clear. Blocks. */
  public static @Nullable LiveTls peers(Config config, Metrics metrics) {
    try {
      Failures failures = new Failures("peer", metrics, System::nanoTime);
      return tls("peer", config.peerForwarder().tls(), served(config), failures, metrics);
    } catch (UnusableException e) {
      throw new ConfigException(List.of(e.problem()));
    }
  }

  /** On the port for peers; a gateway has none, and needs no certificate for one. */
  private static List<String> served(Config config) {
    return config.role() == Config.Role.GATEWAY ? List.of() : CALLS;
  }

  private static @Nullable LiveTls tls(
      String of,
      Config.@Nullable Tls tls,
      List<String> protocols,
      Failures incoming,
      Metrics metrics)
      throws UnusableException {
    if (tls == null) return null;
    boolean peers = of.equals("peer");
    Failures outgoing = peers ? new Failures("to_" + of, metrics, System::nanoTime) : incoming;
    if (peers || protocols.isEmpty()) outgoing.showTls();
    return LiveTls.read(of + "_tls", tls, protocols, incoming, outgoing, metrics);
  }

  private static @Nullable LiveCredentials known(
      String of, Authentication config, Failures failures, Metrics metrics)
      throws UnusableException {
    if (!config.used()) return null;
    return LiveCredentials.read(of + "_authentication", config, failures, metrics);
  }

  /** Begins to look at the files, until {@code vertx} is closed. */
  public void watch(Vertx vertx) {
    if (!files.isEmpty()) later(vertx);
  }

  private void later(Vertx vertx) {
    vertx.setTimer(
        LOOK_MILLIS,
        id ->
            vertx
                .executeBlocking(
                    () -> {
                      files.forEach(LiveFiles::look);
                      return null;
                    })
                .onFailure(cause -> LOG.error("files could not be looked at", cause))
                .onComplete(done -> later(vertx)));
  }

  /** A sentence for each set of files that can't be used as they are now. */
  public List<String> troubles() {
    List<String> troubles = new ArrayList<>();
    for (LiveFiles<?> one : files) {
      String trouble = one.trouble();
      if (trouble != null) troubles.add(trouble);
    }
    return troubles;
  }

  /** TLS on the port for senders. */
  public @Nullable LiveTls ingest() {
    return ingest;
  }

  /** TLS on the port for peers, and for calls to them. */
  public @Nullable LiveTls peers() {
    return peers;
  }

  /** TLS on the port for operators. */
  public @Nullable LiveTls admin() {
    return admin;
  }

  /** For calls to a backend. */
  public BackendKeys sink(Config.OtlpSink sink) {
    LiveTls tls = sink.tls() == null ? null : sinks.get(sink.tls());
    LiveHeaders told = sink.headers() == null ? null : headers.get(sink.headers());
    return new BackendKeys(tls, told == null ? Map::of : told::now);
  }

  /** TLS to the receiver of what the mesh measures; null: in the clear. */
  public @Nullable LiveTls reports() {
    return reports;
  }

  /** Who may send; null: everybody. */
  public @Nullable LiveCredentials senders() {
    return senders;
  }

  /** Who may look; null: everybody. */
  public @Nullable LiveCredentials operators() {
    return operators;
  }

  /** Of the port for senders. */
  public Failures ingestFailures() {
    return ingestFailures;
  }

  /** Of the port for peers. */
  public Failures peerFailures() {
    return peerFailures;
  }

  /** Of the port for operators. */
  public Failures adminFailures() {
    return adminFailures;
  }
}
