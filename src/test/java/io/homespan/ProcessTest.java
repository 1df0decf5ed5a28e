package io.homespan;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.homespan.otlp.TestSpans;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands, each in a process of its own. */
class ProcessTest {
  private static final String HOST = "127.0.0.1";
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  @TempDir Path dir = Path.of("");

  /** Ports and files of one node. */
  private record Place(int ingest, int peer, int admin, Path conf, Path file) {
    String url() {
      return "http://" + HOST + ":" + ingest;
    }
  }

  @Test
  void aNode_becomesReady_andEndsWithZeroOnSigterm() throws Exception {
    Place place = places(1).get(0);
    try (Child node = Child.start(dir, "run", "-conf", place.conf().toString())) {
      node.awaitReady(http, place.admin());

      node.terminate();

      assertThat(node.exit()).as(node.said()).isZero();
    }
  }

  @Test
  void aNodeKilledWhileSendersSend_losesNothingThatWasAnsweredOk() throws Exception {
    List<Place> places = places(3);
    List<Child> nodes = new ArrayList<>();
    try {
      for (Place place : places) {
        nodes.add(Child.start(dir, "run", "-conf", place.conf().toString()));
      }
      for (int i = 0; i < 3; i++) nodes.get(i).awaitReady(http, places.get(i).admin());
      Set<Spans.Ref> confirmed;
      try (Load load = new Load(http, new TestSpans(9), places.stream().map(Place::url).toList())) {
        load.awaitMore(300);
        nodes.get(1).kill();
        load.awaitMore(300);
        confirmed = load.stop();
      }
      assertThat(Spans.missing(confirmed, written(places))).isEmpty();
    } finally {
      for (Child node : nodes) node.close();
    }
  }

  @Test
  void aWholeTierKilledAtOnce_losesNothingThatWasStored() throws Exception {
    List<Place> places = places(3);
    for (Place place : places) append(place, "acknowledge: stored\njournal: { path: \"%s\" }\n");
    List<Child> nodes = new ArrayList<>();
    try {
      for (Place place : places) nodes.add(start(place));
      for (int i = 0; i < 3; i++) nodes.get(i).awaitReady(http, places.get(i).admin());
      Set<Spans.Ref> confirmed;
      try (Load load = new Load(http, new TestSpans(9), places.stream().map(Place::url).toList())) {
        load.awaitMore(500);
        nodes.forEach(Child::kill);
        for (int i = 0; i < 3; i++) {
          nodes.get(i).exit();
          nodes.set(i, start(places.get(i)));
        }
        load.awaitMore(100);
        confirmed = load.stop();
      }
      Patience.untilAsserted(() -> assertThat(Spans.missing(confirmed, written(places))).isEmpty());
    } finally {
      for (Child node : nodes) node.close();
    }
  }

  @Test
  void aJournalInUse_isSaidInOneLine() throws Exception {
    List<Place> places = places(2);
    String same = "acknowledge: stored\njournal: { path: \"" + dir.resolve("j") + "\" }\n";
    for (Place place : places) append(place, same);
    try (Child first = start(places.get(0))) {
      first.awaitReady(http, places.get(0).admin());
      try (Child second = start(places.get(1))) {
        assertThat(second.exit()).isEqualTo(1);
        assertThat(second.said())
            .containsOnlyOnce("can't start")
            .contains("journal.path: cannot use " + dir.resolve("j"))
            .contains("another running process uses it")
            .doesNotContain("\tat ");
      }
    }
  }

  private static Set<Spans.Ref> written(List<Place> places) throws IOException {
    Set<Spans.Ref> written = new HashSet<>();
    for (Place place : places) written.addAll(Spans.inTornFile(place.file()));
    return written;
  }

  private Child start(Place place) throws IOException {
    return Child.start(dir, "run", "-conf", place.conf().toString());
  }

  private static void append(Place place, String more) throws IOException {
    Files.writeString(
        place.conf(), more.formatted(place.file() + ".journal"), StandardOpenOption.APPEND);
  }

  @Test
  void whatSpansSay_isNeverLogged_howeverWrongTheyAre() throws Exception {
    String secret = "card-4111-1111";
    Place place = places(1).get(0);
    try (Child node = start(place)) {
      node.awaitReady(http, place.admin());
      ExportTraceServiceRequest fine = named(secret, ByteString.EMPTY);
      byte[] whole = fine.toByteArray();
      assertThat(post(place, "x-protobuf", Arrays.copyOf(whole, whole.length - 1))).isEqualTo(400);
      assertThat(post(place, "json", ("{\"" + secret + "\": [").getBytes(UTF_8))).isEqualTo(400);
      assertThat(post(place, "x-protobuf", whole)).isEqualTo(200); // no trace id
      ByteString id = ByteString.copyFrom(new byte[16]);
      assertThat(post(place, "x-protobuf", named(secret, id).toByteArray())).isEqualTo(200);
      ByteString trace = ByteString.copyFromUtf8("sixteen bytes it");
      assertThat(post(place, "x-protobuf", named(secret, trace).toByteArray())).isEqualTo(200);
      // is cut and handed over, but its attributes are no protobuf, so the file can't have it
      assertThat(post(place, "x-protobuf", unreadable(secret, trace))).isEqualTo(200);
      node.terminate();
      assertThat(node.exit()).as(node.said()).isZero();
      assertThat(node.said()).contains("node is down").doesNotContain(secret);
      assertThat(Files.readString(place.file())).contains(secret);
    }
  }

  private static ExportTraceServiceRequest named(String name, ByteString trace) {
    return request(span(name, trace).toByteString());
  }

  private static byte[] unreadable(String name, ByteString trace) {
    ByteString attribute = ByteString.copyFrom(new byte[] {0x4A, 1, -1}); // field 9, cut short
    return request(span(name, trace).toByteString().concat(attribute)).toByteArray();
  }

  private static Span span(String name, ByteString trace) {
    return Span.newBuilder()
        .setTraceId(trace)
        .setSpanId(ByteString.copyFromUtf8("8 bytes."))
        .setName(name)
        .build();
  }

  private static ExportTraceServiceRequest request(ByteString span) {
    UnknownFieldSet.Field spans =
        UnknownFieldSet.Field.newBuilder().addLengthDelimited(span).build();
    ScopeSpans scope =
        ScopeSpans.newBuilder()
            .setUnknownFields(UnknownFieldSet.newBuilder().addField(2, spans).build())
            .build();
    return ExportTraceServiceRequest.newBuilder()
        .addResourceSpans(ResourceSpans.newBuilder().addScopeSpans(scope))
        .build();
  }

  private int post(Place place, String type, byte[] body) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(place.url() + "/v1/traces"))
            .timeout(Member.ANSWER)
            .header("content-type", "application/" + type)
            .POST(HttpRequest.BodyPublishers.ofByteArray(body))
            .build();
    return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
  }

  @Test
  void aChangedFile_changesARunningNode_andAWrongOneDoesNot() throws Exception {
    List<Place> places = places(2);
    String both = Files.readString(places.get(0).conf());
    String oneAlone = both.replaceFirst("static_endpoints: .*", "discovery_mode: self");
    Files.writeString(places.get(0).conf(), oneAlone);
    try (Child node = start(places.get(0));
        Child other = start(places.get(1))) {
      for (int i = 0; i < 2; i++)
        List.of(node, other).get(i).awaitReady(http, places.get(i).admin());
      assertThat(peers(places.get(0)).getJsonArray("peers")).hasSize(1);

      replace(places.get(0).conf(), both.replace("time_out: 1", "time_out: soon"));
      Patience.until(
          "the mistake is told",
          () -> node.said().contains("configuration: peer_forwarder.time_out: \"soon\""));
      assertThat(peers(places.get(0)).getJsonArray("peers")).hasSize(1);

      replace(
          places.get(0).conf(), both.replace("time_out: 1", "time_out: 2") + "cluster: other\n");
      Patience.untilAsserted(
          () ->
              assertThat(peers(places.get(0)).getString("table_hash"))
                  .isEqualTo(peers(places.get(1)).getString("table_hash")));
      assertThat(peers(places.get(0)).getJsonArray("peers")).hasSize(2);
      assertThat(node.said())
          .contains("configuration: peer_forwarder.time_out: 1 -> 2")
          .contains("configuration: cluster: homespan -> other can't be done while the node runs");
      node.terminate();
      assertThat(node.exit()).as(node.said()).isZero();
    }
  }

  /** As an editor and a ConfigMap do. */
  private static void replace(Path file, String text) throws IOException {
    Path next = file.resolveSibling(file.getFileName() + ".next");
    Files.writeString(next, text);
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private JsonObject peers(Place place) throws Exception {
    URI uri = URI.create("http://" + HOST + ":" + place.admin() + "/api/peers");
    return new JsonObject(
        http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString()).body());
  }

  @Test
  void aPortInUse_isSaidInOneLine() throws Exception {
    Place place = places(1).get(0);
    try (ServerSocket taken = new ServerSocket(place.peer(), 1, InetAddress.getLoopbackAddress());
        Child node = Child.start(dir, "run", "-conf", place.conf().toString())) {
      assertThat(node.exit()).isEqualTo(1);
      assertThat(node.said())
          .containsOnlyOnce("can't start")
          .contains(HOST + ":" + taken.getLocalPort())
          .doesNotContain("\tat ");
    }
  }

  @Test
  void aWrongConfiguration_endsWithTwo_andSaysAllOfIt() throws Exception {
    Path conf = dir.resolve("wrong.yaml");
    Files.writeString(conf, "peer_forwarder:\n  span_agg_cuont: 48\n  time_out: soon\n");
    for (String command : List.of("run", "validate")) {
      try (Child child = Child.start(dir, command, "-conf", conf.toString())) {
        assertThat(child.exit()).isEqualTo(2);
        assertThat(child.said().lines().filter(line -> !line.startsWith("warning:")))
            .anyMatch(line -> line.contains("span_agg_cuont") && line.contains("span_agg_count"))
            .anyMatch(line -> line.contains("peer_forwarder.time_out"))
            .hasSize(2);
      }
    }
  }

  @Test
  void dataPreppersOwnLines_areRight() throws Exception {
    Path conf = dir.resolve("prepper.yaml");
    Files.writeString(
        conf,
        """
        prepper:
            - peer_forwarder:
                time_out: 300
                span_agg_count: 48
                discovery_mode: static
                static_endpoints: ["data-prepper1", "data-prepper2"]
                ssl: false
        """);
    try (Child child = Child.start(dir, "validate", "-conf", conf.toString())) {
      assertThat(child.exit()).as(child.said()).isZero();
    }
  }

  @Test
  void whatIsForAPod_isCheckedElsewhereToo_butRunsThereOnly() throws Exception {
    Path conf = dir.resolve("pod.yaml");
    String right =
        """
        peer_forwarder: { discovery_mode: kubernetes }
        discovery: { kubernetes: { service: homespan-peers } }
        """;
    Files.writeString(conf, right);
    try (Child child = Child.start(dir, "validate", "-conf", conf.toString())) {
      assertThat(child.exit()).as(child.said()).isZero();
      assertThat(child.said()).contains("warning: discovery.kubernetes.api: ", "is right");
    }
    try (Child child = Child.start(dir, "run", "-conf", conf.toString())) {
      assertThat(child.exit()).isEqualTo(2);
      assertThat(child.said()).contains("discovery.kubernetes.api: is empty, and this is no pod");
    }
    Files.writeString(conf, right.replace("service:", "servcie:"));
    try (Child child = Child.start(dir, "validate", "-conf", conf.toString())) {
      assertThat(child.exit()).isEqualTo(2);
      assertThat(child.said()).contains("servcie").doesNotContain("no pod");
    }
  }

  @Test
  void owner_saysWhatTheNodeSays_whetherItRunsOrNot() throws Exception {
    Place place = places(3).get(0);
    String conf = place.conf().toString();
    String unasked;
    try (Child owner = Child.start(dir, "owner", TRACE, "-conf", conf)) {
      assertThat(owner.exit()).as(owner.said()).isZero();
      unasked = owner.said();
    }
    try (Child node = Child.start(dir, "run", "-conf", conf)) {
      node.awaitReady(http, place.admin());
      URI uri = URI.create("http://" + HOST + ":" + place.admin() + "/api/owner/" + TRACE);
      String body = http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString()).body();
      String owner = new JsonObject(body).getString("owner");
      try (Child asked = Child.start(dir, "owner", TRACE, "-conf", conf)) {
        assertThat(asked.exit()).as(asked.said()).isZero();
        assertThat(asked.said()).contains("owner  " + owner + "\n");
        assertThat(unasked).contains("owner  " + owner + "\n");
      }
    }
  }

  /** Configurations of nodes that list one another. */
  private List<Place> places(int nodes) throws IOException {
    List<Integer> peers = new ArrayList<>();
    for (int i = 0; i < nodes; i++) peers.add(FreePort.any());
    List<String> endpoints = peers.stream().map(port -> "\"" + HOST + ":" + port + "\"").toList();
    List<Place> places = new ArrayList<>();
    for (int i = 0; i < nodes; i++) {
      Path conf = dir.resolve("node-" + i + ".yaml");
      Path file = dir.resolve("node-" + i + ".jsonl");
      Place place = new Place(FreePort.any(), peers.get(i), FreePort.any(), conf, file);
      places.add(place);
      Files.writeString(
          conf,
          """
          drain_delay: 0.2
          ingest: { host: %s, port: %d }
          admin: { port: %d }
          peer_forwarder:
            static_endpoints: %s
            time_out: 1
            server: { host: %s, port: %d }
          sink: { type: file, file: { path: "%s" } }
          """
              .formatted(HOST, place.ingest(), place.admin(), endpoints, HOST, place.peer(), file));
    }
    return places;
  }
}
