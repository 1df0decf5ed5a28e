package io.homespan.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.homespan.config.Config.SecretFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Certificates by the commands of {@code conf/tls/README.md}, run by the openssl program in a
 * directory of its own.
 */
public final class Recipe {
  private static final Path PAGE = Path.of("conf/tls/README.md");
  private static final Pattern BLOCK =
      Pattern.compile("```bash\n# ([a-z-]+)\n(.*?)```", Pattern.DOTALL);

  /** For names that are called on this host. */
  public static final String LOCAL = "DNS:localhost,IP:127.0.0.1,IP:127.0.0.2,IP:127.0.0.3";

  public final Path dir;
  private final Map<String, String> blocks = new LinkedHashMap<>();

  private Recipe(Path dir) throws IOException {
    this.dir = Files.createDirectories(dir);
    Matcher matcher = BLOCK.matcher(Files.readString(PAGE));
    while (matcher.find()) blocks.put(matcher.group(1), matcher.group(2));
  }

  /** In this directory. Leaves the test out, on a user's machine, if there is no openssl. */
  public static Recipe in(Path dir) throws Exception {
    boolean there = there();
    assumeTrue(there || "true".equals(System.getenv("CI")), "openssl is not installed");
    assertThat(there).as("openssl is installed").isTrue();
    return new Recipe(dir);
  }

  /** With both CAs, and the pairs "node" and "sender". */
  public static Recipe cooked(Path dir) throws Exception {
    Recipe recipe = in(dir);
    recipe.follow("ca");
    recipe.follow("senders-ca");
    recipe.node("node", LOCAL);
    recipe.sender("sender");
    return recipe;
  }

  private static boolean there() throws InterruptedException {
    try {
      return new ProcessBuilder("openssl", "version").start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  public List<String> names() {
    return List.copyOf(blocks.keySet());
  }

  /** Runs the commands of that name as they stand on the page, but for these variables. */
  public void follow(String name, String... variables) throws Exception {
    String commands = String.valueOf(blocks.get(name));
    for (int i = 0; i < variables.length; i += 2) {
      String line = "(?m)^" + variables[i] + "=.*$";
      assertThat(Pattern.compile(line).matcher(commands).find()).as(name + " " + line).isTrue();
      commands =
          commands.replaceAll(
              line, Matcher.quoteReplacement(variables[i] + "='" + variables[i + 1] + "'"));
    }
    run(commands);
  }

  /** A pair of the tier's CA. */
  public void node(String name, String names) throws Exception {
    follow("node", "NODE", name, "NAMES", names);
  }

  /** A pair of the senders' CA. */
  public void sender(String name) throws Exception {
    follow("sender", "SENDER", name);
  }

  /** Runs other commands there. */
  public void run(String commands) throws Exception {
    Path out = dir.resolve("openssl.out");
    Process process =
        new ProcessBuilder("bash", "-euo", "pipefail", "-c", commands)
            .directory(dir.toFile())
            .redirectErrorStream(true)
            .redirectOutput(out.toFile())
            .start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).as(commands).isTrue();
    assertThat(process.exitValue()).as(commands + "\n" + Files.readString(out)).isZero();
  }

  /** A pair that ended yesterday, signed by this CA ("ca" or "senders-ca"). */
  public void expired(String name, String ca) throws Exception {
    run(
        """
        openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=%1$s" \
          -addext "subjectAltName=%3$s" -keyout %1$s.key -out %1$s.csr
        rm -rf db-%1$s && mkdir db-%1$s && touch db-%1$s/index && echo 01 > db-%1$s/serial
        cat > db-%1$s/conf <<END
        [ca]
        default_ca = one
        [one]
        database = db-%1$s/index
        serial = db-%1$s/serial
        new_certs_dir = db-%1$s
        default_md = sha256
        policy = any
        copy_extensions = copyall
        [any]
        commonName = supplied
        END
        openssl ca -batch -config db-%1$s/conf -cert %2$s.crt -keyfile %2$s.key -notext \
          -startdate 20200101000000Z -enddate 20200201000000Z -in %1$s.csr -out %1$s.crt
        """
            .formatted(name, ca, LOCAL));
  }

  public String path(String file) {
    return dir.resolve(file).toAbsolutePath().toString();
  }

  public byte[] bytes(String file) throws IOException {
    return Files.readAllBytes(dir.resolve(file));
  }

  /** Puts the pair of this name where another is, as the page says. */
  public void renew(String from, String to) throws Exception {
    replace(from + ".crt", to + ".crt");
    replace(from + ".key", to + ".key");
  }

  /** By renaming. */
  public void replace(String from, String to) throws IOException {
    Path beside = Files.copy(dir.resolve(from), dir.resolve(to + ".new"));
    Files.move(beside, dir.resolve(to), StandardCopyOption.ATOMIC_MOVE);
  }

  /**
   * For clients in this JVM.
   *
   * @param name of the pair that it shows; null: none
   */
  public SSLContext client(@Nullable String name) throws Exception {
    return client(name, "ca.crt");
  }

  public SSLContext client(@Nullable String name, String ca) throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    KeyManager[] keys =
        name == null
            ? new KeyManager[0]
            : new KeyManager[] {
              LiveTls.keys(Pem.key(file(name + ".key")), Pem.certificates(file(name + ".crt")))
            };
    context.init(keys, new X509TrustManager[] {trust(ca)}, null);
    return context;
  }

  /** Trusts what is in this file alone. */
  public X509TrustManager trust(String ca) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    for (X509Certificate one : Pem.certificates(file(ca))) {
      store.setCertificateEntry(one.getSerialNumber().toString(), one);
    }
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return (X509TrustManager) factory.getTrustManagers()[0];
  }

  SecretFile file(String name) {
    return new SecretFile(name, path(name));
  }

  /** Writes a file there. */
  public String write(String name, String text) throws IOException {
    Files.writeString(dir.resolve(name), text, StandardCharsets.UTF_8);
    return path(name);
  }
}
