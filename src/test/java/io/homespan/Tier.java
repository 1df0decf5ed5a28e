package io.homespan;

import static org.assertj.core.api.Assertions.assertThat;

import io.homespan.config.Config.Endpoint;
import io.homespan.mesh.OwnerTable;
import io.homespan.metrics.Books;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Whole nodes in this JVM over real sockets, with files as sinks. When it is closed it asserts what
 * always holds: on every node that is up the books balance and agree with the file, and Vert.x's
 * blocked-thread checker has stayed silent on all.
 */
final class Tier implements AutoCloseable {
  final List<Member> members = new ArrayList<>();
  final HttpClient http;
  private final Path dir;

  private Tier(Path dir, HttpClient http) {
    this.dir = dir;
    this.http = http;
  }

  private Tier(Path dir) {
    this(dir, client().build());
  }

  /** For asking the nodes. */
  static HttpClient.Builder client() {
    return HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .connectTimeout(Member.ANSWER);
  }

  /** Nodes on 127.0.0.1 that know one another by a list; not started yet. */
  static Tier listed(Path dir, int nodes) throws IOException {
    return listed(dir, nodes, client().build());
  }

  /** The same, asked by this client. */
  static Tier listed(Path dir, int nodes, HttpClient http) throws IOException {
    Tier tier = new Tier(dir, http);
    for (int i = 0; i < nodes; i++) tier.add(new Endpoint("127.0.0.1", FreePort.any()));
    tier.list();
    return tier;
  }

  /** Nodes on 127.0.0.1, 127.0.0.2 and so on with one peer port; not started yet. */
  static Tier named(Path dir, int nodes, String domain, int dnsPort) throws IOException {
    Tier tier = new Tier(dir);
    String[] hosts = new String[nodes];
    Arrays.setAll(hosts, i -> "127.0.0." + (i + 1));
    int port = FreePort.on(hosts);
    for (String host : hosts) {
      Map<String, String> settings = tier.add(new Endpoint(host, port)).settings;
      settings.put("PEER_FORWARDER_DISCOVERY_MODE", "dns");
      settings.put("PEER_FORWARDER_DOMAIN_NAME", domain);
      settings.put("PEER_FORWARDER_CLIENT_PORT", Integer.toString(port));
      settings.put("DISCOVERY_DNS_SERVERS", "127.0.0.1:" + dnsPort);
      settings.put("DISCOVERY_DNS_MIN_TTL", "0.05");
      settings.put("DISCOVERY_DNS_MAX_TTL", "0.2");
      settings.put("DISCOVERY_DNS_QUERY_TIMEOUT", "0.5");
    }
    return tier;
  }

  Member add(Endpoint address) {
    int number = members.size();
    // the first shares its ports between two instances, the others need not
    Member member = new Member(address, dir, number == 0 ? 2 : 1, http);
    Map<String, String> settings = member.settings;
    settings.put("INGEST_HOST", address.host());
    settings.put("INGEST_PORT", "0");
    settings.put("PEER_FORWARDER_SERVER_HOST", address.host());
    settings.put("PEER_FORWARDER_SERVER_PORT", Integer.toString(address.port()));
    // on a machine that stands still for seconds the defaults bring spans to stand-ins, which has
    // some twice; two attempts still fit into a request
    settings.put("INGEST_REQUEST_TIMEOUT", "30");
    settings.put("PEER_FORWARDER_TIME_OUT", "14");
    settings.put("PEER_FORWARDER_CONNECT_TIMEOUT", "14");
    settings.put("ADMIN_PORT", "0");
    settings.put("DISCOVERY_EXCHANGE_INTERVAL", "0.3");
    settings.put("DISCOVERY_EXCHANGE_TIMEOUT", "14");
    settings.put("DRAIN_DELAY", "0.2");
    settings.put("SHUTDOWN_TIMEOUT", "10");
    settings.put("SINK_TYPE", "file");
    members.add(member);
    return member;
  }

  /** All members' addresses in every member's list, and these. */
  Tier list(String... more) {
    List<String> all = new ArrayList<>(members.stream().map(Member::id).toList());
    all.addAll(List.of(more));
    return with("PEER_FORWARDER_STATIC_ENDPOINTS", String.join(",", all));
  }

  /** A setting of all members: a variable without its prefix. */
  Tier with(String key, String value) {
    for (Member member : members) member.settings.put(key, value);
    return this;
  }

  Member member(int number) {
    return members.get(number);
  }

  Member member(String id) {
    return members.stream().filter(one -> one.id().equals(id)).findFirst().orElseThrow();
  }

  List<Member> up() {
    return members.stream().filter(Member::isUp).toList();
  }

  List<Member> others(Member not) {
    return members.stream().filter(one -> one != not).toList();
  }

  /** Starts all that are down and waits until everybody has answered everybody. */
  Tier start() throws Exception {
    open();
    awaitTable(members);
    return this;
  }

  /** Starts all that are down and waits until their ports are open. */
  void open() throws IOException {
    List<Future<Void>> starting = new ArrayList<>();
    for (Member member : members) if (!member.isUp()) starting.add(member.start());
    Patience.await(Future.all(starting));
  }

  /** Waits until all that are up are ready with exactly these in an equal table, all answering. */
  void awaitTable(Collection<Member> expected) throws Exception {
    Set<String> ids = expected.stream().map(Member::id).collect(Collectors.toSet());
    Patience.untilAsserted(
        () -> {
          Set<String> hashes = new HashSet<>();
          for (Member member : expected) {
            JsonObject told = member.peers();
            hashes.add(told.getString("table_hash"));
            Set<String> answering = new TreeSet<>();
            for (Object one : told.getJsonArray("peers")) {
              JsonObject peer = (JsonObject) one;
              boolean live = Set.of("self", "answered").contains(peer.getString("state"));
              if (live && peer.getBoolean("in_table")) answering.add(peer.getString("id"));
            }
            assertThat(answering).as("peers of %s: %s", member, told).isEqualTo(ids);
            assertThat(member.ready()).as("%s is ready", member).isTrue();
          }
          assertThat(hashes).as("owner tables").hasSize(1);
        });
  }

  /** Posts each to one of these in turn; all must be answered OK. */
  void post(List<ExportTraceServiceRequest> requests, List<Member> to) throws Exception {
    for (int i = 0; i < requests.size(); i++) {
      HttpResponse<byte[]> answer = to.get(i % to.size()).post(requests.get(i));
      assertThat(answer.statusCode())
          .as(new String(answer.body(), java.nio.charset.StandardCharsets.UTF_8))
          .isEqualTo(200);
    }
  }

  /** Where each span was written; a span that was written twice fails. */
  Map<Spans.Ref, Member> written() throws IOException {
    Map<Spans.Ref, Member> written = new HashMap<>();
    for (Member member : members) {
      for (Spans.Ref span : member.written()) {
        Member before = written.put(span, member);
        assertThat(before).as("%s, written by %s as well", span, member).isNull();
      }
    }
    return written;
  }

  /** Every span that was written, perhaps more than once. */
  Set<Spans.Ref> everWritten() throws IOException {
    Set<Spans.Ref> written = new HashSet<>();
    for (Member member : members) written.addAll(member.written());
    return written;
  }

  /** Each of these spans was written once, and by the first in its trace's order that is among. */
  void assertKeptByFirst(Collection<Spans.Ref> sent, Collection<Member> among) throws Exception {
    Map<Spans.Ref, Member> written = written();
    assertThat(Spans.missing(sent, written.keySet())).isEmpty();
    Set<String> ids = among.stream().map(Member::id).collect(Collectors.toSet());
    OwnerTable table = up().get(0).table();
    Map<String, String> first = new HashMap<>();
    for (Spans.Ref span : sent) {
      String expected =
          first.computeIfAbsent(
              span.trace(),
              trace -> order(table, trace).filter(ids::contains).findFirst().orElse(""));
      assertThat(String.valueOf(written.get(span))).as("%s", span).isEqualTo(expected);
    }
  }

  private static Stream<String> order(OwnerTable table, String trace) {
    long hi = HexFormat.fromHexDigitsToLong(trace, 0, 16);
    long lo = HexFormat.fromHexDigitsToLong(trace, 16, 32);
    return Arrays.stream(table.order(OwnerTable.slot(hi, lo))).mapToObj(i -> table.peer(i).id());
  }

  /** Each of these spans was written once, by the owner of its trace. */
  void assertKeptByOwners(Collection<Spans.Ref> sent) throws Exception {
    assertKeptByFirst(sent, members);
  }

  /** What always holds, at rest. */
  void assertAtRest() throws Exception {
    for (Member member : up()) {
      boolean toFile = "file".equals(member.settings.get("SINK_TYPE"));
      Patience.untilAsserted(
          () -> {
            assertThat(member.metric("homespan_requests_in_flight", "")).isZero();
            Books books = member.books();
            assertThat(books.balanced()).as("%s of %s", books, member).isTrue();
            if (toFile) {
              // what was written when nobody waited any more is booked as refused
              assertThat((long) member.writtenSinceStart())
                  .as("in the file, for %s of %s", books, member)
                  .isBetween(books.kept(), books.kept() + books.refused());
            }
          });
    }
    for (Member member : members) {
      assertThat(member.blocked).as("blocked threads").isEmpty();
      if (member.isUp()) assertThat(member.faults).as("faults").isEmpty();
    }
  }

  @Override
  public void close() {
    List<Future<Void>> stopping = new ArrayList<>();
    for (Member member : up()) stopping.add(member.stop());
    Patience.await(Future.join(stopping));
    up().forEach(Member::close);
  }
}
