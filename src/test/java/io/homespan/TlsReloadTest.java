package io.homespan;

import static org.assertj.core.api.Assertions.assertThat;

import io.homespan.guard.Recipe;
import io.homespan.otlp.TestSpans;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;

/** Files of certificates that change while nodes run. */
class TlsReloadTest extends TierTest {

  @Test
  void aRollingChange_ofCertificatesAndTheirCa_underLoad_failsNoRequest() throws Exception {
    Recipe recipe = Recipe.cooked(dir.resolve("tls"));
    recipe.run("cp node.crt first.crt; cp node.key first.key; cp ca.crt trusted.crt");
    Tier tier = TlsTierTest.tier(recipe, true);
    for (int i = 0; i < 3; i++) {
      recipe.run("cp node.crt node%1$d.crt; cp node.key node%1$d.key".formatted(i));
      recipe.run("cp ca.crt trusted%d.crt".formatted(i));
      Member member = tier.member(i);
      member.settings.put("PEER_FORWARDER_SSLKEYCERTCHAINFILE", recipe.path("node" + i + ".crt"));
      member.settings.put("PEER_FORWARDER_SSLKEYFILE", recipe.path("node" + i + ".key"));
      member.settings.put("PEER_FORWARDER_SSL_CA_FILE", recipe.path("trusted" + i + ".crt"));
      member.settings.put("INGEST_SSL_CERTIFICATE_FILE", recipe.path("node" + i + ".crt"));
      member.settings.put("INGEST_SSL_KEY_FILE", recipe.path("node" + i + ".key"));
      member.settings.put("INGEST_MAX_CONNECTION_AGE", "1"); // so that senders shake hands anew
    }
    in(tier).start();
    // a CA of the same tier that comes later, by the page: trust both, change, trust the new one
    recipe.run("mkdir next; cp senders-ca.* next");
    Recipe next = Recipe.in(dir.resolve("tls/next"));
    next.follow("ca");
    next.node("node", Recipe.LOCAL);
    recipe.run(
        "cp next/ca.crt new-ca.crt; cp next/node.crt second.crt; cp next/node.key second.key");
    recipe.follow("both");
    SSLContext senders = recipe.client("sender", "both.crt");
    try (Load load =
        new Load(
            Tier.client().sslContext(senders).build(),
            new TestSpans(9),
            tier.members.stream().map(Member::ingest).toList())) {
      load.awaitMore(30);
      for (int i = 0; i < 3; i++) {
        recipe.replace("both.crt", "trusted" + i + ".crt");
        taken(tier.member(i), 1, "peer_tls");
      }
      load.awaitMore(30);
      for (int i = 0; i < 3; i++) {
        recipe.renew("second", "node" + i);
        taken(tier.member(i), 2, "peer_tls");
        taken(tier.member(i), 1, "ingest_tls");
        assertThat(shown(tier.member(i), senders)).isEqualTo(certificate(recipe, "second.crt"));
        load.awaitMore(30);
      }
      for (int i = 0; i < 3; i++) {
        recipe.replace("new-ca.crt", "trusted" + i + ".crt");
        taken(tier.member(i), 3, "peer_tls");
      }
      load.awaitMore(60);
      Set<Spans.Ref> sent = load.stop();
      tier.assertKeptByOwners(sent);
      assertThat(load.failed()).as("requests that were not answered OK").isZero();
    }
    for (Member member : tier.members) {
      assertThat(member.metric("homespan_spans_refused_total", "")).isZero();
      assertThat(member.metric("homespan_secret_reads_total", "refused")).isZero();
      assertThat(member.metric("homespan_tls_failures_total", "to_peer")).isZero();
      assertThat(member.metric("homespan_tls_failures_total", "port=\"peer\"")).isZero();
    }
  }

  @Test
  void whatCantBeUsed_changesNothing_loudly() throws Exception {
    Recipe recipe = Recipe.cooked(dir.resolve("tls"));
    recipe.expired("expired", "ca");
    recipe.run("openssl pkey -in node.key -aes256 -passout pass:x -out encrypted.key");
    recipe.run("cp node.crt good.crt; cp node.key good.key");
    Tier tier = in(TlsTierTest.tier(recipe, false)).start();
    Member node = tier.member(0);
    X509Certificate before = shown(node, recipe.client(null));
    TestSpans spans = new TestSpans(7);
    for (String change :
        List.of(
            "head -c 2000 /dev/urandom > node.crt",
            "rm node.key",
            "cp sender.key node.key",
            "printf '' > node.crt",
            "cp expired.crt node.crt; cp expired.key node.key",
            "cp encrypted.key node.key")) {
      recipe.run(change);
      Patience.untilAsserted(
          () -> {
            assertThat(node.metric("homespan_secret_files_refused", "ingest_tls"))
                .as(change)
                .isEqualTo(1);
            assertThat(node.admin("/ready").body())
                .contains("refused_files")
                .containsPattern("INGEST_SSL_(CERTIFICATE|KEY)_FILE (holds|is|ended)")
                .doesNotContain(dir.toString(), "node.crt", "node.key");
            assertThat(node.ready()).as(change).isTrue();
          });
      assertThat(shown(node, recipe.client(null))).as(change).isEqualTo(before);
      var requests = Spans.scattered(spans.request(10, 4), 3, 1);
      tier.post(requests, tier.members);
      tier.assertKeptByOwners(Spans.in(requests));
      recipe.renew("good", "node");
      Patience.untilAsserted(
          () -> {
            assertThat(node.metric("homespan_secret_files_refused", "")).as(change).isZero();
            assertThat(node.admin("/ready").body()).doesNotContain("refused_files");
          });
    }
  }

  private static void taken(Member member, int times, String of) throws Exception {
    Patience.untilAsserted(
        () -> {
          assertThat(member.metric("homespan_secret_reads_total", of + "\",result=\"taken"))
              .isEqualTo(times);
        });
  }

  /** What a new connection is shown. */
  private static X509Certificate shown(Member member, SSLContext by) throws Exception {
    URI ingest = URI.create(member.ingest());
    try (SSLSocket socket =
        (SSLSocket) by.getSocketFactory().createSocket(ingest.getHost(), ingest.getPort())) {
      socket.startHandshake();
      return (X509Certificate) socket.getSession().getPeerCertificates()[0];
    }
  }

  private static X509Certificate certificate(Recipe recipe, String file) throws Exception {
    return (X509Certificate)
        CertificateFactory.getInstance("X.509")
            .generateCertificate(new ByteArrayInputStream(recipe.bytes(file)));
  }
}
