package io.homespan.sink;

import static io.homespan.sink.TestParts.part;
import static org.assertj.core.api.Assertions.assertThat;

import io.homespan.config.Config;
import io.homespan.metrics.RefuseReason;
import io.homespan.otlp.OtlpJson;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileSinkTest extends SinkContract {
  private final LimitedChannel.Disk disk = new LimitedChannel.Disk(1 << 30);
  private final CountedMetrics metrics = new CountedMetrics();
  private long now;
  @TempDir private Path directory;

  @Override
  Sink sink() {
    // The contract's deadlines are on the real scale.
    return sink(System.nanoTime(), 1 << 20);
  }

  private Sink sink(long time, long rotateBytes) {
    now = time;
    return new FileSink(
        vertx,
        new Config.FileSink(path().toString(), rotateBytes, 0),
        metrics,
        () -> now,
        InstantSource.system(),
        disk);
  }

  @Override
  List<String> arrived() throws Exception {
    List<ExportTraceServiceRequest> requests = new ArrayList<>();
    for (String line : Files.readAllLines(path())) {
      requests.add(
          ExportTraceServiceRequest.parseFrom(OtlpJson.toProtobuf(Buffer.buffer(line)).getBytes()));
    }
    return TestParts.names(requests).toList();
  }

  @Test
  void aPartThatDoesNotParse_isDropped_andTheOthersAreWritten() throws Exception {
    Sink sink = on(this::sink);
    await(on(sink::open));
    List<Future<Outcome>> kept =
        on(
            () ->
                List.of(
                    sink.keep(part(1, 1), now + 1),
                    sink.keep(part(2, 1), now + 1),
                    sink.keep(TestParts.unparsable(3), now + 1),
                    sink.keep(part(4, 1), now + 1)));
    assertThat(await(kept.get(2))).isInstanceOf(Outcome.Dropped.class);
    assertThat(await(kept.get(3))).isEqualTo(Outcome.CONFIRMED);
    assertThat(arrived()).containsExactly("span-1", "span-2", "span-4");
  }

  @Test
  void aFullDisk_refuses_andTheSamePartsAreTakenWhenThereIsRoom() throws Exception {
    Sink sink = on(this::sink);
    await(on(sink::open));
    disk.room = 10;
    Outcome outcome = await(on(() -> sink.keep(part(1, 1), now + 1)));
    assertThat(outcome)
        .isEqualTo(
            new Outcome.Refused(
                RefuseReason.FULL, "cannot write to " + path() + ": No space left on device"));
    assertThat(path()).isEmptyFile();
    assertThat(metrics.counts).containsEntry("homespan_sink_errors_totalsink,file", 1);
    disk.room = 1 << 20;
    assertThat(await(on(() -> sink.keep(part(1, 1), now + 1)))).isEqualTo(Outcome.CONFIRMED);
    assertThat(arrived()).containsExactly("span-1");
  }

  @Test
  void whatExpiresBehindASlowWrite_isNotBegun() throws Exception {
    Sink sink = on(this::sink);
    await(on(sink::open));
    List<Future<Outcome>> kept = keepTwoBehindTheGate(sink);
    on(() -> now += 1);
    disk.gate.countDown();
    assertThat(await(kept.get(0))).isEqualTo(Outcome.CONFIRMED);
    assertThat(await(kept.get(1))).isEqualTo(Outcome.expired());
    assertThat(arrived()).containsExactly("span-1");
  }

  @Test
  void closingDuringASlowWrite_waitsForItAndForWhatIsBehindIt() throws Exception {
    Sink sink = on(this::sink);
    await(on(sink::open));
    List<Future<Outcome>> kept = keepTwoBehindTheGate(sink);
    Future<Void> closed = on(sink::close);
    disk.gate.countDown();
    await(closed);
    assertThat(kept).allMatch(outcome -> Outcome.CONFIRMED.equals(outcome.result()));
    Sink next = on(this::sink);
    await(on(next::open)); // so the first has let the file go
    await(on(next::close));
  }

  private List<Future<Outcome>> keepTwoBehindTheGate(Sink sink) throws Exception {
    disk.gate = new CountDownLatch(1);
    return on(() -> List.of(sink.keep(part(1, 1), now + 1), sink.keep(part(2, 1), now + 1)));
  }

  @Test
  void overManyRotations_nothingIsLost() throws Exception {
    Sink sink = on(() -> sink(0, 1000));
    await(on(sink::open));
    for (int i = 0; i < 40; i++) await(on(() -> sink.keep(part(1, 3), 1)));
    int lines = 0;
    List<Path> files = new ArrayList<>();
    try (var all = Files.list(directory)) {
      all.forEach(files::add);
    }
    for (Path file : files) {
      for (String line : Files.readAllLines(file)) {
        assertThat(spans(line)).isEqualTo(3);
        lines++;
      }
    }
    assertThat(lines).isEqualTo(40);
    assertThat(files).hasSizeGreaterThan(3);
  }

  private static long spans(String line) {
    return line.split("spanId", -1).length - 1L;
  }

  private Path path() {
    return directory.resolve("spans.json");
  }
}
