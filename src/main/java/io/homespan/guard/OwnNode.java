package io.homespan.guard;

import io.homespan.config.Config;
import io.homespan.config.Config.SecretFile;
import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * How a command reaches the port for operators of the node that runs with the same configuration:
 * by the files that the node has. It trusts the node's own certificate and no other, under whatever
 * address the node is. Blocks.
 */
public final class OwnNode {
  private OwnNode() {}

  /** TLS that ends at a node with these files. */
  public static SSLContext trusting(Config.Tls tls) throws IOException {
    try {
      Material material = Material.read(tls);
      PrivateKey key = material.key();
      if (key == null) throw new IOException("there is no certificate");
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(
          new KeyManager[] {LiveTls.keys(key, material.chain())},
          new TrustManager[] {new Exactly(material.chain().get(0))},
          null);
      return context;
    } catch (UnusableException | GeneralSecurityException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /** A header by which such a node knows the caller; null: it asks nobody. */
  public static @Nullable String authorization(Config.Authentication config) throws IOException {
    for (SecretFile file : config.tokenFiles()) {
      try {
        for (String line : Pem.text(file).lines().map(String::strip).toList()) {
          if (!line.isEmpty() && !line.startsWith("#")) return "Bearer " + line;
        }
      } catch (UnusableException e) {
        throw new IOException(e.getMessage(), e);
      }
    }
    return null;
  }

  /** One certificate, whoever vouches for it. */
  private static final class Exactly extends X509ExtendedTrustManager {
    private final X509Certificate own;

    Exactly(X509Certificate own) {
      this.own = own;
    }

    private void check(X509Certificate[] chain) throws CertificateException {
      if (chain.length == 0 || !chain[0].equals(own)) {
        throw new CertificateException("not the certificate of the configuration's node");
      }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String by) throws CertificateException {
      check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String by, Socket socket)
        throws CertificateException {
      check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String by, SSLEngine engine)
        throws CertificateException {
      check(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String by) throws CertificateException {
      check(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String by, Socket socket)
        throws CertificateException {
      check(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String by, SSLEngine engine)
        throws CertificateException {
      check(chain);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
