package io.homespan.guard;

import io.homespan.config.Config.SecretFile;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads certificates and private keys in PEM (RFC 7468), and says what is wrong with a file. */
final class Pem {
  private static final int MAX_BYTES = 4 << 20;
  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]{1,64})-----(.*?)-----END \\1-----", Pattern.DOTALL);

  private static final String CERTIFICATE = "CERTIFICATE";
  private static final List<String> ALGORITHMS = List.of("RSA", "EC", "EdDSA", "RSASSA-PSS");

  // PKCS #8 (RFC 5208) round the older forms: version and algorithm
  private static final byte[] VERSION = HexFormat.of().parseHex("020100");
  private static final byte[] RSA = HexFormat.of().parseHex("300d06092a864886f70d0101010500");
  private static final byte[] EC_OID = HexFormat.of().parseHex("06072a8648ce3d0201");

  private static final int SEQUENCE = 0x30;
  private static final int OCTETS = 0x04;
  private static final int PARAMETERS = 0xa0;

  private Pem() {}

  private record Block(String type, String body) {}

  /** All certificates in a file, in order; at least one. Blocks. */
  static List<X509Certificate> certificates(SecretFile file) throws UnusableException {
    List<Block> blocks = blocks(file);
    List<X509Certificate> all = new ArrayList<>();
    for (Block block : blocks) {
      if (!block.type().equals(CERTIFICATE)) continue;
      try {
        all.add(
            (X509Certificate)
                CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(decoded(file, block))));
      } catch (CertificateException e) {
        throw new UnusableException(
            file, "holds a certificate that can't be read", "write it anew, in PEM");
      }
    }
    if (!all.isEmpty()) return List.copyOf(all);
    boolean key = blocks.stream().anyMatch(block -> block.type().endsWith("PRIVATE KEY"));
    throw new UnusableException(
        file,
        key ? "holds a private key and no certificate" : "holds no certificate",
        "give a file in PEM: -----BEGIN CERTIFICATE-----");
  }

  /** The one private key in a file, which has no password. Blocks. */
  static PrivateKey key(SecretFile file) throws UnusableException {
    List<Block> blocks = blocks(file);
    for (Block block : blocks) {
      if (!block.type().endsWith("PRIVATE KEY")) continue;
      if (block.type().startsWith("ENCRYPTED") || block.body().contains("ENCRYPTED")) {
        throw new UnusableException(
            file,
            "holds an encrypted key, and nobody is asked for a password",
            "decrypt it (openssl pkey -in FILE -out OTHER), readable by this user alone");
      }
      PrivateKey key = parsed(block.type(), decoded(file, block));
      if (key != null) return key;
      throw new UnusableException(
          file, "holds a private key that can't be read", "write it anew: RSA, EC or Ed25519");
    }
    throw new UnusableException(
        file,
        blocks.isEmpty() ? "holds no private key" : "holds certificates and no private key",
        "give a file in PEM: -----BEGIN PRIVATE KEY-----");
  }

  private static @Nullable PrivateKey parsed(String type, byte[] der) {
    byte[] pkcs8 =
        switch (type) {
          case "RSA PRIVATE KEY" -> tagged(SEQUENCE, VERSION, RSA, tagged(OCTETS, der));
          case "EC PRIVATE KEY" ->
              tagged(SEQUENCE, VERSION, tagged(SEQUENCE, EC_OID, curve(der)), tagged(OCTETS, der));
          default -> der;
        };
    for (String algorithm : ALGORITHMS) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
      } catch (GeneralSecurityException e) {
        // it is of another kind
      }
    }
    return null;
  }

  /** The name of the curve, which stands in the older form of EC keys (RFC 5915). */
  private static byte[] curve(byte[] der) {
    int at = content(der, 0); // of the sequence
    while (at >= 0 && at + 2 <= der.length) {
      int begin = content(der, at);
      int end = begin + length(der, at);
      if (begin < 0 || end < begin || end > der.length) break;
      if ((der[at] & 0xff) == PARAMETERS) return Arrays.copyOfRange(der, begin, end);
      at = end;
    }
    return new byte[0];
  }

  private static int content(byte[] der, int at) {
    if (at + 2 > der.length) return -1;
    int first = der[at + 1] & 0xff;
    return first < 0x80 ? at + 2 : at + 2 + (first & 0x7f);
  }

  private static int length(byte[] der, int at) {
    int first = der[at + 1] & 0xff;
    if (first < 0x80) return first;
    int length = 0;
    for (int i = 0; i < (first & 0x7f) && i < 3 && at + 2 + i < der.length; i++) {
      length = length << 8 | (der[at + 2 + i] & 0xff);
    }
    return length;
  }

  private static byte[] tagged(int tag, byte[]... contents) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] one : contents) all.writeBytes(one);
    int length = all.size();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(tag);
    if (length < 0x80) {
      out.write(length);
    } else if (length < 0x100) { // never in more bytes than it needs
      out.write(0x81);
      out.write(length);
    } else {
      out.write(0x82);
      out.write(length >> 8);
      out.write(length);
    }
    out.writeBytes(all.toByteArray());
    return out.toByteArray();
  }

  private static List<Block> blocks(SecretFile file) throws UnusableException {
    Matcher matcher = BLOCK.matcher(text(file));
    List<Block> blocks = new ArrayList<>();
    while (matcher.find()) blocks.add(new Block(matcher.group(1), matcher.group(2)));
    return blocks;
  }

  private static byte[] decoded(SecretFile file, Block block) throws UnusableException {
    try {
      return Base64.getMimeDecoder().decode(block.body().strip());
    } catch (IllegalArgumentException e) {
      throw new UnusableException(file, "is no PEM: its base64 is broken", "write it anew");
    }
  }

  /** What is in a file. Blocks. */
  static String text(SecretFile file) throws UnusableException {
    try (InputStream in = Files.newInputStream(Path.of(file.path()))) {
      byte[] bytes = in.readNBytes(MAX_BYTES + 1);
      if (bytes.length <= MAX_BYTES) return new String(bytes, StandardCharsets.UTF_8);
    } catch (NoSuchFileException e) {
      throw new UnusableException(file, "is not there", "give a file that is");
    } catch (AccessDeniedException e) {
      throw new UnusableException(file, "may not be read by this user", "let it be");
    } catch (IOException e) {
      throw new UnusableException(file, "can't be read: " + reason(e), "give another file");
    }
    throw new UnusableException(file, "holds more than " + MAX_BYTES + " bytes", "shorten it");
  }

  /** Without the path, which messages about files begin with. */
  private static String reason(IOException e) {
    String reason = e instanceof FileSystemException file ? file.getReason() : e.getMessage();
    return reason == null ? e.getClass().getSimpleName() : reason;
  }
}
