package io.homespan.report;

import io.homespan.config.Config.FileReports;
import io.homespan.heartbeat.Measurement;
import io.homespan.heartbeat.Reporter;
import io.homespan.metrics.Metrics;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Writes each result as a line of a file. A daemon thread of its own does it, as a disk may take
 * its time. What can't be written is dropped, and the next lines are tried anew.
 */
public final class FileReporter implements Reporter {
  /** Results that wait for the disk; beyond it the oldest goes. */
  static final int MOST_WAITING = 10_000;

  private static final int AT_ONCE = 1000;
  private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final LineLog log;
  private final Waiting<Measurement> waiting = new Waiting<>(MOST_WAITING);
  private final Tally tally;
  private final Thread thread = new Thread(this::work, "homespan-heartbeat-file");
  private volatile boolean ending;

  private FileReporter(FileReports config, Metrics metrics) {
    this.log = new LineLog(Path.of(config.path()), config.maxBytes());
    this.tally = new Tally("file", config.path(), metrics, waiting::size);
    thread.setDaemon(true);
  }

  /** Begins at once; whether the file can be written shows later. */
  public static FileReporter start(FileReports config, Metrics metrics) {
    FileReporter reporter = new FileReporter(config, metrics);
    reporter.thread.start();
    return reporter;
  }

  /** Of peers: a file has no other place for a node itself. */
  @Override
  public void report(Measurement what) {
    if (what.isBaseline()) return;
    tally.dropped(waiting.add(what));
  }

  @Override
  public void close(Duration limit) {
    ending = true;
    waiting.end();
    try {
      thread.join(Math.max(1, limit.toMillis()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    tally.dropped(waiting.clear());
  }

  private void work() {
    try {
      while (!ending || waiting.size() > 0) {
        List<Measurement> some = waiting.take(AT_ONCE, LOOK_NANOS);
        if (!some.isEmpty()) write(some);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      log.close();
    }
  }

  private void write(List<Measurement> some) {
    ByteArrayOutputStream lines = new ByteArrayOutputStream();
    for (Measurement one : some) {
      lines.writeBytes(Records.v1(one));
      lines.write('\n');
    }
    try {
      log.write(lines.toByteArray());
      tally.reported(some.size());
    } catch (IOException e) {
      tally.failed(e);
      tally.dropped(some.size());
    }
  }
}
