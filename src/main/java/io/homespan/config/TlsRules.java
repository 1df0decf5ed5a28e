package io.homespan.config;

import io.homespan.config.Config.Authentication;
import io.homespan.config.Config.Endpoint;
import io.homespan.config.Config.SecretFile;
import io.homespan.config.Config.Tls;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What must hold for TLS and for who may call, once they are wanted. Opens no file. */
final class TlsRules {
  static final String NONE = "none";
  static final String REQUIRED = "required";

  private static final List<String> LOCAL = List.of("127.0.0.1", "::1", "localhost");
  private static final String EXAMPLE = "http://127.0.0.1:4317";

  private TlsRules() {}

  /** Where a backend is, and whether it speaks TLS. */
  record Backend(Endpoint endpoint, boolean tls) {
    @Override
    public String toString() {
      return (tls ? "https://" : "http://") + endpoint;
    }
  }

  /** {@code host:port}, {@code http://host:port} or {@code https://host:port}. */
  record BackendAddress() implements Kind<Backend> {
    private static final String HTTPS = "https://";
    private static final Kind<Endpoint> ADDRESS =
        new EndpointKind(4317, false, true, false, EXAMPLE);

    @Override
    public @Nullable Backend read(Object value, Wrong wrong) {
      String text = value instanceof String written ? written.trim() : "";
      boolean tls = text.toLowerCase(Locale.ROOT).startsWith(HTTPS);
      Object plain = tls ? "http://" + text.substring(HTTPS.length()) : value;
      Endpoint endpoint = ADDRESS.read(plain, wrong);
      return endpoint == null ? null : new Backend(endpoint, tls);
    }
  }

  /** The keys of one port. */
  private record Port(
      boolean peers,
      Key<Boolean> ssl,
      Key<String> chain,
      Key<String> key,
      Key<String> ca,
      Key<String> auth) {
    static final Port INGEST =
        new Port(
            false,
            Schema.INGEST_SSL,
            Schema.INGEST_CHAIN,
            Schema.INGEST_KEY,
            Schema.INGEST_CLIENT_CA,
            Schema.INGEST_CLIENT_AUTH);
    static final Port PEERS =
        new Port(
            true,
            Schema.SSL,
            Schema.CHAIN_FILE,
            Schema.KEY_FILE,
            Schema.PEER_CA,
            Schema.PEER_CLIENT_AUTH);
    static final Port ADMIN =
        new Port(
            false,
            Schema.ADMIN_SSL,
            Schema.ADMIN_CHAIN,
            Schema.ADMIN_KEY,
            Schema.ADMIN_CLIENT_CA,
            Schema.ADMIN_CLIENT_AUTH);

    boolean authRequired(Values node) {
      return node.get(auth).equals(REQUIRED);
    }
  }

  static void check(Values node, boolean dataPrepper, List<Problem> problems) {
    if (dataPrepper && !node.given(Schema.SSL)) {
      warning(
          node,
          Schema.SSL,
          "left out means false here, and true in Data Prepper: peers talk in the clear",
          "write ssl: false if that is meant",
          problems);
    }
    port(node, Port.INGEST, false, problems);
    port(node, Port.PEERS, dataPrepper, problems);
    port(node, Port.ADMIN, false, problems);
    if (node.get(Schema.SSL)) peers(node, dataPrepper, problems);
    else besideTheDoor(node, problems);
    inTheClear(node, Schema.INGEST_SSL, Schema.INGEST_TOKENS, problems);
    inTheClear(node, Schema.INGEST_SSL, Schema.INGEST_USERS, problems);
    if (!isLocal(node, Schema.ADMIN_HOST)) {
      inTheClear(node, Schema.ADMIN_SSL, Schema.ADMIN_TOKENS, problems);
    }
  }

  private static boolean isLocal(Values node, Key<String> host) {
    return LOCAL.contains(node.get(host));
  }

  /** Tokens and passwords are asked for on the port for senders alone. */
  private static void besideTheDoor(Values node, List<Problem> problems) {
    boolean asked =
        !node.get(Schema.INGEST_TOKENS).isEmpty()
            || !node.get(Schema.INGEST_USERS).isEmpty()
            || Port.INGEST.authRequired(node);
    if (!asked || GatewayRules.isGateway(node) || isLocal(node, Schema.PEER_HOST)) return;
    warning(
        node,
        Schema.SSL,
        "false, and senders must be known: who reaches the peer port sends without being asked",
        "write true, with a CA for this tier, or let none but peers reach that port",
        problems);
  }

  private static void port(Values node, Port port, boolean dataPrepper, List<Problem> problems) {
    if (!node.sound(port.ssl, port.chain, port.key, port.ca, port.auth)) return;
    if (!node.get(port.ssl)) {
      if (dataPrepper && node.changed(port.chain)) {
        warning(
            node,
            port.chain,
            "has no effect while ssl is false; in Data Prepper it said whom to trust",
            "here it is this node's own chain, and needs sslKeyFile",
            problems);
      } else {
        unused(node, port.chain, "ssl is false", problems);
      }
      for (Key<?> key : List.of(port.key, port.ca, port.auth)) {
        unused(node, key, "ssl is false", problems);
      }
      if (port.peers) {
        unused(node, Schema.VERIFY_HOST, "ssl is false", problems);
        unused(node, Schema.PEER_NAME, "ssl is false", problems);
      }
      return;
    }
    if (port.peers && GatewayRules.isGateway(node)) { // it calls receivers, and nobody calls it
      pair(node, port.chain, port.key, problems);
      return;
    }
    needed(node, port.chain, "the PEM file of this node's certificate", problems);
    needed(node, port.key, "the PEM file of its private key", problems);
    if (!port.peers && port.authRequired(node)) {
      needed(node, port.ca, "the PEM file of the CA that callers' certificates are from", problems);
    } else if (!port.peers) {
      unused(node, port.ca, port.auth.name() + " is none", problems);
    }
  }

  private static void peers(Values node, boolean dataPrepper, List<Problem> problems) {
    if (!node.sound(Schema.PEER_CA, Schema.PEER_CLIENT_AUTH, Schema.VERIFY_HOST)) return;
    boolean gateway = GatewayRules.isGateway(node);
    if (!gateway && file(node, Schema.PEER_CA) == null) {
      warning(
          node,
          Schema.PEER_CA,
          "is empty: who has a certificate of any CA that the system trusts can call the peer port"
              + (dataPrepper ? "; in Data Prepper sslKeyCertChainFile said whom to trust" : ""),
          "write the PEM file of a CA for this tier alone",
          problems);
    }
    if (!gateway && !Port.PEERS.authRequired(node)) {
      warning(
          node,
          Schema.PEER_CLIENT_AUTH,
          "none: whoever reaches the peer port can send spans as a peer",
          "write required",
          problems);
    }
    if (!node.get(Schema.VERIFY_HOST)) {
      unused(node, Schema.PEER_NAME, "ssl_verify_host is false", problems);
    }
  }

  static void checkSink(Values sink, List<Problem> problems) {
    Backend backend = sink.get(Schema.OTLP_ENDPOINT);
    if (!backend.tls() && headers(sink) != null && !LOCAL.contains(backend.endpoint().host())) {
      warning(
          sink,
          Schema.OTLP_HEADERS,
          "is sent without TLS: who can read the network can read what is in it",
          "write https:// in endpoint, unless it holds no secret",
          problems);
    }
    if (!backend.tls()) {
      for (Key<?> key : List.of(Schema.OTLP_CA, Schema.OTLP_CHAIN, Schema.OTLP_KEY)) {
        unused(sink, key, "the endpoint is not https://", problems);
      }
      return;
    }
    pair(sink, Schema.OTLP_CHAIN, Schema.OTLP_KEY, problems);
  }

  /** Who calls shows a certificate only if it is to. */
  private static void pair(
      Values values, Key<String> chainFile, Key<String> keyFile, List<Problem> problems) {
    boolean chain = file(values, chainFile) != null;
    boolean key = file(values, keyFile) != null;
    if (chain && !key) needed(values, keyFile, "the certificate's private key", problems);
    if (key && !chain) needed(values, chainFile, "the key's certificate", problems);
  }

  private static void inTheClear(
      Values node, Key<Boolean> ssl, Key<List<String>> files, List<Problem> problems) {
    if (!node.sound(ssl, files) || node.get(files).isEmpty() || node.get(ssl)) return;
    warning(
        node,
        files,
        "are used without TLS: who can read the network can read the secrets",
        "write ssl: true beside it, unless a proxy in front speaks TLS",
        problems);
  }

  private static void needed(Values values, Key<String> key, String what, List<Problem> problems) {
    if (file(values, key) != null) return;
    problems.add(Problem.error(values.place(key), "is empty, and TLS is wanted", "write " + what));
  }

  private static void unused(Values values, Key<?> key, String why, List<Problem> problems) {
    Object value = values.find(key);
    if (!values.changed(key) || "".equals(value)) return;
    warning(values, key, "has no effect while " + why, "remove it", problems);
  }

  private static void warning(
      Values values, Key<?> key, String what, String remedy, List<Problem> problems) {
    problems.add(Problem.warning(values.place(key), what, remedy));
  }

  static @Nullable Tls ofIngest(Values node) {
    return of(node, Port.INGEST);
  }

  static @Nullable Tls ofAdmin(Values node) {
    return of(node, Port.ADMIN);
  }

  static @Nullable Tls ofPeers(Values node) {
    return of(node, Port.PEERS);
  }

  private static @Nullable Tls of(Values node, Port port) {
    if (!node.get(port.ssl)) return null;
    boolean peers = port.peers;
    return new Tls(
        file(node, port.chain),
        file(node, port.key),
        peers || port.authRequired(node) ? file(node, port.ca) : null,
        port.authRequired(node),
        !peers || node.get(Schema.VERIFY_HOST),
        peers ? node.find(Schema.PEER_NAME) : null);
  }

  static @Nullable Tls ofSink(Values sink) {
    if (!sink.get(Schema.OTLP_ENDPOINT).tls()) return null;
    return new Tls(
        file(sink, Schema.OTLP_CHAIN),
        file(sink, Schema.OTLP_KEY),
        file(sink, Schema.OTLP_CA),
        false,
        true,
        null);
  }

  /** What a backend is told beside the spans. */
  static @Nullable SecretFile headers(Values sink) {
    return file(sink, Schema.OTLP_HEADERS);
  }

  static @Nullable Tls ofMetrics(Values node) {
    if (!node.get(Schema.METRICS_ENDPOINT).tls()) return null;
    return new Tls(null, null, file(node, Schema.METRICS_CA), false, true, null);
  }

  static Authentication authentication(
      Values node, Key<List<String>> tokens, @Nullable Key<List<String>> users) {
    return new Authentication(files(node, tokens), users == null ? List.of() : files(node, users));
  }

  private static List<SecretFile> files(Values node, Key<List<String>> key) {
    List<String> paths = node.get(key);
    return IntStream.range(0, paths.size())
        .mapToObj(i -> new SecretFile(node.place(key) + "[" + i + "]", paths.get(i)))
        .toList();
  }

  private static @Nullable SecretFile file(Values values, Key<String> key) {
    String path = values.find(key);
    return path == null || path.isBlank() ? null : new SecretFile(values.place(key), path);
  }
}
