package io.homespan.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.homespan.config.Config.Endpoint;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Look-ups against a name server that does as it is told. */
class DnsProviderTest {
  private static final String NAME = "tier.example";

  /** Of a question, where an answer is to come. */
  private static final Duration LONG = Duration.ofSeconds(50);

  /** Where none is, and so long where others are to. */
  private static final Duration SHORT = Duration.ofMillis(300);

  private static final Duration MIDDLING = Duration.ofSeconds(3);

  private final Vertx vertx =
      Vertx.vertx(new VertxOptions().setPreferNativeTransport(true)); // as a node does
  private TestDns dns;
  private DnsProvider provider;

  @BeforeEach
  void open() throws Exception {
    dns = new TestDns();
    provider = provider(NAME, dns.port());
  }

  @AfterEach
  void close() throws Exception {
    provider.close();
    vertx.close().await(60, TimeUnit.SECONDS);
    dns.close();
  }

  private DnsProvider provider(String name, int... ports) throws Exception {
    return provider(LONG, name, ports);
  }

  private DnsProvider provider(Duration queryTimeout, String name, int... ports) throws Exception {
    List<InetSocketAddress> servers =
        IntStream.of(ports)
            .mapToObj(port -> new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
            .toList();
    Future<DnsProvider> made =
        Future.future(
            promise ->
                vertx.runOnContext(
                    go -> {
                      DnsResolver resolver = new DnsResolver(vertx, servers, queryTimeout);
                      promise.complete(
                          new DnsProvider(
                              vertx, name, 21891, resolver, false, Duration.ofSeconds(7)));
                    }));
    return made.await(60, TimeUnit.SECONDS);
  }

  private static PeerProvider.Found find(DnsProvider provider) throws Exception {
    return provider.find().await(60, TimeUnit.SECONDS);
  }

  private static List<String> texts(PeerProvider.Found found) {
    return found.addresses().stream().map(Address::listed).sorted().toList();
  }

  private static String failure(DnsProvider provider) {
    Future<String> failure =
        provider
            .find()
            .map(found -> "found " + texts(found))
            .otherwise(cause -> cause instanceof LookupException e ? e.failure() : "" + cause);
    return failure.await();
  }

  @Test
  void bothTypesOfAddress_areFound_withTheSmallestTtl() throws Exception {
    dns.answer(NAME, 17, "10.0.0.2", "10.0.0.1", "2001:DB8::1");
    PeerProvider.Found found = find(provider);
    assertThat(texts(found))
        .containsExactly("10.0.0.1:21891", "10.0.0.2:21891", "[2001:db8::1]:21891");
    assertThat(found.addresses())
        .contains(new Address("[2001:db8::1]:21891", "2001:db8::1", 21891));
    assertThat(found.ttl()).isEqualTo(Duration.ofSeconds(17));
  }

  @ParameterizedTest
  @CsvSource({"10.0.0.1, 10.0.0.1:21891", "2001:db8::1, [2001:db8::1]:21891"})
  void oneTypeAlone_isEnough(String address, String text) throws Exception {
    dns.answer(NAME, 5, address);
    assertThat(texts(find(provider))).containsExactly(text);
  }

  @Test
  void theFiveFailures_haveFiveNames() throws Exception {
    assertThat(failure(provider)).isEqualTo("nxdomain");
    dns.answer(NAME, 5);
    assertThat(failure(provider)).isEqualTo("empty");
    dns.refuse(NAME, DnsResponseCode.REFUSED);
    assertThat(failure(provider)).isEqualTo("refused");
    dns.refuse(NAME, DnsResponseCode.SERVFAIL);
    assertThat(failure(provider)).isEqualTo("servfail");
    dns.silence(NAME);
    DnsProvider hasty = provider(SHORT, NAME, dns.port());
    assertThat(failure(hasty)).isEqualTo("timeout");
    hasty.close();
  }

  @Test
  void anAnswerCutOffOnUdp_isFetchedOverTcp() throws Exception {
    String[] many = IntStream.range(0, 100).mapToObj(i -> "10.0.1." + i).toArray(String[]::new);
    dns.answer(NAME, 5, many).truncate(true);
    assertThat(find(provider).addresses()).hasSize(100);
    assertThat(dns.questions()).contains("tcp A tier.example.");
  }

  @Test
  void anAnswerCutOffOnUdp_thatTcpDoesNotBring_isNoAnswer() throws Exception {
    dns.answer(NAME, 5, "10.0.0.1", "10.0.0.2", "10.0.0.3").truncate(true).onTcp(false);
    DnsProvider hasty = provider(MIDDLING, NAME, dns.port()); // it waits for TCP until then
    assertThat(failure(hasty)).isEqualTo("truncated");
    dns.onTcp(true);
    assertThat(find(hasty).addresses()).hasSize(3);
    hasty.close();
  }

  @Test
  void aServerThatSendsTheQuestionBack_gaveNoAnswer() throws Exception {
    try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      Thread echo = new Thread(() -> echo(socket));
      echo.setDaemon(true); // it ends with the socket
      echo.start();
      DnsProvider asking = provider(SHORT, NAME, socket.getLocalPort());
      assertThat(failure(asking)).isEqualTo("timeout");
      asking.close();
    }
  }

  private static void echo(DatagramSocket socket) {
    DatagramPacket packet = new DatagramPacket(new byte[4096], 4096);
    try {
      while (true) {
        packet.setLength(4096);
        socket.receive(packet);
        socket.send(packet);
      }
    } catch (IOException e) {
      return; // closed
    }
  }

  /** An answer is 64 KiB at most, so it takes several names. */
  @Test
  void tenThousandAddresses_areCutToTheBound_andThatIsTold() throws Exception {
    List<String> names = IntStream.range(0, 5).mapToObj(i -> "n" + i + ".example").toList();
    for (int i = 0; i < names.size(); i++) {
      String net = "127." + (i + 1) + ".";
      dns.answer(
          names.get(i),
          5,
          IntStream.range(0, 2000)
              .mapToObj(host -> net + host / 250 + "." + host % 250)
              .toArray(String[]::new));
    }
    dns.truncate(true);
    try (TestNode node = new TestNode()) {
      node.modes = List.of("dns");
      node.domains = names;
      node.dnsServers = List.of(new Endpoint("127.0.0.1", dns.port()));
      node.discover()
          .await(
              "the bound",
              now ->
                  now.ready()
                      && now.peers().size() == 200
                      && now.problems().stream().anyMatch(one -> one.contains("the last 9800 in")));
    }
  }

  @ParameterizedTest
  @CsvSource({"true", "false"})
  void aliasesAreFollowed_andTheirTtlCounts(boolean wholeChains) throws Exception {
    dns.wholeChains(wholeChains)
        .alias(NAME, 30, "one.example")
        .alias("one.example", 3, "two.example")
        .answer("two.example", 60, "10.0.0.1");
    PeerProvider.Found found = find(provider);
    assertThat(texts(found)).containsExactly("10.0.0.1:21891");
    assertThat(found.ttl()).isEqualTo(Duration.ofSeconds(3));
  }

  @Test
  void aliasesInACircle_areAFailure() {
    dns.wholeChains(false).alias(NAME, 30, "one.example").alias("one.example", 3, NAME);
    assertThat(failure(provider)).isEqualTo("error");
  }

  @Test
  void aTypeThatFails_keepsWhatItHadBefore() throws Exception {
    DnsProvider hasty = provider(MIDDLING, NAME, dns.port());
    dns.answer(NAME, 5, "10.0.0.1", "2001:db8::1");
    find(hasty);
    dns.answer(NAME, 5, "10.0.0.2").silence(NAME, DnsRecordType.AAAA);
    PeerProvider.Found half = find(hasty);
    assertThat(texts(half)).containsExactly("10.0.0.2:21891", "[2001:db8::1]:21891");
    assertThat(half.ttl()).isEqualTo(Duration.ZERO);
    dns.refuse(NAME, DnsRecordType.AAAA, DnsResponseCode.NXDOMAIN);
    PeerProvider.Found whole = find(hasty);
    assertThat(texts(whole)).containsExactly("10.0.0.2:21891");
    assertThat(whole.ttl()).isEqualTo(Duration.ofSeconds(5));
    hasty.close();
  }

  @Test
  void aSecondServer_isAskedWhenTheFirstIsSilentOrRefuses() throws Exception {
    try (TestDns second = new TestDns()) {
      second.answer(NAME, 5, "10.0.0.1");
      DnsProvider both = provider(MIDDLING, NAME, dns.port(), second.port());
      dns.silence(NAME);
      assertThat(texts(find(both))).containsExactly("10.0.0.1:21891");
      dns.refuse(NAME, DnsResponseCode.REFUSED);
      assertThat(texts(find(both))).containsExactly("10.0.0.1:21891");
      dns.refuse(NAME, DnsResponseCode.NXDOMAIN);
      assertThat(failure(both)).isEqualTo("nxdomain");
      both.close();
    }
  }

  @Test
  void theHostsFileGoesFirst() throws Exception {
    DnsProvider localhost = provider("LocalHost", dns.port());
    PeerProvider.Found found = find(localhost);
    assertThat(texts(found)).containsExactly("127.0.0.1:21891");
    assertThat(found.ttl()).isEqualTo(Duration.ofSeconds(7));
    assertThat(dns.questions()).isEmpty();
    localhost.close();
  }

  @Test
  void anAddressAsDomainName_standsForItself() throws Exception {
    DnsProvider literal = provider("::1", dns.port());
    assertThat(texts(find(literal))).containsExactly("[::1]:21891");
    literal.close();
  }
}
