package io.homespan.report;

import io.homespan.config.Config;
import io.homespan.config.Config.KafkaReports;
import io.homespan.config.Config.KafkaReports.Format;
import io.homespan.heartbeat.Measurement;
import io.homespan.heartbeat.Probe;
import io.homespan.heartbeat.Reporter;
import io.homespan.metrics.Metrics;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;

/**
 * Sends each result to a Kafka, as a record of its own. One daemon thread owns the producer: making
 * one takes a second, sending blocks while nothing is known of the topic, and with brokers whose
 * names have no address it can't even be made; all of that is tried again until it works.
 *
 * <p>At most {@link #MOST_UNDER_WAY} results are the producer's. What it gives up for a reason that
 * may pass goes back to those that wait, so an outage costs what does not fit there, the oldest
 * first. A record that was written although its answer was lost is written twice then; {@code v1}
 * tells by {@code fromId} and {@code seq}.
 */
public final class KafkaReporter implements Reporter {
  static final int MOST_UNDER_WAY = 1000;

  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
  private static final long FIRST_PAUSE_MILLIS = 500;
  private static final long LONGEST_PAUSE_MILLIS = 30_000;

  private final KafkaReports config;
  private final Opening opening;
  private final Waiting<Measurement> waiting;
  private final Semaphore room = new Semaphore(MOST_UNDER_WAY);
  private final Tally tally;
  private final Thread thread = new Thread(this::work, "homespan-heartbeat-kafka");
  private final AtomicLong newestWritten = new AtomicLong(); // by the count of sends
  private long sends; // of our thread
  private volatile boolean paused;
  private volatile boolean ending;
  private volatile long endNanos;

  /** Makes a producer; blocks, and throws what Kafka throws. */
  interface Opening {
    Producer<String, byte[]> open();
  }

  private KafkaReporter(KafkaReports config, Metrics metrics, Opening opening) {
    this.config = config;
    this.opening = opening;
    this.waiting = new Waiting<>(config.queue());
    String servers =
        config.servers().stream().map(Config.Endpoint::toString).collect(Collectors.joining(","));
    this.tally = new Tally("kafka", servers + "/" + config.topic(), metrics, waiting::size);
    thread.setDaemon(true);
  }

  /** Begins at once; whether there is a broker shows later. */
  public static KafkaReporter start(KafkaReports config, Metrics metrics) {
    Map<String, Object> settings = settings(config);
    return start(
        config,
        metrics,
        () -> new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer()));
  }

  static KafkaReporter start(KafkaReports config, Metrics metrics, Opening opening) {
    KafkaReporter reporter = new KafkaReporter(config, metrics, opening);
    reporter.thread.start();
    return reporter;
  }

  /** What the configuration says, over what suits results of probes. */
  static Map<String, Object> settings(KafkaReports config) {
    Map<String, Object> all = new HashMap<>();
    all.put(ProducerConfig.CLIENT_ID_CONFIG, "homespan-heartbeat");
    all.put(ProducerConfig.LINGER_MS_CONFIG, 100);
    all.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 2000);
    all.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 30_000);
    all.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 10_000);
    all.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 4 << 20);
    all.put(ProducerConfig.ENABLE_METRICS_PUSH_CONFIG, false);
    all.put(ProducerConfig.METRIC_REPORTER_CLASSES_CONFIG, List.of()); // nor JMX
    Map<String, String> given = config.properties().values();
    if (!given.containsKey(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG)) {
      all.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, false);
      all.put(ProducerConfig.ACKS_CONFIG, "1");
    }
    all.putAll(given);
    all.put(
        ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
        config.servers().stream().map(Config.Endpoint::toString).toList());
    return all;
  }

  /** In the agents' format only what they write as well: calls, those to themselves included. */
  @Override
  public void report(Measurement what) {
    boolean meant =
        config.format() == Format.AGENT ? what.probe() == Probe.GRPC : !what.isBaseline();
    if (!meant) return;
    tally.dropped(waiting.add(what));
  }

  @Override
  public void close(Duration limit) {
    endNanos = System.nanoTime() + limit.toNanos() * 3 / 4; // and a moment to be gone
    ending = true;
    waiting.end();
    try {
      thread.join(Math.max(1, limit.toMillis()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    thread.interrupt();
    tally.dropped(waiting.clear());
  }

  private void work() {
    Producer<String, byte[]> producer = null;
    long pause = FIRST_PAUSE_MILLIS;
    try {
      while (!ending) {
        if (producer == null) {
          producer = open();
          if (producer == null) {
            sleep(pause);
            pause = Math.min(LONGEST_PAUSE_MILLIS, 2 * pause);
            continue;
          }
          pause = FIRST_PAUSE_MILLIS;
        }
        if (paused) {
          paused = false;
          sleep(FIRST_PAUSE_MILLIS);
        }
        if (!sendNext(producer, LOOK_NANOS)) {
          shut(producer);
          producer = null;
        }
      }
      boolean works = producer != null;
      while (works && waiting.size() > 0 && left() > 0) {
        works = sendNext(Objects.requireNonNull(producer), 0);
      }
    } catch (InterruptedException e) {
      // it is the end, and in no time
    } finally {
      if (producer != null) shut(producer);
    }
  }

  /** What it still has is ended by then, written or not. */
  private void shut(Producer<String, byte[]> producer) {
    boolean late = Thread.interrupted(); // else it closes nothing
    try {
      producer.close(late ? Duration.ZERO : Duration.ofNanos(left()));
    } catch (InterruptException e) {
      // it is the end, and in no time
    } catch (RuntimeException e) {
      tally.failed(e);
    }
  }

  private long left() {
    return ending ? Math.max(0, endNanos - System.nanoTime()) : 0;
  }

  /** As long, unless it ends before. */
  private void sleep(long millis) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    while (!ending && end - System.nanoTime() > 0) Thread.sleep(20);
  }

  private @Nullable Producer<String, byte[]> open() {
    try {
      return opening.open();
    } catch (RuntimeException e) {
      tally.failed(e);
      return null;
    }
  }

  /** Sends one if there is one. False: this producer is of no use any more. */
  @SuppressWarnings("FutureReturnValueIgnored") // the callback is told the same
  private boolean sendNext(Producer<String, byte[]> producer, long wait)
      throws InterruptedException {
    if (!room.tryAcquire(Math.max(wait, LOOK_NANOS), TimeUnit.NANOSECONDS)) return true;
    List<Measurement> next = waiting.take(1, wait);
    if (next.isEmpty()) {
      room.release();
      return true;
    }
    Measurement what = next.get(0);
    long number = ++sends;
    try {
      producer.send(record(what), (written, cause) -> ended(what, number, cause));
      return true;
    } catch (RuntimeException e) {
      ended(what, number, e);
      return false;
    }
  }

  private ProducerRecord<String, byte[]> record(Measurement what) {
    boolean agent = config.format() == Format.AGENT;
    return new ProducerRecord<>(
        config.topic(),
        null,
        what.atMillis(),
        agent ? null : what.from().id() + "|" + what.to().id(),
        agent ? Records.agent(what) : Records.v1(what));
  }

  /** Kafka names the topic, which users then look for, although nobody may have answered at all. */
  private static Exception named(Exception cause) {
    String text = String.valueOf(cause.getMessage());
    return text.contains("not present in metadata")
        ? new TimeoutException(
            text + " No broker answers there, or the topic is missing and may not be made.")
        : cause;
  }

  /** On the producer's thread, or on ours. */
  private void ended(Measurement what, long number, @Nullable Exception cause) {
    room.release();
    if (cause == null) {
      newestWritten.accumulateAndGet(number, Math::max);
      tally.reported(1);
      return;
    }
    if (!(cause instanceof InterruptException)) tally.failed(named(cause)); // that is our own
    // what was sent later is written: only this one's partition is away, and would hold up all
    boolean alone = newestWritten.get() > number;
    if (!alone) paused = true;
    boolean passes = cause instanceof RetriableException && !ending && !alone;
    tally.dropped(passes ? waiting.putBack(what) : 1);
  }
}
