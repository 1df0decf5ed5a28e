package io.homespan.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homespan.config.Config.Tls;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files as openssl writes them, and as people mix them up. */
class PemTest {
  @TempDir Path dir = Path.of("");
  private @Nullable Recipe made;

  @BeforeEach
  void openssl() throws Exception {
    made = Recipe.in(dir);
  }

  private Recipe recipe() {
    return Objects.requireNonNull(made);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out key.pem",
        "openssl genrsa -traditional -out key.pem 2048",
        "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key.pem",
        "openssl ecparam -name secp384r1 -genkey -out key.pem",
        "openssl genpkey -algorithm ED25519 -out key.pem",
      })
  void everyFormOfAKey_isRead_andIsAPairWithItsCertificate(String command) throws Exception {
    recipe().run(command + "\nopenssl req -x509 -key key.pem -subj /CN=x -days 9 -out cert.pem");
    Material read = Material.read(tls("cert.pem", "key.pem"));
    assertThat(read.chain()).hasSize(1);
    assertThat(read.notAfter()).isAfter(Instant.now());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "cert.pem    | other.pem     | other.pem is not the key of the first certificate in",
        "cert.pem    | rsa.pem       | rsa.pem is not the key of the first certificate in",
        "cert.pem    | encrypted.pem | encrypted.pem holds an encrypted key, and nobody is asked",
        "cert.pem    | old.pem       | old.pem holds an encrypted key, and nobody is asked",
        "cert.pem    | garbage.pem   | garbage.pem holds no private key",
        "cert.pem    | cut.pem       | cut.pem holds a private key that can't be read",
        "cert.pem    | cert.pem      | cert.pem holds certificates and no private key",
        "cert.pem    | none.pem      | none.pem is not there",
        "key.pem     | key.pem       | key.pem holds a private key and no certificate",
        "garbage.pem | key.pem       | garbage.pem holds no certificate",
        "empty.pem   | key.pem       | empty.pem holds no certificate",
        "broken.pem  | key.pem       | broken.pem holds a certificate that can't be read",
      })
  void whatCantBeUsed_isSaidByFile(String chain, String key, String said) throws Exception {
    recipe()
        .run(
            """
        openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key.pem
        openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out other.pem
        openssl genpkey -algorithm RSA -out rsa.pem
        openssl req -x509 -key key.pem -subj /CN=x -days 9 -out cert.pem
        openssl pkey -in key.pem -aes256 -passout pass:x -out encrypted.pem
        openssl rsa -in rsa.pem -traditional -aes256 -passout pass:x -out old.pem
        head -c 3000 /dev/urandom > garbage.pem
        printf -- '-----BEGIN PRIVATE KEY-----\\nAAAA\\n-----END PRIVATE KEY-----\\n' > cut.pem
        printf -- '-----BEGIN CERTIFICATE-----\\nAAAA\\n-----END CERTIFICATE-----\\n' > broken.pem
        touch empty.pem
        """);
    assertThatThrownBy(() -> Material.read(tls(chain, key)))
        .isInstanceOf(UnusableException.class)
        .hasMessageContaining(said)
        .hasMessageNotContaining("AAAA");
  }

  @Test
  void aChain_endsWhenItsFirstEnds() throws Exception {
    recipe().follow("ca");
    recipe().node("node", Recipe.LOCAL);
    recipe().run("cat node.crt ca.crt > chain.crt");
    Material read = Material.read(tls("chain.crt", "node.key"));
    assertThat(read.chain()).hasSize(2);
    assertThat(read.notAfter()).isEqualTo(read.chain().get(0).getNotAfter().toInstant());
  }

  private Tls tls(String chain, String key) {
    return new Tls(recipe().file(chain), recipe().file(key), null, false, true, null);
  }
}
