package io.homespan;

import static org.assertj.core.api.Assertions.assertThat;

import io.homespan.guard.Recipe;
import io.homespan.otlp.TestSpans;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Follows {@code conf/tls/README.md} from the first command to the last. */
class TlsRecipeTest extends TierTest {

  @Test
  void everyCommandOfThePage_isRun_andMakesATier() throws Exception {
    Recipe recipe = Recipe.in(dir.resolve("tls"));
    assertThat(recipe.names())
        .containsExactly("ca", "node", "senders-ca", "sender", "token", "renew", "both");
    recipe.follow("ca");
    recipe.node("node", Recipe.LOCAL);
    recipe.follow("senders-ca");
    recipe.follow("sender");
    recipe.follow("token");
    recipe.run("mv collector-1.crt sender.crt; mv collector-1.key sender.key; mkdir host");
    recipe.follow("renew", "NODE", "node", "TARGET", recipe.path("host"));
    Tier tier = TlsTierTest.tier(recipe, true);
    for (Member member : tier.members) {
      member.settings.put("PEER_FORWARDER_SSLKEYCERTCHAINFILE", recipe.path("host/node.crt"));
      member.settings.put("PEER_FORWARDER_SSLKEYFILE", recipe.path("host/node.key"));
      member.settings.put("INGEST_AUTHENTICATION_TOKEN_FILES", recipe.path("tokens"));
    }
    in(tier).start();
    String token = Files.readString(Path.of(recipe.path("tokens"))).strip();
    var requests = Spans.scattered(new TestSpans(3).request(20, 4), 3, 1);
    for (int i = 0; i < 3; i++) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(tier.member(i).ingest() + "/v1/traces"))
              .header("content-type", "application/x-protobuf")
              .header("authorization", "Bearer " + token)
              .POST(HttpRequest.BodyPublishers.ofByteArray(requests.get(i).toByteArray()))
              .build();
      assertThat(tier.http.send(request, BodyHandlers.discarding()).statusCode()).isEqualTo(200);
    }
    tier.assertKeptByOwners(Spans.in(requests));
    // a renewal, in place
    recipe.node("node", Recipe.LOCAL);
    recipe.follow("renew", "NODE", "node", "TARGET", recipe.path("host"));
    Patience.untilAsserted(
        () ->
            assertThat(
                    tier.member(0)
                        .metric("homespan_secret_reads_total", "peer_tls\",result=\"taken"))
                .isEqualTo(1));
    recipe.run("cp ca.crt new-ca.crt");
    recipe.follow("both");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "true       | 0 | is right",
        "rm node.key | 2 | ingest.ssl_key_file: node.key is not there; give a file that is",
        "cp sender.key node.key | 2 | ingest.ssl_key_file: node.key is not the key of the first",
        "openssl pkey -in sender.key -aes128 -passout pass:x -out node.key | 2 |"
            + " ingest.ssl_key_file: node.key holds an encrypted key",
        "echo x > node.crt | 2 | ingest.ssl_certificate_file: node.crt holds no certificate",
        "cp expired.crt node.crt; cp expired.key node.key | 0 |"
            + " warning: ingest.ssl_certificate_file: node.crt: the certificate of CN=expired has expired",
        "echo a b > tokens | 2 | ingest.authentication.token_files[0]: tokens has no token in line 1",
        "echo '# none' > tokens | 2 | tokens holds no token",
      })
  void validate_looksIntoTheFiles(String change, int exit, String said) throws Exception {
    Recipe recipe = Recipe.cooked(dir.resolve("tls"));
    recipe.follow("token");
    recipe.expired("expired", "ca");
    recipe.run(change);
    Path file =
        Files.writeString(
            recipe.dir.resolve("homespan.yaml"),
            """
            peer_forwarder: { discovery_mode: self }
            ingest:
              ssl: true
              ssl_certificate_file: node.crt
              ssl_key_file: node.key
              ssl_client_auth: required
              ssl_client_ca_file: senders-ca.crt
              authentication: { token_files: [tokens] }
            """
                .replace(": node.", ": " + recipe.dir.toAbsolutePath() + "/node.")
                .replace(": senders-", ": " + recipe.dir.toAbsolutePath() + "/senders-")
                .replace("[tokens]", "[" + recipe.path("tokens") + "]"));
    try (Child child = Child.start(dir, "validate", "-conf", file.toString())) {
      assertThat(child.exit()).as(child.said()).isEqualTo(exit);
      assertThat(child.said().replace(recipe.dir.toAbsolutePath() + "/", "")).contains(said);
    }
  }
}
