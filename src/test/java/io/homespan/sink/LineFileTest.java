package io.homespan.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LineFileTest {
  private static final InstantSource NOW =
      InstantSource.fixed(Instant.parse("2026-11-21T01:02:03.004Z"));

  @TempDir private Path directory;

  @Test
  void missingDirectoriesAreMade_andLinesAreAppendedToWhatIsThere() throws IOException {
    Path path = directory.resolve("a/b/spans.json");
    LineFile file = file(path, 0, 0, FileChannel::open);
    file.open();
    append(file, "one", "two");
    file.close();
    file.open();
    append(file, "three");
    assertThat(path).hasContent("one\ntwo\nthree\n");
  }

  @Test
  void aLineLongerThanTheStage_isWrittenWhole() throws IOException {
    Path path = directory.resolve("spans.json");
    LineFile file = file(path, 0, 0, FileChannel::open);
    file.open();
    // Lengths around the stage's size, so that the newline falls on each side of its end.
    String[] lines =
        Stream.of(-2, -1, 0, 1, 300_000)
            .map(n -> "x".repeat((128 << 10) + n))
            .toArray(String[]::new);
    append(file, lines);
    assertThat(Files.readAllLines(path)).containsExactly(lines);
  }

  @Test
  void aTornLastLine_stays_andANewLineIsBegun() throws IOException {
    Path path = Files.writeString(directory.resolve("spans.json"), "{\"whole\":1}\n{\"torn");
    LineFile file = file(path, 0, 0, FileChannel::open);
    file.open();
    append(file, "new");
    append(file, "newer");
    assertThat(path).hasContent("{\"whole\":1}\n{\"torn\nnew\nnewer\n");
  }

  @Test
  void aFullDisk_leavesNoneOfTheGroup_andTheNextOneGoesOn() throws IOException {
    LimitedChannel.Disk disk = new LimitedChannel.Disk(10);
    Path path = directory.resolve("spans.json");
    LineFile file = file(path, 0, 0, disk);
    file.open();
    append(file, "one");
    assertThatThrownBy(() -> append(file, "two", "and three"))
        .hasMessage("No space left on device");
    assertThat(path).hasContent("one\n");
    disk.room = 100;
    append(file, "four");
    assertThat(path).hasContent("one\nfour\n");
  }

  @Test
  void whereTheTornLineCannotBeCutOff_aNewOneIsBegun() throws IOException {
    LimitedChannel.Disk disk = new LimitedChannel.Disk(6);
    disk.mayTruncate = false;
    Path path = directory.resolve("spans.json");
    LineFile file = file(path, 0, 0, disk);
    file.open();
    append(file, "one");
    assertThatThrownBy(() -> append(file, "two")).isInstanceOf(IOException.class);
    disk.room = 100;
    append(file, "three");
    assertThat(path).hasContent("one\ntw\nthree\n");
  }

  @Test
  void aFullFile_isRotated_andTheOldestBeyondTheNumberAreDeleted() throws IOException {
    Path path = directory.resolve("spans.json");
    Files.writeString(directory.resolve("spans.json.bak"), "not ours");
    LineFile file = file(path, 4, 2, FileChannel::open);
    file.open();
    for (String line : List.of("one", "two", "more", "four", "five")) append(file, line);
    assertThat(path).hasContent("five\n");
    assertThat(directory.resolve("spans.json.20261121T010203.004Z-002")).hasContent("more\n");
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files.map(f -> f.getFileName().toString()))
          .containsExactlyInAnyOrder(
              "spans.json",
              "spans.json.bak",
              "spans.json.20261121T010203.004Z-002",
              "spans.json.20261121T010203.004Z-003");
    }
  }

  @Test
  void noneIsDeleted_whenAllAreToStay() throws IOException {
    Path path = directory.resolve("spans.json");
    LineFile file = file(path, 1, 0, FileChannel::open);
    file.open();
    for (int i = 0; i < 12; i++) append(file, "line " + i);
    assertThat(rotated(path, 0).all()).hasSize(11).isSorted();
    assertThat(rotated(path, 0).all().get(0)).hasContent("line 0\n");
  }

  @Test
  void aFileThatWasMovedAway_isBegunAnew() throws IOException {
    Path path = directory.resolve("spans.json");
    LineFile file = file(path, 0, 0, FileChannel::open);
    file.open();
    append(file, "one");
    Files.move(path, directory.resolve("moved"));
    append(file, "two");
    assertThat(directory.resolve("moved")).hasContent("one\n");
    assertThat(path).hasContent("two\n");
  }

  @Test
  void aFileThatWasEmptied_getsNoHole() throws IOException {
    Path path = directory.resolve("spans.json");
    LineFile file = file(path, 0, 0, FileChannel::open);
    file.open();
    append(file, "one");
    try (FileChannel other = FileChannel.open(path, StandardOpenOption.WRITE)) {
      other.truncate(0);
    }
    append(file, "two");
    assertThat(path).hasContent("two\n");
  }

  @Test
  void aSecondWriter_isRefused_untilTheFirstHasClosed() throws IOException {
    Path path = directory.resolve("spans.json");
    LineFile first = file(path, 0, 0, FileChannel::open);
    LineFile second = file(path, 0, 0, FileChannel::open);
    first.open();
    assertThatThrownBy(second::open).hasMessageContaining("another process or sink writes to it");
    first.close();
    second.open();
  }

  @Test
  void aDirectory_isNoFile() {
    assertThatThrownBy(file(directory, 0, 0, FileChannel::open)::open)
        .hasMessageContaining("is a directory");
  }

  @Test
  void aDeviceIsWrittenTo_andMayBeFull() throws IOException {
    LineFile file = file(Path.of("/dev/full"), 1, 1, FileChannel::open);
    file.open();
    assertThatThrownBy(() -> append(file, "one")).hasMessageContaining("No space left");
    LineFile sink = file(Path.of("/dev/null"), 1, 1, FileChannel::open);
    sink.open();
    append(sink, "one");
    append(sink, "two");
  }

  private static LineFile file(Path path, long rotateBytes, int keep, LineFile.Opener opener) {
    return new LineFile(path, rotateBytes, rotated(path, keep), opener);
  }

  private static RotatedFiles rotated(Path path, int keep) {
    return new RotatedFiles(path, keep, NOW);
  }

  private static void append(LineFile file, String... lines) throws IOException {
    file.append(Stream.of(lines).map(Buffer::buffer).toList());
  }
}
