package io.homespan;

import static io.grpc.MethodDescriptor.generateFullMethodName;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.homespan.discovery.TestDns;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** Nodes that measure their ways to one another, over real sockets. */
class MeshTierTest extends TierTest {
  private static final long DELAY = 200;

  /** There and back, in nanoseconds. */
  private static final double INJECTED = 2 * DELAY * 1e6;

  @Test
  void everybodyMeasuresEverybody_byEveryProbe() throws Exception {
    Tier tier = in(measuring(3)).start();

    Patience.untilAsserted(
        () -> {
          JsonObject mesh = mesh(tier.member(1));
          assertThat(mesh.getJsonArray("peers")).hasSize(3);
          assertThat(mesh.getJsonArray("findings")).isEmpty();
          List<JsonObject> cells = cells(mesh);
          assertThat(cells).hasSize(18).allMatch(cell -> "ok".equals(cell.getString("state")));
          assertThat(cells).allMatch(cell -> cell.getLong("p50_ns") > 1000);
          assertThat(mesh.getJsonArray("baseline")).hasSize(3);
        });
    Member one = tier.member(0);
    assertThat(one.metric("homespan_heartbeat_probes_total", "outcome=\"ok\"")).isPositive();
    Patience.until(
        "series of peers",
        () -> one.metric("homespan_heartbeat_p50_seconds", tier.member(1).id()) > 0);
  }

  @Test
  void aSlowLink_andADeadNode_areFound_andSaid() throws Exception {
    Tier tier = in(measuring(5));
    try (FaultyLink there = new FaultyLink(tier.member(1).address.port());
        FaultyLink back = new FaultyLink(tier.member(0).address.port())) {
      listVia(tier, tier.member(0), tier.member(1), there);
      listVia(tier, tier.member(1), tier.member(0), back);
      tier.start();
      there.delay(DELAY);
      back.delay(DELAY);
      String a = tier.member(0).id();
      String b = tier.member(1).id();
      Member dead = tier.member(4);
      dead.kill();

      AtomicLong usual = new AtomicLong(); // by the same node's probes without the link, now
      Patience.untilAsserted(
          () -> {
            JsonObject mesh = mesh(tier.member(2));
            assertThat(mesh.getJsonArray("findings").stream().map(String::valueOf))
                .anyMatch(one -> one.startsWith(dead.id() + " is down: none of the 4 others"))
                .anyMatch(one -> one.startsWith("The link between ") && one.contains(" is slow"))
                .hasSize(2);
            usual.set(cell(mesh, a, tier.member(2).id(), "grpc").getLong("p50_ns"));
            for (JsonObject way : List.of(cell(mesh, a, b, "grpc"), cell(mesh, b, a, "grpc"))) {
              assertThat((way.getLong("p50_ns") - usual.get()) / INJECTED).isBetween(0.9, 1.1);
            }
            assertThat(cell(mesh, a, dead.id(), "tcp").getString("state")).isEqualTo("failing");
            assertThat(cell(mesh, dead.id(), a, "tcp").getString("state")).isEqualTo("no_data");
          });
      String asked = "http://127.0.0.1:" + tier.member(2).node().adminPort();
      Pattern slow =
          Pattern.compile("The link between " + either(a, b) + " is slow: p50 (\\d+) ms");
      Patience.untilAsserted(
          () -> {
            StringWriter out = new StringWriter();
            assertThat(command(out, "mesh", asked)).as(out.toString()).isOne();
            String said = out.toString();
            assertThat(said).contains("5 nodes, probe grpc", "fails", dead.id() + " is down");
            Matcher told = slow.matcher(said);
            assertThat(told.find()).as(said).isTrue();
            double nanos = Long.parseLong(told.group(2)) * 1e6;
            assertThat((nanos - usual.get()) / INJECTED).as(said).isBetween(0.9, 1.1);
          });
    }
  }

  @Test
  void aBlackHole_isFailing_withinThreeIntervals() throws Exception {
    Tier tier = in(measuring(3));
    try (FaultyLink hole = new FaultyLink(tier.member(1).address.port())) {
      listVia(tier, tier.member(0), tier.member(1), hole);
      tier.with("HEARTBEAT_TIME_OUT", "0.5").start();
      String a = tier.member(0).id();
      String b = tier.member(1).id();
      Patience.untilAsserted(
          () ->
              assertThat(cell(mesh(tier.member(1)), a, b, "grpc").getString("state"))
                  .isEqualTo("ok"));
      String c = tier.member(2).id();
      int before = cell(mesh(tier.member(1)), a, c, "grpc").getInteger("sent");
      hole.mute();

      Patience.until(
          "it is failing, and nothing else",
          () -> {
            JsonObject mesh = mesh(tier.member(1)); // the other can't ask it any more
            boolean failing = cell(mesh, a, b, "grpc").getString("state").equals("failing");
            // by the node's own rounds, however slow the machine, and however late somebody looks;
            // what is told may be a second old
            int rounds = cell(mesh, a, c, "grpc").getInteger("sent") - before;
            assertThat(failing || rounds <= 3 + 1).as("after %s rounds: %s", rounds, mesh).isTrue();
            return failing && cell(mesh, b, a, "grpc").getString("state").equals("ok");
          });
      assertThat(tier.member(0).metric("homespan_heartbeat_probes_total", "outcome=\"timeout\""))
          .isPositive();
    }
  }

  @Test
  void aLinkThatBreaksConnections_isFailing_byResets_untilItIsMended() throws Exception {
    Tier tier = in(measuring(3));
    try (FaultyLink link = new FaultyLink(tier.member(1).address.port())) {
      listVia(tier, tier.member(0), tier.member(1), link);
      tier.start();
      String a = tier.member(0).id();
      String b = tier.member(1).id();
      link.breaking(true);

      Patience.untilAsserted(
          () -> {
            JsonObject mesh = mesh(tier.member(2));
            assertThat(cell(mesh, a, b, "grpc").getString("state")).isEqualTo("failing");
            assertThat(mesh.getJsonArray("findings"))
                .isEqualTo(
                    new JsonArray().add("The way from " + a + " to " + b + " does not work."));
          });
      assertThat(tier.member(0).metric("homespan_heartbeat_probes_total", "outcome=\"reset\""))
          .isPositive();

      link.breaking(false);
      Patience.untilAsserted(
          () -> assertThat(mesh(tier.member(2)).getJsonArray("findings")).isEmpty());
    }
  }

  @Test
  void whoIsNotToldWhoIsThere_measuresOnlyWhoConfirmsIt_andSaysSo() throws Exception {
    try (TestDns dns = new TestDns()) {
      String name = "mesh.example";
      Tier tier = in(Tier.named(dir, 3, name, dns.port()));
      tier.with("HEARTBEAT_ENABLED", "true")
          .with("HEARTBEAT_INTERVAL", "1")
          .with("HEARTBEAT_MAX_PROBES_PER_SECOND", "100")
          .with("HEARTBEAT_TIME_OUT", "0.5")
          .with("HEARTBEAT_CONNECT_TIMEOUT", "0.5")
          .with("DISCOVERY_MAX_STALENESS", "1");
      dns.answer(name, 0, "127.0.0.1", "127.0.0.2", "127.0.0.3");
      tier.start();
      String a = tier.member(0).id();
      String c = tier.member(2).id();
      Patience.untilAsserted(
          () ->
              assertThat(cell(mesh(tier.member(0)), a, c, "tcp").getString("state"))
                  .isEqualTo("ok"));

      dns.refuse(name, DnsResponseCode.SERVFAIL);
      tier.member(2).kill();

      Patience.untilAsserted(
          () -> {
            JsonObject mesh = mesh(tier.member(0));
            assertThat(mesh.getJsonArray("findings").stream().map(String::valueOf))
                .anyMatch(one -> one.startsWith(a + ": no provider of addresses has answered"));
            assertThat(cell(mesh, a, c, "tcp").getString("state")).isEqualTo("no_data");
            assertThat(cell(mesh, a, tier.member(1).id(), "tcp").getString("state"))
                .isEqualTo("ok");
          });

      dns.answer(name, 0, "127.0.0.1", "127.0.0.2", "127.0.0.3");
      Patience.untilAsserted(
          () -> {
            JsonObject mesh = mesh(tier.member(0));
            assertThat(cell(mesh, a, c, "tcp").getString("state")).isEqualTo("failing");
            assertThat(mesh.getJsonArray("findings").stream().map(String::valueOf))
                .noneMatch(one -> one.contains("no provider"));
          });
    }
  }

  @Test
  void aNodeWhoseHeartbeatIsOff_answersPings_andSaysSoOfItself() throws Exception {
    Tier tier = in(measuring(2));
    tier.member(1).settings.remove("HEARTBEAT_ENABLED");
    tier.start();

    assertThat(tier.member(1).admin("/api/mesh").statusCode()).isEqualTo(503);
    Path own = dir.resolve("own.yaml");
    Files.writeString(own, "{ admin: { port: " + tier.member(1).node().adminPort() + " } }");
    StringWriter out = new StringWriter();
    assertThat(command(out, "mesh", "-conf", own.toString())).isEqualTo(2);
    assertThat(out.toString()).contains("answers 503: This node measures nothing");
    Patience.untilAsserted(
        () -> {
          JsonObject mesh = mesh(tier.member(0));
          String off = tier.member(1).id();
          assertThat(mesh.getJsonArray("silent")).isEqualTo(new JsonArray().add(off));
          assertThat(mesh.getJsonArray("findings"))
              .singleElement()
              .asString()
              .startsWith(off + " answers pings, or did until now, and does not tell");
        });
  }

  @Test
  void aWindowThatIsNone_isRefused_withWhatWouldDo() throws Exception {
    Tier tier = in(measuring(1)).start();
    for (String window : List.of("0", "x", "3601", "")) {
      assertThat(tier.member(0).admin("/api/mesh?window=" + window).statusCode()).isEqualTo(400);
    }
    assertThat(tier.member(0).admin("/api/mesh?window=3600").statusCode()).isEqualTo(200);
  }

  @Test
  void aQuestionThatIsNotKnown_isRefused_insteadOfPassedOver() throws Exception {
    Tier tier = in(measuring(1)).start();
    for (String query : List.of("probe=tcp", "windw=60", "window=60&x", "window=60&window=70")) {
      assertThat(tier.member(0).admin("/api/mesh?" + query).statusCode()).as(query).isEqualTo(400);
    }
    assertThat(tier.member(0).admin("/api/mesh?probe=tcp").body())
        .contains("probe is unknown: one window=SECONDS will do");
  }

  @Test
  void theDistributedTraceAgentsPing_isAnsweredWithTrue() throws Exception {
    Tier tier = in(measuring(1)).start();
    byte[] ping = {0x0a, 3, 'm', 'e', ':'};
    assertThat(call(tier.member(0), "message.WorkerService", "PingNode", ping))
        .isEqualTo(new byte[] {0x08, 0x01});
    byte[] payload = new byte[64 << 10];
    new Random(1).nextBytes(payload);
    assertThat(call(tier.member(0), "homespan.v1.Mesh", "Echo", payload)).isEqualTo(payload);
  }

  @Test
  void whereNobodyListens_theCommandSaysSo() {
    StringWriter out = new StringWriter();
    assertThat(command(out, "mesh", "http://127.0.0.1:1")).isEqualTo(2);
    assertThat(out.toString()).contains("http://127.0.0.1:1 does not answer");
    assertThat(command(out, "mesh", "--window", "9999")).isEqualTo(2);
    assertThat(out.toString()).contains("--window 9999: 1 to 3600 will do");
  }

  private Tier measuring(int nodes) throws IOException {
    return Tier.listed(dir, nodes)
        .with("HEARTBEAT_ENABLED", "true")
        .with("HEARTBEAT_INTERVAL", "1")
        .with("HEARTBEAT_MAX_PROBES_PER_SECOND", "100");
  }

  /** One member knows another by a link. */
  private static void listVia(Tier tier, Member who, Member whom, FaultyLink link) {
    List<String> all = new ArrayList<>();
    for (Member one : tier.members) {
      all.add(one == whom ? "127.0.0.1:" + link.port() : one.id());
    }
    who.settings.put("PEER_FORWARDER_STATIC_ENDPOINTS", String.join(",", all));
  }

  private static JsonObject mesh(Member asked) throws Exception {
    return new JsonObject(asked.admin("/api/mesh?window=60").body());
  }

  private static List<JsonObject> cells(JsonObject mesh) {
    JsonArray all = mesh.getJsonArray("cells");
    List<JsonObject> cells = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) cells.add(all.getJsonObject(i));
    return cells;
  }

  private static JsonObject cell(JsonObject mesh, String from, String to, String probe) {
    return cells(mesh).stream()
        .filter(one -> one.getString("from").equals(from))
        .filter(one -> one.getString("to").equals(to) && one.getString("probe").equals(probe))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no cell from " + from + " to " + to));
  }

  private static String either(String a, String b) {
    return "(" + a + " and " + b + "|" + b + " and " + a + ")";
  }

  private static int command(StringWriter out, String... args) {
    PrintWriter both = new PrintWriter(out);
    CommandLine line = Main.commandLine().setOut(both).setErr(both);
    int exit = line.execute(args);
    both.flush();
    return exit;
  }

  private static byte[] call(Member member, String service, String method, byte[] message)
      throws InterruptedException {
    MethodDescriptor<byte[], byte[]> descriptor =
        MethodDescriptor.<byte[], byte[]>newBuilder()
            .setType(MethodDescriptor.MethodType.UNARY)
            .setFullMethodName(generateFullMethodName(service, method))
            .setRequestMarshaller(new Raw())
            .setResponseMarshaller(new Raw())
            .build();
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", member.address.port()).usePlaintext().build();
    try {
      return ClientCalls.blockingUnaryCall(channel, descriptor, CallOptions.DEFAULT, message);
    } finally {
      channel.shutdownNow();
    }
  }

  private static final class Raw implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte @Nullable [] value) {
      return new ByteArrayInputStream(value == null ? new byte[0] : value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
