package io.homespan.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.homespan.config.Config.FileReports;
import io.homespan.metrics.MicrometerMetrics;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class FileReporterTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @TempDir Path dir = Path.of("");
  private final MicrometerMetrics metrics = new MicrometerMetrics();

  @AfterEach
  void close() {
    metrics.close();
  }

  @Test
  void eachResultIsALine_whenItIsClosedAtTheLatest() throws Exception {
    Path file = dir.resolve("mesh.jsonl");
    FileReporter reporter = start(file, 1 << 20);
    for (int i = 1; i <= 100; i++) reporter.report(TestMeasurement.ok(i));
    reporter.close(LIMIT);

    List<String> lines = Files.readAllLines(file);
    assertThat(lines).hasSize(100);
    assertThat(new JsonObject(lines.get(99)).getLong("seq")).isEqualTo(100);
    assertThat(count("reported")).isEqualTo(100);
  }

  @Test
  void aFullFile_becomesTheOldOne_andThereIsButOneOfThose() throws Exception {
    Path file = dir.resolve("mesh.jsonl");
    for (int round = 0; round < 5; round++) {
      FileReporter reporter = start(file, 4096);
      for (int i = 1; i <= 8; i++) reporter.report(TestMeasurement.ok(8 * round + i));
      reporter.close(LIMIT);
    }

    try (var all = Files.list(dir)) {
      assertThat(all.map(one -> dir.relativize(one).toString()))
          .containsExactlyInAnyOrder("mesh.jsonl", "mesh.jsonl.1");
    }
    assertThat(Files.size(file)).isLessThanOrEqualTo(4096);
    List<String> lines = Files.readAllLines(file);
    assertThat(new JsonObject(lines.get(lines.size() - 1)).getLong("seq")).isEqualTo(40);
  }

  @Test
  void aPathThatCannotBeWritten_dropsAndCounts_untilItCan() throws Exception {
    Path folder = dir.resolve("later");
    FileReporter reporter = start(folder.resolve("mesh.jsonl"), 4096);
    reporter.report(TestMeasurement.ok(1));
    until(() -> count("dropped") == 1);
    Files.createDirectory(folder);
    reporter.report(TestMeasurement.ok(2));
    reporter.close(LIMIT);

    assertThat(Files.readAllLines(folder.resolve("mesh.jsonl"))).hasSize(1);
    assertThat(count("reported")).isOne();
    assertThat(metrics.scrape())
        .contains("homespan_heartbeat_report_errors_total{reporter=\"file\"} 1.0");
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void aFullDisk_dropsAndCounts_andIsNotRenamed() {
    FileReporter reporter = start(Path.of("/dev/full"), 4096);
    for (int i = 1; i <= 100; i++) reporter.report(TestMeasurement.ok(i));
    reporter.close(LIMIT);

    assertThat(count("dropped")).isEqualTo(100);
    assertThat(count("reported")).isZero();
    assertThat(Path.of("/dev/full")).exists();
  }

  private FileReporter start(Path file, long most) {
    return FileReporter.start(new FileReports(file.toString(), most), metrics);
  }

  private double count(String outcome) {
    String series =
        "homespan_heartbeat_reports_total{outcome=\"" + outcome + "\",reporter=\"file\"} ";
    return metrics
        .scrape()
        .lines()
        .filter(line -> line.startsWith(series))
        .mapToDouble(line -> Double.parseDouble(line.substring(series.length())))
        .sum();
  }

  private interface Condition {
    boolean holds() throws IOException;
  }

  private static void until(Condition condition) throws Exception {
    long end = System.nanoTime() + LIMIT.toNanos();
    while (!condition.holds()) {
      assertThat(System.nanoTime() - end).as("in time").isNegative();
      Thread.sleep(10);
    }
  }
}
