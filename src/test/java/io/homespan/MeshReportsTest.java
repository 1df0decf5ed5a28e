package io.homespan;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.homespan.guard.Recipe;
import io.homespan.report.Broker;
import io.homespan.report.MetricsReceiver;
import io.vertx.core.json.JsonObject;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Nodes that report what they measure, to a real Kafka and others. */
@Timeout(300)
class MeshReportsTest extends TierTest {
  /** Brokers start on a machine that has other things to do. */
  private static final Duration LONG = Duration.ofSeconds(90);

  private static final String TOPIC = "distributedTrace";
  private static final Pattern SUCCESS =
      Pattern.compile(
          "\\{\"fromHostAddr\":\"([^\"]+)\",\"toHostAddr\":\"([^\"]+)\","
              + "\"responseTiming\":[1-9][0-9]*,\"isTransmissionSuccess\":true}");
  private static final Pattern FAILURE =
      Pattern.compile("\\{\"fromHostAddr\":\"([^\"]+)\",\"toHostAddr\":\"([^\"]+)\"}");

  private static final Set<String> FIELDS =
      new TreeSet<>(
          Set.of(
              "fromHostAddr",
              "toHostAddr",
              "responseTiming",
              "isTransmissionSuccess",
              "v",
              "ts",
              "seq",
              "kind",
              "connectNs",
              "rttNs",
              "outcome",
              "synRetransmits",
              "bytes",
              "fromId",
              "toId",
              "fromZone",
              "toZone",
              "generation"));

  @Test
  void threeNodes_writeTheAgentsRecords_ofSuccessAndFailure() throws Exception {
    try (Broker broker = new Broker(Files.createDirectory(dir.resolve("kafka"))).start()) {
      Tier tier = in(reporting("kafka", broker)).with("HEARTBEAT_KAFKA_FORMAT", "agent").start();
      Patience.untilAsserted(
          LONG,
          () ->
              assertThat(pairs(broker, SUCCESS)).hasSize(9)); // each one also itself, as agents do

      Member dead = tier.member(2);
      dead.kill();
      Patience.untilAsserted(
          LONG,
          () ->
              assertThat(pairs(broker, FAILURE))
                  .contains(
                      tier.member(0).id() + ">" + dead.id(),
                      tier.member(1).id() + ">" + dead.id()));
      for (ConsumerRecord<String, byte[]> one : broker.records(TOPIC)) {
        assertThat(one.key()).isNull();
        assertThat(one.headers()).isEmpty();
        assertThat(text(one)).matches(SUCCESS.pattern() + "|" + FAILURE.pattern());
      }
    }
  }

  @Test
  void severalReporters_areToldTheSame_andV1HasEveryField() throws Exception {
    try (Broker broker = new Broker(Files.createDirectory(dir.resolve("kafka"))).start();
        MetricsReceiver receiver = new MetricsReceiver(0)) {
      Tier tier =
          in(reporting("kafka,file,otlp", broker))
              .with("ZONE", "here")
              .with("HEARTBEAT_OTLP_ENDPOINT", "http://127.0.0.1:" + receiver.port())
              .with("HEARTBEAT_OTLP_INTERVAL", "1");
      Path file = dir.resolve("mesh.jsonl");
      tier.member(0).settings.put("HEARTBEAT_FILE_PATH", file.toString());
      tier.member(1).settings.put("HEARTBEAT_FILE_PATH", dir.resolve("2.jsonl").toString());
      tier.member(2).settings.put("HEARTBEAT_FILE_PATH", dir.resolve("3.jsonl").toString());
      tier.start();
      long known = System.currentTimeMillis(); // from here on all know of all, their zones too

      Patience.untilAsserted(
          LONG,
          () -> {
            assertThat(kinds(since(known, records(broker)))).hasSize(18);
            assertThat(kinds(lines(file))).hasSize(6); // its own row
            assertThat(receiver.counts("homespan.heartbeat.rtt")).hasSize(18);
            assertThat(receiver.counts("homespan.heartbeat.baseline")).hasSize(9);
          });
      String first = tier.member(0).id();
      for (ConsumerRecord<String, byte[]> one : broker.records(TOPIC)) {
        JsonObject json = new JsonObject(text(one));
        assertThat(new TreeSet<>(json.fieldNames())).isEqualTo(FIELDS);
        assertThat(FIELDS).allSatisfy(field -> assertThat(json.getValue(field)).isNotNull());
        assertThat(one.key()).isEqualTo(json.getString("fromId") + "|" + json.getString("toId"));
        assertThat(one.timestamp()).isEqualTo(json.getLong("ts"));
        assertThat(json.getLong("generation")).isPositive();
        assertThat(json.getLong("seq")).isPositive();
        if (json.getLong("ts") < known) continue; // perhaps before a node was there
        assertThat(json.getString("fromZone") + json.getString("toZone")).isEqualTo("herehere");
        assertThat(json.getLong("rttNs")).isPositive();
        if ("tcp".equals(json.getString("kind"))) {
          assertThat(json.getLong("connectNs")).isPositive();
        }
        if ("payload".equals(json.getString("kind"))) {
          assertThat(json.getLong("bytes")).isPositive();
        }
      }
      Patience.untilAsserted(
          LONG,
          () ->
              assertThat(
                      records(broker).stream()
                          .filter(one -> one.getString("fromId").equals(first))
                          .map(JsonObject::encode))
                  .contains(Files.readAllLines(file).get(0)));
      assertThat(tier.member(0).metric("homespan_heartbeat_reports_total", "outcome=\"dropped\""))
          .isZero();
    }
  }

  @Test
  void metricsGoOverTls_toWhomIsTrusted_andToNobodyElse() throws Exception {
    Recipe recipe = Recipe.cooked(dir.resolve("tls"));
    File chain = new File(recipe.path("node.crt"));
    File key = new File(recipe.path("node.key"));
    try (MetricsReceiver receiver = new MetricsReceiver(0, chain, key)) {
      Tier tier =
          in(Tier.listed(dir, 2))
              .with("HEARTBEAT_ENABLED", "true")
              .with("HEARTBEAT_INTERVAL", "1")
              .with("HEARTBEAT_MAX_PROBES_PER_SECOND", "100")
              .with("HEARTBEAT_REPORTERS", "otlp")
              .with("HEARTBEAT_OTLP_ENDPOINT", "https://localhost:" + receiver.port())
              .with("HEARTBEAT_OTLP_INTERVAL", "1");
      tier.member(0).settings.put("HEARTBEAT_OTLP_SSL_CA_FILE", recipe.path("ca.crt"));
      tier.start();
      Patience.untilAsserted(
          LONG,
          () -> {
            assertThat(receiver.taken).isNotEmpty();
            assertThat(
                    tier.member(1)
                        .metric("homespan_tls_failures_total", "reason=\"certificate_untrusted\""))
                .isPositive();
          });
      assertThat(receiver.counts("homespan.heartbeat.probes").keySet())
          .allMatch(one -> one.contains("from=" + tier.member(0).id()));
    }
  }

  @Test
  void withNobodyThere_nodesStart_measureAndStop_asEver() throws Exception {
    Tier tier =
        in(Tier.listed(dir, 2))
            .with("HEARTBEAT_ENABLED", "true")
            .with("HEARTBEAT_INTERVAL", "1")
            .with("HEARTBEAT_MAX_PROBES_PER_SECOND", "100")
            .with("HEARTBEAT_REPORTERS", "kafka,file,otlp")
            .with("HEARTBEAT_KAFKA_BOOTSTRAP_SERVERS", "nowhere.invalid:9092")
            .with("HEARTBEAT_FILE_PATH", dir.resolve("not/there").toString())
            .with("HEARTBEAT_OTLP_ENDPOINT", "http://127.0.0.1:1")
            .with("HEARTBEAT_OTLP_INTERVAL", "1")
            .start();
    Patience.untilAsserted(
        LONG,
        () -> {
          Member one = tier.member(0);
          assertThat(one.metric("homespan_heartbeat_probes_total", "outcome=\"ok\""))
              .isGreaterThan(12);
          for (String reporter : List.of("kafka", "file", "otlp")) {
            assertThat(one.metric("homespan_heartbeat_report_errors_total", reporter)).isPositive();
          }
        });
    Patience.await(tier.member(1).stop());
    tier.member(1).close();
  }

  private Tier reporting(String reporters, Broker broker) throws IOException {
    return Tier.listed(dir, 3)
        .with("HEARTBEAT_ENABLED", "true")
        .with("HEARTBEAT_INTERVAL", "1")
        .with("HEARTBEAT_MAX_PROBES_PER_SECOND", "100")
        .with("HEARTBEAT_REPORTERS", reporters)
        .with("HEARTBEAT_KAFKA_BOOTSTRAP_SERVERS", broker.address());
  }

  private static String text(ConsumerRecord<String, byte[]> one) {
    return new String(one.value(), UTF_8);
  }

  private static Set<String> pairs(Broker broker, Pattern form) {
    Set<String> pairs = new TreeSet<>();
    for (ConsumerRecord<String, byte[]> one : broker.records(TOPIC)) {
      var match = form.matcher(text(one));
      if (match.matches()) pairs.add(match.group(1) + ">" + match.group(2));
    }
    return pairs;
  }

  private static List<JsonObject> records(Broker broker) {
    return broker.records(TOPIC).stream().map(one -> new JsonObject(text(one))).toList();
  }

  private static List<JsonObject> lines(Path file) throws IOException {
    if (!Files.exists(file)) return List.of();
    String text = Files.readString(file); // perhaps a line is being written
    return text.substring(0, text.lastIndexOf('\n') + 1).lines().map(JsonObject::new).toList();
  }

  /** Of probes that began then or later. */
  private static List<JsonObject> since(long millis, List<JsonObject> records) {
    return records.stream().filter(one -> one.getLong("ts") >= millis).toList();
  }

  /** From, to and kind of those that were answered. */
  private static Set<String> kinds(List<JsonObject> records) {
    Set<String> kinds = new TreeSet<>();
    for (JsonObject one : records) {
      if (!one.getBoolean("isTransmissionSuccess")) continue;
      kinds.add(one.getString("fromId") + one.getString("toId") + one.getString("kind"));
    }
    return kinds;
  }
}
