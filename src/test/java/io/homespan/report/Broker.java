package io.homespan.report;

import io.homespan.FreePort;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.jspecify.annotations.Nullable;

/**
 * A real Kafka in this process: broker and controller, on 127.0.0.1. It can be stopped and started
 * again on the same directory and port.
 */
public final class Broker implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final Path dir;
  private final int port = FreePort.any();
  private final int controller = FreePort.any();
  private final Map<String, Object> more;
  private @Nullable KafkaRaftServer server;
  private boolean formatted;

  /** Not started yet; its port is chosen. */
  public Broker(Path dir) {
    this(dir, Map.of());
  }

  /** The same, with further settings. */
  public Broker(Path dir, Map<String, Object> more) {
    this.dir = dir;
    this.more = more;
  }

  public String address() {
    return "127.0.0.1:" + port;
  }

  public int port() {
    return port;
  }

  /** Returns when it takes records. */
  public Broker start() throws Exception {
    if (!formatted) format();
    Map<String, Object> settings = new HashMap<>();
    settings.put("process.roles", "broker,controller");
    settings.put("node.id", "1");
    settings.put("listeners", "PLAINTEXT://" + address() + ",CONTROLLER://127.0.0.1:" + controller);
    settings.put("controller.listener.names", "CONTROLLER");
    settings.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
    settings.put("controller.quorum.voters", "1@127.0.0.1:" + controller);
    settings.put("log.dirs", dir.toString());
    settings.put("offsets.topic.replication.factor", "1");
    settings.put("offsets.topic.num.partitions", "1");
    settings.put("num.partitions", "1");
    settings.put("group.initial.rebalance.delay.ms", "0");
    settings.putAll(more);
    KafkaRaftServer made = new KafkaRaftServer(new KafkaConfig(settings), Time.SYSTEM);
    made.startup();
    server = made;
    return this;
  }

  private void format() throws Exception {
    Formatter formatter = new Formatter();
    formatter.setPrintStream(new PrintStream(OutputStream.nullOutputStream(), true, "UTF-8"));
    formatter.setNodeId(1);
    formatter.setClusterId(Uuid.randomUuid().toString());
    formatter.setControllerListenerName("CONTROLLER");
    formatter.setMetadataLogDirectory(dir.toString());
    formatter.setDirectories(List.of(dir.toString()));
    formatter.run();
    formatted = true;
  }

  /** All records of a topic; none if there is no such topic. */
  public List<ConsumerRecord<String, byte[]>> records(String topic) {
    Map<String, Object> settings =
        Map.of("bootstrap.servers", address(), "enable.metrics.push", false);
    try (KafkaConsumer<String, byte[]> consumer =
        new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer())) {
      List<ConsumerRecord<String, byte[]>> all = new ArrayList<>();
      if (!consumer.listTopics(LIMIT).containsKey(topic)) return all;
      TopicPartition only = new TopicPartition(topic, 0);
      consumer.assign(Set.of(only));
      consumer.seekToBeginning(Set.of(only));
      long end = Objects.requireNonNull(consumer.endOffsets(Set.of(only), LIMIT).get(only));
      while (consumer.position(only, LIMIT) < end) {
        consumer.poll(Duration.ofMillis(100)).forEach(all::add);
      }
      return all;
    }
  }

  /** As if it were gone: its port is closed. */
  public void stop() {
    KafkaRaftServer running = server;
    server = null;
    if (running == null) return;
    running.shutdown();
    running.awaitShutdown();
  }

  @Override
  public void close() {
    stop();
  }
}
