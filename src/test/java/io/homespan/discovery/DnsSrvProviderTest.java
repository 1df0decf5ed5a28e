package io.homespan.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
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
import org.junit.jupiter.params.provider.ValueSource;

/** SRV look-ups against a name server that does as it is told. */
class DnsSrvProviderTest {
  private static final String NAME = "_homespan._tcp.tier.example";
  private static final int MAX = 500;

  private final Vertx vertx =
      Vertx.vertx(new VertxOptions().setPreferNativeTransport(true)); // as a node does
  private TestDns dns;
  private DnsSrvProvider provider;

  @BeforeEach
  void open() throws Exception {
    dns = new TestDns();
    provider = provider(Duration.ofSeconds(50));
  }

  private DnsSrvProvider provider(Duration timeout) throws Exception {
    InetSocketAddress server = new InetSocketAddress(InetAddress.getLoopbackAddress(), dns.port());
    Future<DnsSrvProvider> made =
        Future.future(
            promise ->
                vertx.runOnContext(
                    go -> {
                      DnsResolver resolver = new DnsResolver(vertx, List.of(server), timeout);
                      promise.complete(new DnsSrvProvider(vertx, NAME, resolver, false, MAX));
                    }));
    return made.await(60, TimeUnit.SECONDS);
  }

  @AfterEach
  void close() throws Exception {
    provider.close();
    vertx.close().await(60, TimeUnit.SECONDS);
    dns.close();
  }

  /** One that gives up sooner, in its place. */
  private void hasty(Duration timeout) throws Exception {
    provider.close();
    provider = provider(timeout);
  }

  private PeerProvider.Found find() throws Exception {
    return provider.find().await(60, TimeUnit.SECONDS);
  }

  private LookupException failure() {
    Future<LookupException> failure =
        provider
            .find()
            .<LookupException>map(
                found -> {
                  throw new AssertionError("found " + found);
                })
            .otherwise(cause -> LookupLoop.failure(cause));
    return failure.await();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void portsAndTargets_comeFromSrv_addressesFromTheSameAnswerOrAnother(boolean glue)
      throws Exception {
    dns.glue(glue)
        .services(NAME, 17, "10 5 21891 Node-A.tier.example", "20 0 7001 node-b.tier.example")
        .answer("node-a.tier.example", 9, "10.0.0.1")
        .answer("node-b.tier.example", 8, "2001:db8::2");
    PeerProvider.Found found = find();
    assertThat(found.addresses())
        .containsExactly(
            new Address("node-a.tier.example:21891", "10.0.0.1", 21891),
            new Address("node-b.tier.example:7001", "2001:db8::2", 7001));
    assertThat(found.ttl()).isEqualTo(Duration.ofSeconds(8));
    assertThat(found.notes())
        .containsEntry("node-a.tier.example:21891", "priority 10, weight 5")
        .containsEntry("node-b.tier.example:7001", "priority 20, weight 0");
    assertThat(dns.questions()).hasSize(glue ? 1 : 4);
  }

  @Test
  void theFiveFailures_haveFiveNames() throws Exception {
    assertThat(failure().failure()).isEqualTo("nxdomain");
    dns.services(NAME, 5);
    assertThat(failure().failure()).isEqualTo("empty");
    dns.refuse(NAME, DnsRecordType.SRV, DnsResponseCode.REFUSED);
    assertThat(failure().failure()).isEqualTo("refused");
    dns.refuse(NAME, DnsRecordType.SRV, DnsResponseCode.SERVFAIL);
    assertThat(failure().failure()).isEqualTo("servfail");
    dns.silence(NAME, DnsRecordType.SRV);
    hasty(Duration.ofMillis(300));
    assertThat(failure().failure()).isEqualTo("timeout");
  }

  @Test
  void aDotAsTarget_meansThatThereIsNoSuchService() {
    dns.services(NAME, 5, "0 0 0 .");
    assertThat(failure().failure()).isEqualTo("empty");
    assertThat(failure()).hasMessageContaining("no such service");
  }

  @Test
  void aTargetThatDoesNotResolve_takesNobodyOut_andIsDialledWhereItWas() throws Exception {
    hasty(Duration.ofSeconds(3));
    dns.services(NAME, 30, "0 0 1 a.example", "0 0 2 b.example", "0 0 3 c.example")
        .answer("a.example", 30, "10.0.0.1")
        .answer("b.example", 30, "10.0.0.2");
    PeerProvider.Found first = find(); // c does not exist
    assertThat(first.addresses())
        .containsExactly(
            new Address("a.example:1", "10.0.0.1", 1),
            new Address("b.example:2", "10.0.0.2", 2),
            new Address("c.example:3", "c.example", 3));
    assertThat(first.ttl()).isEqualTo(Duration.ofSeconds(30));
    assertThat(first.notes())
        .containsEntry("c.example:3", "priority 0, weight 0, address nxdomain");

    dns.answer("a.example", 30, "10.0.0.11")
        .silence("b.example")
        .refuse("c.example", DnsResponseCode.SERVFAIL);
    PeerProvider.Found second = find();
    assertThat(second.addresses())
        .containsExactly(
            new Address("a.example:1", "10.0.0.11", 1), // same id elsewhere
            new Address("b.example:2", "10.0.0.2", 2),
            new Address("c.example:3", "c.example", 3));
    assertThat(second.ttl()).as("c may be somewhere").isEqualTo(Duration.ZERO);
    assertThat(second.notes())
        .containsEntry("b.example:2", "priority 0, weight 0, address timeout");
  }

  @Test
  void anAliasForTheService_isFollowed_andItsTtlCounts() throws Exception {
    dns.alias(NAME, 3, "_other._tcp.example")
        .services("_other._tcp.example", 60, "0 0 1 a.example")
        .answer("a.example", 30, "10.0.0.1");
    PeerProvider.Found found = find();
    assertThat(found.addresses()).containsExactly(new Address("a.example:1", "10.0.0.1", 1));
    assertThat(found.ttl()).isEqualTo(Duration.ofSeconds(3));
  }

  @Test
  void thePlaceInUse_staysAsLongAsTheTargetHasIt() throws Exception {
    dns.services(NAME, 5, "0 0 1 a.example").answer("a.example", 5, "10.0.0.5");
    find();
    dns.answer("a.example", 5, "10.0.0.4", "10.0.0.5");
    assertThat(find().addresses()).extracting(Address::host).containsExactly("10.0.0.5");
    dns.answer("a.example", 5, "10.0.0.4");
    assertThat(find().addresses()).extracting(Address::host).containsExactly("10.0.0.4");
  }

  @Test
  void anAnswerOfAsManyTargetsAsFit_isWhole_andNoMoreThanTheBoundAreLookedUp() throws Exception {
    int many = 1000; // some 53 kB, which needs TCP
    String[] services =
        IntStream.range(0, many).mapToObj(i -> "0 0 1 n" + i + ".x").toArray(String[]::new);
    dns.services(NAME, 5, services).truncate(true);
    for (int i = 0; i < many; i++) dns.answer("n" + i + ".x", 5, "10.0." + i / 250 + "." + i % 250);
    PeerProvider.Found found = find();
    assertThat(found.addresses()).hasSize(many);
    assertThat(dns.questions().stream().filter(one -> one.startsWith("udp A "))).hasSize(MAX);
  }
}
