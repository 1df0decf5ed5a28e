package io.homespan.guard;

import io.homespan.config.Config;
import io.homespan.config.Config.SecretFile;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What TLS needs of this side, read and checked.
 *
 * @param key null: this side shows no certificate
 * @param chain empty then
 * @param trusted whose certificates the other side may have; empty: the system's
 */
record Material(
    @Nullable PrivateKey key, List<X509Certificate> chain, List<X509Certificate> trusted) {
  private static final byte[] ANYTHING = {1, 2, 3};

  /** Reads the files. Blocks. */
  static Material read(Config.Tls files) throws UnusableException {
    SecretFile ca = files.ca();
    List<X509Certificate> trusted = ca == null ? List.of() : Pem.certificates(ca);
    SecretFile chainFile = files.chain();
    SecretFile keyFile = files.key();
    if (chainFile == null || keyFile == null) return new Material(null, List.of(), trusted);
    List<X509Certificate> chain = Pem.certificates(chainFile);
    PrivateKey key = Pem.key(keyFile);
    if (!isPair(key, chain.get(0).getPublicKey())) {
      throw new UnusableException(
          keyFile,
          "is not the key of the first certificate in the file of " + chainFile.key(),
          "give the two files of one pair");
    }
    return new Material(key, chain, trusted);
  }

  /** Until when all of the chain is good; null without one. */
  @Nullable Instant notAfter() {
    return chain.stream()
        .map(one -> one.getNotAfter().toInstant())
        .min(Instant::compareTo)
        .orElse(null);
  }

  /** From when all of it is good; null without one. */
  @Nullable Instant notBefore() {
    return chain.stream()
        .map(one -> one.getNotBefore().toInstant())
        .max(Instant::compareTo)
        .orElse(null);
  }

  private static boolean isPair(PrivateKey key, PublicKey published) {
    String algorithm =
        switch (key.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          case "EdDSA" -> "EdDSA";
          default -> "";
        };
    if (algorithm.isEmpty()) return key.getAlgorithm().equals(published.getAlgorithm());
    try {
      Signature signs = Signature.getInstance(algorithm);
      signs.initSign(key);
      signs.update(ANYTHING);
      byte[] signature = signs.sign();
      Signature verifies = Signature.getInstance(algorithm);
      verifies.initVerify(published);
      verifies.update(ANYTHING);
      return verifies.verify(signature);
    } catch (GeneralSecurityException e) {
      return false; // of two kinds
    }
  }
}
