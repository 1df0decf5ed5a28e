package io.homespan.discovery.kubernetes;

import io.homespan.config.Config;
import io.homespan.discovery.LookupException;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.regex.Pattern;

/**
 * What the files of a service account say at the moment.
 *
 * @param token "": none is to be sent
 * @param trusted certificates in PEM; empty without TLS
 */
record Account(String namespace, String token, Buffer trusted) {
  private static final int MAX_BYTES = 4 << 20; // a bundle of all there are is a quarter of a MiB
  private static final Pattern TOKEN = Pattern.compile("[\\x21-\\x7e]{1,65536}");
  private static final Pattern NAMESPACE = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");

  /** Blocks. */
  static Account read(Config.Kubernetes settings) throws LookupException {
    Path tokenFile = Path.of(settings.tokenFile());
    String namespace = settings.namespace();
    if (namespace.isEmpty()) {
      String key = "discovery.kubernetes.namespace is empty, and the file";
      Path file = tokenFile.resolveSibling("namespace");
      namespace = text(key, file);
      if (!NAMESPACE.matcher(namespace).matches()) throw unreadable(key, file, "holds none");
    }
    if (!settings.tls()) return new Account(namespace, "", Buffer.buffer());
    String key = "discovery.kubernetes.token_file";
    String token = text(key, tokenFile);
    if (!TOKEN.matcher(token).matches()) throw unreadable(key, tokenFile, "holds no token");
    return new Account(namespace, token, trusted(Path.of(settings.caFile())));
  }

  private static Buffer trusted(Path file) throws LookupException {
    String key = "discovery.kubernetes.ca_file";
    byte[] pem = bytes(key, file);
    try {
      int number =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(pem))
              .size();
      if (number > 0) return Buffer.buffer(pem);
    } catch (CertificateException e) {
      throw unreadable(key, file, "holds no certificates in PEM");
    }
    throw unreadable(key, file, "holds no certificates in PEM");
  }

  private static String text(String key, Path file) throws LookupException {
    return new String(bytes(key, file), StandardCharsets.UTF_8).strip();
  }

  private static byte[] bytes(String key, Path file) throws LookupException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MAX_BYTES + 1);
      if (bytes.length <= MAX_BYTES) return bytes;
    } catch (NoSuchFileException e) {
      throw unreadable(key, file, "is not there: does the pod mount its service account's token?");
    } catch (AccessDeniedException e) {
      throw unreadable(key, file, "may not be read by this user");
    } catch (IOException e) {
      throw unreadable(key, file, "cannot be read: " + e.getMessage());
    }
    throw unreadable(key, file, "holds more than " + MAX_BYTES + " bytes");
  }

  private static LookupException unreadable(String key, Path file, String what) {
    return new LookupException("unreadable", key + " " + file + " " + what);
  }

  /** Without the token. */
  @Override
  public String toString() {
    return "Account of " + namespace;
  }
}
