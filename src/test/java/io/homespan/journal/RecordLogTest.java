package io.homespan.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homespan.otlp.Part;
import io.homespan.otlp.PartId;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.activemq.store.kahadb.disk.journal.Journal;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is written is there again, whatever happened to the disk meanwhile. */
class RecordLogTest {
  private static final int FILE_BYTES = 64 << 10;

  @TempDir Path dir = Path.of("");
  private @Nullable RecordLog log;

  @AfterEach
  void close() throws IOException {
    if (log != null) log.close();
  }

  private RecordLog.Contents open() throws IOException {
    close();
    log = new RecordLog(dir, FILE_BYTES, () -> 7);
    return log.open();
  }

  private RecordLog log() {
    return Objects.requireNonNull(log);
  }

  private static Frame spans(String text) {
    return Frame.of(List.of(new Part(new PartId(1, 2), Buffer.buffer(text), 3)), 5);
  }

  private Place append(String text) {
    return append(spans(text));
  }

  private Place append(Frame frame) {
    RecordLog.Appended appended = log().append(List.of(frame));
    assertThat(appended.failure()).isNull();
    return Objects.requireNonNull(appended.spots().get(0)).place();
  }

  /** The requests on disk, in order. */
  private List<String> all() throws IOException {
    List<String> all = new ArrayList<>();
    for (RecordLog.Found found : log().read(Place.FIRST, Integer.MAX_VALUE, Long.MAX_VALUE)) {
      Frame frame = found.frame();
      if (frame == null) all.add("bad");
      else if (!frame.isMarks()) all.add(frame.request().toString());
    }
    return all;
  }

  @Test
  void whatIsAppended_isThereAgain_afterAnOpening() throws IOException {
    assertThat(open().records()).isZero();
    log().append(List.of(spans("a"), spans("b")));
    append("c");
    assertThat(all()).containsExactly("a", "b", "c");

    RecordLog.Contents contents = open();

    assertThat(contents.records()).isEqualTo(3);
    assertThat(contents.oldest()).isEqualTo(5);
    assertThat(contents.bytes()).isBetween(3L * Frame.HEAD, log().diskBytes());
    append("d");
    assertThat(all()).containsExactly("a", "b", "c", "d");
    assertThat(log().badFound()).isZero();
  }

  @Test
  void aRecord_isReadByItsPlace_withAllThatItHolds() throws IOException {
    open();
    append("a");
    Place place = append("b");
    Frame frame = Objects.requireNonNull(log().read(place).frame());
    assertThat(frame.request()).hasToString("b");
    assertThat(frame.spans()).isEqualTo(3);
    assertThat(frame.storedAt()).isEqualTo(5);
  }

  @Test
  void whatIsMarked_doesNotCount_afterAnOpening() throws IOException {
    open();
    append("a");
    Place b = append("b");
    append("c");
    Place d = append("d");
    append(Frame.of(new Marks(b, List.of(d)), 6));
    append("e");

    RecordLog.Contents contents = open();

    assertThat(contents.before()).isEqualTo(b);
    assertThat(contents.done()).containsExactly(d);
    assertThat(contents.records()).isEqualTo(3); // b, c and e
  }

  @Test
  void files_goOneAfterTheOther() throws IOException {
    open();
    String long_ = "x".repeat(30_000);
    Place last = append(long_);
    for (int i = 0; i < 9; i++) last = append(long_);
    assertThat(journalFiles()).hasSizeGreaterThan(4);
    long before = log().diskBytes();

    log().dropBefore(last.file());

    assertThat(journalFiles()).hasSize(1);
    assertThat(log().diskBytes()).isLessThan(before / 3);
    assertThat(Objects.requireNonNull(log().read(last).frame()).request()).hasToString(long_);
    assertThat(all()).isNotEmpty();
    assertThat(open().records()).isEqualTo(all().size());
  }

  @Test
  void aRecordLargerThanAFile_isKept() throws IOException {
    open();
    String large = "y".repeat(9 * FILE_BYTES);
    append("a");
    append(large);
    append("b");
    assertThat(all()).containsExactly("a", large, "b");
    open();
    assertThat(all()).containsExactly("a", large, "b");
  }

  @Test
  void aTornEnd_isSetAside_andWhatIsBeforeItStays() throws IOException {
    open();
    append("a");
    append("b");
    Place torn = append("torn");
    close();
    try (RandomAccessFile file = new RandomAccessFile(file(torn), "rw")) {
      file.setLength(torn.offset() + 20);
    }

    assertThat(open().records()).isEqualTo(2);

    assertThat(log().badFound()).isEqualTo(1);
    assertThat(setAside()).hasSize(1);
    append("c");
    assertThat(all()).containsExactly("a", "b", "c");
    open();
    assertThat(log().badFound()).isZero();
    assertThat(all()).containsExactly("a", "b", "c");
  }

  @Test
  void aFlippedBit_costsItsRecordAlone() throws IOException {
    open();
    append("a");
    List<RecordLog.@Nullable Spot> group =
        log().append(List.of(spans("b"), spans("flip me"), spans("d"))).spots();
    append("e");
    close();
    flip(Objects.requireNonNull(group.get(1)).place(), 5 + Frame.HEAD + 2);

    assertThat(open().records()).isEqualTo(4);

    assertThat(all()).containsExactlyInAnyOrder("a", "b", "d", "e");
    assertThat(log().badFound()).isEqualTo(1);
    assertThat(Files.readString(setAside().get(0), java.nio.charset.StandardCharsets.ISO_8859_1))
        .contains("me");
    assertThat(open().records()).as("and does not come again").isEqualTo(4);
    assertThat(log().badFound()).isZero();
  }

  @Test
  void readingBegins_evenWithinABadPart() throws IOException {
    open();
    List<RecordLog.@Nullable Spot> group =
        log().append(List.of(spans("a"), spans("b"), spans("flip me"))).spots();
    Place b = Objects.requireNonNull(group.get(1)).place();
    append(Frame.of(new Marks(b, List.of()), 6));
    append("d");
    close();
    flip(Objects.requireNonNull(group.get(2)).place(), 5 + Frame.HEAD + 2);

    RecordLog.Contents contents = open();

    assertThat(contents.before()).isEqualTo(b);
    assertThat(contents.records()).isEqualTo(2);
    List<String> read = new ArrayList<>();
    for (RecordLog.Found found : log().read(b, 99, 9999)) {
      Frame frame = Objects.requireNonNull(found.frame());
      if (!frame.isMarks()) read.add(frame.request().toString());
    }
    assertThat(read).containsExactly("d", "b");
  }

  @Test
  void aWrongLength_costsItsRecordAlone() throws IOException {
    open();
    List<RecordLog.@Nullable Spot> group =
        log().append(List.of(spans("a"), spans("b"), spans("c"))).spots();
    append("d");
    close();
    flip(Objects.requireNonNull(group.get(1)).place(), 1);
    assertThat(open().records()).isEqualTo(3);
    assertThat(all()).containsExactlyInAnyOrder("a", "c", "d");
  }

  @ParameterizedTest
  @CsvSource({"16, 0x80, a negative one", "19, 0, zero", "19, 0xff, a longer one"})
  void aBatchesWrongLength_costsNothing(int at, String value, String what) throws IOException {
    open();
    append("a");
    Place b = append("b");
    append("c");
    close();
    try (RandomAccessFile file = new RandomAccessFile(file(b), "rw")) {
      file.seek(b.offset() - Journal.BATCH_CONTROL_RECORD_SIZE + at);
      file.write(Integer.decode(value));
    }
    assertThat(open().records()).isEqualTo(3);
    assertThat(all()).containsExactlyInAnyOrder("a", "b", "c");
  }

  @Test
  void whatGoesBadWhileItIsOpen_isSetAside() throws IOException {
    open();
    append("a");
    Place bad = append("b");
    append("c");
    flip(bad, 5 + Frame.HEAD);
    assertThat(all()).containsExactly("a", "bad", "c");
    assertThat(setAside()).hasSize(1);
  }

  @Test
  void filesOfNothingButRubbish_keepNothingFromStarting() throws IOException {
    Files.write(dir.resolve("journal-3.log"), new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9});
    Files.write(dir.resolve("journal-5.log"), new byte[100_000]);
    Files.write(dir.resolve("journal-6.log"), new byte[0]);
    Files.writeString(dir.resolve("journal-x.log"), "?");
    assertThat(open().records()).isZero();
    append("a");
    assertThat(all()).containsExactly("a");
    assertThat(open().records()).isEqualTo(1);
  }

  @Test
  void aSecondUser_isTurnedAway() throws IOException {
    open();
    RecordLog second = new RecordLog(dir, FILE_BYTES, () -> 7);
    assertThatThrownBy(second::open)
        .isInstanceOf(FileSystemException.class)
        .hasMessageContaining("another running process uses it");
    close();
    second.open();
    second.close();
  }

  private void flip(Place place, int at) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(file(place), "rw")) {
      file.seek(place.offset() + at);
      int was = file.read();
      file.seek(place.offset() + at);
      file.write(was ^ 4);
    }
  }

  private String file(Place place) {
    return dir.resolve("journal-" + place.file() + ".log").toString();
  }

  private List<Path> journalFiles() throws IOException {
    try (Stream<Path> files = Files.list(dir)) {
      return files.filter(file -> file.toString().endsWith(".log")).toList();
    }
  }

  private List<Path> setAside() throws IOException {
    try (Stream<Path> files = Files.list(dir.resolve("set-aside"))) {
      return files.toList();
    }
  }
}
