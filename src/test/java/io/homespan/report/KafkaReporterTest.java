package io.homespan.report;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.homespan.Pulse;
import io.homespan.config.Config.Endpoint;
import io.homespan.config.Config.KafkaReports;
import io.homespan.config.Config.KafkaReports.Format;
import io.homespan.config.Config.Settings;
import io.homespan.heartbeat.Outcome;
import io.homespan.heartbeat.Probe;
import io.homespan.metrics.MicrometerMetrics;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Against a real broker in this process, which may be away. */
@Timeout(300)
class KafkaReporterTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final String TOPIC = "distributedTrace";

  /** No call may take as long as anything that waits for a broker does. */
  private static final long MOMENT_NANOS = 500_000_000;

  @TempDir Path dir = Path.of("");
  private final MicrometerMetrics metrics = new MicrometerMetrics();

  @AfterEach
  void close() {
    metrics.close();
  }

  @Test
  void theAgentsRecords_haveNoKey_noHeaders_theirTime_andTheirBytes() throws Exception {
    try (Broker broker = new Broker(dir).start()) {
      // a broker that stands still for a while is asked again, and must not have them twice
      KafkaReporter reporter =
          start(broker, Format.AGENT, 100, Map.of("enable.idempotence", "true"));
      reporter.report(TestMeasurement.ok(1));
      reporter.report(TestMeasurement.failed(2, Outcome.REFUSED));
      reporter.report(TestMeasurement.of(3, "b:1", "", Probe.TCP, Outcome.OK, 9)); // not theirs
      reporter.report(TestMeasurement.baseline(4)); // they write that
      until(() -> count("reported") == 3);
      reporter.close(LIMIT);

      List<ConsumerRecord<String, byte[]>> all = broker.records(TOPIC);
      assertThat(all).hasSize(3);
      for (ConsumerRecord<String, byte[]> one : all) {
        assertThat(one.key()).isNull();
        assertThat(one.headers()).isEmpty();
      }
      assertThat(all.get(0).timestamp()).isEqualTo(TestMeasurement.ok(1).atMillis());
      assertThat(new String(all.get(0).value(), UTF_8))
          .isEqualTo(
              "{\"fromHostAddr\":\"service-node2:4000\",\"toHostAddr\":\"service-node3:4000\","
                  + "\"responseTiming\":5453533,\"isTransmissionSuccess\":true}");
      assertThat(new String(all.get(1).value(), UTF_8))
          .isEqualTo(
              "{\"fromHostAddr\":\"service-node2:4000\",\"toHostAddr\":\"service-node3:4000\"}");
    }
  }

  @Test
  void aBrokerThatIsAbsent_thenKilled_thenBack_blocksNobody_andLosesTheOldestOnly()
      throws Exception {
    try (Broker broker = new Broker(dir)) {
      // results are given up soon, so that they come back to those that wait
      Map<String, String> hasty =
          Map.of(
              "delivery.timeout.ms",
              "1500",
              "request.timeout.ms",
              "1000",
              "max.block.ms",
              "500",
              // in their order, or those that a later one has overtaken are given up for good
              "max.in.flight.requests.per.connection",
              "1");
      KafkaReporter reporter = start(broker, Format.V1, 50, hasty);
      report(reporter, 1, 60); // nobody is there
      until(() -> metric("homespan_heartbeat_report_errors_total{") >= 1);

      broker.start();
      until(() -> count("reported") + count("dropped") == 60); // none waits, none is under way
      assertThat(count("reported")).isGreaterThanOrEqualTo(40);
      broker.stop();
      report(reporter, 61, 2000);
      until(() -> count("dropped") >= 500);
      assertThat(waiting()).isLessThanOrEqualTo(50);

      broker.start();
      report(reporter, 2001, 2010);
      until(() -> count("reported") + count("dropped") >= 2010 && waiting() == 0);
      reporter.close(LIMIT);
      assertThat(count("reported") + count("dropped")).isEqualTo(2010);
      List<Long> sequences =
          broker.records(TOPIC).stream()
              .map(one -> new JsonObject(new String(one.value(), UTF_8)).getLong("seq"))
              .toList();
      assertThat(sequences).containsAll(LongStream.rangeClosed(2001, 2010).boxed().toList());
      assertThat(sequences).doesNotContain(1L); // the oldest went, as 60 don't fit
      assertThat((double) sequences.size()).isGreaterThanOrEqualTo(count("reported"));
    }
  }

  @Test
  void brokersWithoutAnAddress_areTriedAgain_andStopNothing() throws Exception {
    KafkaReports nowhere =
        new KafkaReports(
            List.of(new Endpoint("nowhere.invalid", 9092)), TOPIC, Format.V1, 10, Settings.NONE);
    KafkaReporter reporter = KafkaReporter.start(nowhere, metrics);
    report(reporter, 1, 25);
    until(() -> metric("homespan_heartbeat_report_errors_total{") >= 2);
    assertThat(count("dropped")).isGreaterThanOrEqualTo(15);
    reporter.close(Duration.ofSeconds(20));
    assertThat(count("dropped")).isEqualTo(25);
  }

  @Test
  void aTopicThatMayNotBeWritten_dropsAndCounts_untilItMay() throws Exception {
    Map<String, Object> rights =
        Map.of(
            "authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "allow.everyone.if.no.acl.found", "true");
    AclBinding nobody =
        new AclBinding(
            new ResourcePattern(ResourceType.TOPIC, TOPIC, PatternType.LITERAL),
            new AccessControlEntry("User:*", "*", AclOperation.ALL, AclPermissionType.DENY));
    try (Broker broker = new Broker(dir, rights).start();
        Admin admin = Admin.create(Map.of("bootstrap.servers", broker.address()))) {
      admin.createTopics(List.of(new NewTopic(TOPIC, 1, (short) 1))).all().get(60, SECONDS);
      admin.createAcls(List.of(nobody)).all().get(60, SECONDS);
      // the broker hears of it from its controller
      until(() -> !described(admin, nobody).isEmpty());
      KafkaReporter reporter = start(broker, Format.V1, 10, Map.of("metadata.max.age.ms", "500"));
      report(reporter, 1, 5);
      until(() -> count("dropped") == 5);
      assertThat(metric("homespan_heartbeat_report_errors_total{")).isGreaterThanOrEqualTo(5);
      assertThat(count("reported")).isZero();

      admin.deleteAcls(List.of(nobody.toFilter())).all().get(60, SECONDS);
      long[] next = {6};
      until(
          () -> {
            reporter.report(TestMeasurement.ok(next[0]++));
            return count("reported") > 0;
          });
      reporter.close(LIMIT);
      assertThat(broker.records(TOPIC)).isNotEmpty();
    }
  }

  @Test
  void aBrokerThatAsksForAPassword_isGivenIt_andAWrongOneStopsNothing() throws Exception {
    String login = "org.apache.kafka.common.security.plain.PlainLoginModule required ";
    Map<String, Object> asks =
        Map.of(
            "listener.security.protocol.map", "PLAINTEXT:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT",
            "inter.broker.listener.name", "PLAINTEXT",
            "sasl.mechanism.inter.broker.protocol", "PLAIN",
            "sasl.enabled.mechanisms", "PLAIN",
            "listener.name.plaintext.plain.sasl.jaas.config",
                login + "username=\"own\" password=\"o\" user_own=\"o\" user_mesh=\"right\";");
    Map<String, String> right =
        Map.of(
            "security.protocol", "SASL_PLAINTEXT",
            "sasl.mechanism", "PLAIN",
            "sasl.jaas.config", login + "username=\"mesh\" password=\"right\";");
    Map<String, String> wrong = new HashMap<>(right);
    wrong.put("sasl.jaas.config", login + "username=\"mesh\" password=\"wrong\";");
    wrong.put("max.block.ms", "1000");
    try (Broker broker = new Broker(dir, asks).start()) {
      KafkaReporter refused = start(broker, Format.V1, 5, wrong);
      report(refused, 1, 10);
      until(() -> count("dropped") >= 5);
      until(() -> metric("homespan_heartbeat_report_errors_total{") >= 1);
      assertThat(count("reported")).isZero();
      refused.close(Duration.ofSeconds(20));

      KafkaReporter reporter = start(broker, Format.V1, 5, right);
      report(reporter, 1, 5);
      until(() -> count("reported") == 5);
      reporter.close(LIMIT);
    }
  }

  @Test
  void whatUsersSay_standsOverOurs_butForTheServers() {
    KafkaReports config =
        new KafkaReports(
            List.of(new Endpoint("k", 9092)),
            TOPIC,
            Format.V1,
            10,
            new Settings(Map.of("linger.ms", "5", "enable.idempotence", "true")));
    assertThat(KafkaReporter.settings(config))
        .containsEntry("linger.ms", "5")
        .containsEntry("bootstrap.servers", List.of("k:9092"))
        .doesNotContainKey("acks"); // ours would contradict the other
  }

  @Test
  void aPartitionWithoutALeader_costsItsOwnResults_andHoldsUpNoOthers() throws Exception {
    List<Callback> kept = new CopyOnWriteArrayList<>();
    AtomicInteger sent = new AtomicInteger();
    MockProducer<String, byte[]> half =
        new MockProducer<>(true, null, new StringSerializer(), new ByteArraySerializer()) {
          @Override
          public synchronized Future<RecordMetadata> send(
              ProducerRecord<String, byte[]> record, @Nullable Callback callback) {
            sent.incrementAndGet();
            if (Objects.requireNonNull(record.key()).endsWith("|b:1"))
              return super.send(record, callback);
            kept.add(Objects.requireNonNull(callback));
            return CompletableFuture.failedFuture(new TimeoutException("as scripted"));
          }
        };
    KafkaReports config =
        new KafkaReports(List.of(new Endpoint("k", 9092)), TOPIC, Format.V1, 1000, Settings.NONE);
    KafkaReporter reporter = KafkaReporter.start(config, metrics, () -> half);
    for (int i = 0; i < 100; i++) {
      reporter.report(TestMeasurement.of(2 * i + 1, "c:1", "", Probe.GRPC, Outcome.OK, 9));
      reporter.report(TestMeasurement.ok(2 * i + 2));
    }
    until(() -> count("reported") == 100);
    for (Callback one : kept) one.onCompletion(null, new TimeoutException("no leader"));
    assertThat(count("dropped")).isEqualTo(100);

    report(reporter, 201, 210);
    until(() -> count("reported") == 110);
    assertThat(sent).hasValue(210); // nothing was sent again
    reporter.close(LIMIT);
  }

  @Test
  void whatKafkaSaysOfALogin_isToldWithoutItsWords() throws Exception {
    String login = "org.apache.kafka.common.security.plain.PlainLoginModule required ";
    Map<String, String> secret =
        Map.of(
            "security.protocol", "SASL_PLAINTEXT",
            "sasl.mechanism", "PLAIN",
            "sasl.jaas.config", login + "username=mesh password=my hunter2;");
    KafkaReports config =
        new KafkaReports(
            List.of(new Endpoint("127.0.0.1", 1)), TOPIC, Format.V1, 10, new Settings(secret));
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    PrintStream before = System.err;
    System.setErr(new PrintStream(log, true, UTF_8));
    try {
      KafkaReporter reporter = KafkaReporter.start(config, metrics);
      until(() -> log.toString(UTF_8).contains("reports of the mesh don't go out"));
      reporter.close(Duration.ofSeconds(20));
    } finally {
      System.setErr(before);
    }
    assertThat(log.toString(UTF_8)).contains("JAAS", "(not shown)").doesNotContain("hunter2");
  }

  private static Collection<AclBinding> described(Admin admin, AclBinding acl) {
    try {
      return admin.describeAcls(acl.toFilter()).values().get(60, SECONDS);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private KafkaReporter start(
      Broker broker, Format format, int queue, Map<String, String> properties) {
    Endpoint at = new Endpoint("127.0.0.1", broker.port());
    return KafkaReporter.start(
        new KafkaReports(List.of(at), TOPIC, format, queue, new Settings(properties)), metrics);
  }

  private static void report(KafkaReporter reporter, long from, long to) {
    long begin = Pulse.now();
    for (long i = from; i <= to; i++) reporter.report(TestMeasurement.ok(i));
    assertThat(Pulse.since(begin).toNanos() / (to - from + 1)).isLessThan(MOMENT_NANOS);
  }

  private double waiting() {
    return metric("homespan_heartbeat_reports_waiting{");
  }

  private double count(String outcome) {
    return metric("homespan_heartbeat_reports_total{outcome=\"" + outcome + "\"");
  }

  private double metric(String series) {
    return metrics
        .scrape()
        .lines()
        .filter(line -> line.startsWith(series))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  private interface Condition {
    boolean holds();
  }

  private static void until(Condition condition) throws Exception {
    long end = System.nanoTime() + LIMIT.toNanos();
    while (!condition.holds()) {
      assertThat(System.nanoTime() - end).as("in time").isNegative();
      Thread.sleep(20);
    }
  }
}
