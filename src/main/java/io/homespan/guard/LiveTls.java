package io.homespan.guard;

import io.homespan.config.Config;
import io.homespan.config.Config.SecretFile;
import io.homespan.metrics.Metrics;
import io.homespan.rpc.Cover;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.handler.ssl.SslProvider;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.TrustOptions;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509KeyManager;
import org.jspecify.annotations.Nullable;

/**
 * TLS by files that may change: a new connection gets what is in them at the time, an open one
 * keeps what it has. Sessions are not resumed over a change, so nobody gets in by a certificate
 * that is not trusted any more. Any thread may call.
 */
public final class LiveTls {
  private static final List<String> VERSIONS = List.of("TLSv1.3", "TLSv1.2");
  private static final long HANDSHAKE_MILLIS = 10_000;
  private static final char[] NO_PASSWORD = {};

  /** In seconds: who resumes a session shows no certificate, and its own may have expired. */
  private static final long SHORTEST_SESSION = 1;

  private static final String HTTPS = "HTTPS"; // the name or address dialled must be in the SANs

  /** What new connections are made with, until the files change. */
  private record Present(
      Material material, @Nullable SslContext server, @Nullable SslContext client) {}

  private final Config.Tls config;
  private final LiveFiles<Present> files;
  private final Failures incoming;
  private final Failures outgoing;

  private LiveTls(
      Config.Tls config, LiveFiles<Present> files, Failures incoming, Failures outgoing) {
    this.config = config;
    this.files = files;
    this.incoming = incoming;
    this.outgoing = outgoing;
  }

  /**
   * Reads the files. Blocks.
   *
   * @param of what it is for, as a metric's label
   * @param protocols that a server speaks, by ALPN; empty: there is no server
   */
  static LiveTls read(
      String of,
      Config.Tls config,
      List<String> protocols,
      Failures incoming,
      Failures outgoing,
      Metrics metrics)
      throws UnusableException {
    List<SecretFile> paths = new ArrayList<>();
    Stream.of(config.chain(), config.key(), config.ca())
        .forEach(
            file -> {
              if (file != null) paths.add(file);
            });
    LiveFiles<Present> files =
        new LiveFiles<>(of, paths, before -> present(config, protocols, before), metrics);
    if (files.now().material().notAfter() != null) {
      metrics.gauge(
          "homespan_tls_certificate_expiry_seconds",
          "When the certificate in use ends, in seconds since 1970",
          () -> seconds(files.now().material().notAfter()),
          "of",
          of);
    }
    return new LiveTls(config, files, incoming, outgoing);
  }

  private static double seconds(@Nullable Instant time) {
    return time == null ? Double.NaN : time.getEpochSecond();
  }

  private static Present present(
      Config.Tls config, List<String> protocols, @Nullable Present before)
      throws UnusableException {
    Material material = Material.read(config);
    Instant ends = material.notAfter();
    SecretFile chain = config.chain();
    boolean other = before != null && !before.material().chain().equals(material.chain());
    if (other && ends != null && chain != null && ends.isBefore(Instant.now())) {
      throw new UnusableException(chain, "ended at " + ends, "give a new one");
    }
    try {
      return new Present(
          material,
          protocols.isEmpty() ? null : server(config, material, protocols),
          client(config, material));
    } catch (SSLException | IllegalArgumentException e) {
      SecretFile any = chain == null ? config.ca() : chain;
      if (any == null) throw new IllegalStateException("TLS can't be had", e);
      throw new UnusableException(any, "can't be used: " + Failures.deepest(e), "give another");
    }
  }

  private static SslContext server(Config.Tls config, Material material, List<String> protocols)
      throws SSLException {
    PrivateKey key = material.key();
    if (key == null) throw new SSLException("there is no key");
    SslContextBuilder builder =
        SslContextBuilder.forServer(key, material.chain())
            .clientAuth(config.clientAuth() ? ClientAuth.REQUIRE : ClientAuth.NONE)
            .endpointIdentificationAlgorithm(null); // peers are verified where they are called
    if (config.clientAuth()) builder.sessionTimeout(SHORTEST_SESSION); // 0 would be a day
    return context(builder, material, protocols);
  }

  private static SslContext client(Config.Tls config, Material material) throws SSLException {
    SslContextBuilder builder =
        SslContextBuilder.forClient()
            .endpointIdentificationAlgorithm(config.verifyHost() ? HTTPS : null);
    PrivateKey key = material.key();
    if (key != null) builder.keyManager(key, material.chain());
    return context(builder, material, List.of("h2"));
  }

  private static SslContext context(
      SslContextBuilder builder, Material material, List<String> protocols) throws SSLException {
    if (!material.trusted().isEmpty()) builder.trustManager(material.trusted());
    return builder
        .sslProvider(SslProvider.JDK)
        .protocols(VERSIONS)
        .applicationProtocolConfig(
            new ApplicationProtocolConfig(
                ApplicationProtocolConfig.Protocol.ALPN,
                ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                protocols))
        .build();
  }

  LiveFiles<?> files() {
    return files;
  }

  /**
   * For connections that come in.
   *
   * @param vertx whose workers do the arithmetic of handshakes, so that who connects anew costs
   *     those who are connected nothing
   */
  public Cover server(Vertx vertx) {
    Executor workers =
        task ->
            vertx
                .executeBlocking(
                    () -> {
                      task.run();
                      return null;
                    },
                    false)
                .onFailure(closed -> {}); // the node's end
    return (pipeline, host, port) -> {
      SslContext present = files.now().server();
      if (present == null) throw new IllegalStateException("there is no server here");
      SslHandler tls =
          new ServerTls(present.newEngine(ByteBufAllocator.DEFAULT, host, port), workers);
      tls.setHandshakeTimeoutMillis(HANDSHAKE_MILLIS);
      String other = host + ":" + port;
      FirstBytes first =
          new FirstBytes(by -> incoming.tls(Reason.NO_TLS, other, "it began with " + by));
      pipeline.addFirst("tls", tls);
      pipeline.addFirst("first bytes", first);
      tls.handshakeFuture()
          .addListener(
              done -> {
                if (done.isSuccess() || first.isNoNews(done.cause())) return;
                failed(incoming, other, done.cause());
              });
    };
  }

  /**
   * Whose caller may have hung up when a worker finds what is wrong with its handshake. The
   * handshake's future has told of that; the pipeline's end would print the stack.
   */
  private static final class ServerTls extends SslHandler {
    ServerTls(SSLEngine engine, Executor workers) {
      super(engine, false, workers);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) throws Exception {
      if (ctx.isRemoved() && Reason.isTls(cause)) return;
      super.exceptionCaught(ctx, cause);
    }
  }

  /** For connections that this node makes. */
  public Cover client() {
    return (pipeline, host, port) -> {
      SslContext present = files.now().client();
      if (present == null) throw new IllegalStateException("there is no client here");
      String name = config.peerName();
      SslHandler tls =
          present.newHandler(ByteBufAllocator.DEFAULT, name == null ? host : name, port);
      tls.setHandshakeTimeoutMillis(HANDSHAKE_MILLIS);
      pipeline.addLast("tls", tls);
      pipeline.addLast("alerts", new Alerts(outgoing, host + ":" + port));
    };
  }

  /** What ends a connection that this node has made, during the handshake or after. */
  private static final class Alerts extends ChannelInboundHandlerAdapter {
    private final Failures failures;
    private final String other;
    private boolean told;

    Alerts(Failures failures, String other) {
      this.failures = failures;
      this.other = other;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event instanceof SslHandshakeCompletionEvent done && !done.isSuccess()) {
        tell(done.cause());
      }
      ctx.fireUserEventTriggered(event);
    }

    /** The server sees the certificate when the handshake has ended on this side (TLS 1.3). */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      if (Reason.isTls(cause)) tell(cause);
      ctx.fireExceptionCaught(cause);
    }

    private void tell(Throwable cause) {
      if (told) return;
      told = true;
      failed(failures, other, cause);
    }
  }

  /** Another object once the files have changed. */
  public Object version() {
    return files.now();
  }

  /**
   * What a peer's certificate must be for.
   *
   * @param listed host and port as they stand in a list, or a peer id; not where it is dialled,
   *     which is but what DNS says of it
   */
  public String nameOf(String listed) {
    String name = config.peerName();
    if (name != null) return name;
    int colon = listed.lastIndexOf(':');
    String host = colon < 0 ? listed : listed.substring(0, colon);
    boolean bracketed = host.startsWith("[") && host.endsWith("]");
    return bracketed ? host.substring(1, host.length() - 1) : host;
  }

  /** Makes a client of Vert.x's one that speaks TLS by what is in the files now. */
  public HttpClientOptions on(HttpClientOptions plain) {
    Material material = files.now().material();
    HttpClientOptions options =
        new HttpClientOptions(plain)
            .setSsl(true)
            .setUseAlpn(true)
            .setVerifyHost(config.verifyHost())
            .setEnabledSecureTransportProtocols(new LinkedHashSet<>(VERSIONS));
    try {
      PrivateKey key = material.key();
      if (key != null) options.setKeyCertOptions(KeyCertOptions.wrap(keys(key, material.chain())));
      if (!material.trusted().isEmpty()) {
        options.setTrustOptions(TrustOptions.wrap(trust(material.trusted())));
      }
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("certificates that were read can't be used", e);
    }
    return options;
  }

  static X509KeyManager keys(PrivateKey key, List<X509Certificate> chain)
      throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, NO_PASSWORD);
    store.setKeyEntry("own", key, NO_PASSWORD, chain.toArray(X509Certificate[]::new));
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(store, NO_PASSWORD);
    return (X509KeyManager) factory.getKeyManagers()[0];
  }

  private static TrustManager trust(List<X509Certificate> trusted)
      throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, NO_PASSWORD);
    for (int i = 0; i < trusted.size(); i++) store.setCertificateEntry("ca " + i, trusted.get(i));
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return factory.getTrustManagers()[0];
  }

  /** Counts and tells why a client of Vert.x's did not reach a peer, if it was for TLS. */
  public void failed(String other, Throwable cause) {
    if (Reason.isTls(cause)) failed(outgoing, other, cause);
  }

  private static void failed(Failures failures, String other, Throwable cause) {
    failures.tls(Reason.of(cause), other, cause);
  }
}
