package io.homespan.journal;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.homespan.otlp.Part;
import io.homespan.otlp.PartId;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Whatever a disk makes of a journal, it opens, what was not touched is there, and it goes on. */
class RecordLogFuzzTest {
  private static final int FILE_BYTES = 8 << 10;
  private static final int EXTRA = 9; // a file that the journal did not write

  /** A record of spans that was stored and is not done. */
  private record Stored(Place place, Place end, String request) {}

  @TempDir static Path dir = Path.of("");
  private static final Map<Integer, byte[]> FILES = new TreeMap<>();
  private static final List<Stored> STORED = new ArrayList<>();
  private static RecordLog.Spot marks = new RecordLog.Spot(Place.FIRST, Place.FIRST);

  /** Two files, of lone records, of some written together and of marks. */
  @BeforeAll
  static void write() throws IOException {
    Path good = Files.createDirectory(dir.resolve("good"));
    RecordLog log = new RecordLog(good, FILE_BYTES, () -> 7);
    log.open();
    append(log, "a");
    append(log, "b", "c", "d".repeat(300));
    append(log, "e");
    append(log, "f".repeat(7000));
    append(log, "g", "h".repeat(2000));
    List<Place> done = List.of(STORED.get(2).place, STORED.get(4).place);
    Frame frame = Frame.of(new Marks(STORED.get(1).place, done), 6);
    marks = Objects.requireNonNull(log.append(List.of(frame)).spots().get(0));
    STORED.removeIf(one -> one.request.equals("a") || done.contains(one.place));
    append(log, "i");
    log.close();
    for (Path file : journal(good)) {
      String name = file.getFileName().toString().replaceAll("\\D", "");
      FILES.put(Integer.parseInt(name), Files.readAllBytes(file));
    }
  }

  private static void append(RecordLog log, String... requests) {
    List<Frame> frames = new ArrayList<>();
    for (String request : requests) {
      Part part = new Part(new PartId(1, 2), Buffer.buffer(request), 3);
      frames.add(Frame.of(List.of(part), 5));
    }
    RecordLog.Appended appended = log.append(frames);
    assertThat(appended.failure()).isNull();
    for (int i = 0; i < requests.length; i++) {
      RecordLog.Spot spot = Objects.requireNonNull(appended.spots().get(i));
      STORED.add(new Stored(spot.place(), spot.end(), requests[i]));
    }
  }

  private static List<Path> journal(Path dir) throws IOException {
    try (Stream<Path> files = Files.list(dir)) {
      return files.filter(file -> file.toString().endsWith(".log")).sorted().toList();
    }
  }

  /**
   * What happens to the files: a byte says to which (0 and 1: the journal's, 2: one more), two
   * where, one how many bytes follow that are written there; 0: the file ends there.
   */
  @FuzzTest
  void open(byte[] damage) throws IOException {
    Map<Integer, byte[]> files = new TreeMap<>();
    FILES.forEach((id, bytes) -> files.put(id, bytes.clone()));
    Path bad = Files.createDirectory(dir.resolve("bad"));
    try {
      Set<String> whole = damaged(files, ByteBuffer.wrap(damage));
      for (Map.Entry<Integer, byte[]> file : files.entrySet()) {
        Files.write(bad.resolve("journal-" + file.getKey() + ".log"), file.getValue());
      }
      opensAndGoesOn(bad, whole);
    } finally {
      try (Stream<Path> all = Files.walk(bad)) {
        for (Path each : all.sorted(Comparator.reverseOrder()).toList()) Files.delete(each);
      }
    }
  }

  /** Damages them; returns the requests that no damage has come to. */
  private static Set<String> damaged(Map<Integer, byte[]> files, ByteBuffer damage) {
    Set<Stored> whole = new HashSet<>(STORED);
    List<Integer> ids = new ArrayList<>(files.keySet());
    ids.add(EXTRA);
    while (damage.remaining() >= 4) {
      int file = ids.get((damage.get() & 0xFF) % ids.size());
      int at = damage.getShort() & 0x3FFF;
      byte[] bytes = new byte[Math.min(damage.get() & 0xFF, damage.remaining())];
      damage.get(bytes);
      byte[] was = files.getOrDefault(file, new byte[0]);
      if (file != EXTRA) at = Math.min(at, was.length);
      int end = bytes.length == 0 ? was.length : at + bytes.length;
      int length = bytes.length == 0 ? at : Math.max(was.length, end);
      byte[] now = Arrays.copyOf(was, length);
      System.arraycopy(bytes, 0, now, Math.min(at, length), bytes.length);
      files.put(file, now);
      Place from = new Place(file, at);
      Place to = new Place(file, Math.max(at, end));
      whole.removeIf(one -> one.place.isBefore(to) && one.end.isAfter(from));
    }
    Set<String> requests = new HashSet<>();
    if (!areOthers(files)) for (Stored one : whole) requests.add(one.request);
    return requests;
  }

  /** Whether the damage has made marks that say other things. */
  private static boolean areOthers(Map<Integer, byte[]> files) {
    int file = marks.place().file();
    byte[] was = Objects.requireNonNull(FILES.get(file));
    byte[] now = Objects.requireNonNull(files.get(file));
    int at = marks.place().offset() + 5;
    int size = marks.end().offset() - at;
    boolean read = at + size <= now.length && Frame.read(ByteBuffer.wrap(now, at, size)) != null;
    return read && !Arrays.equals(was, at, at + size, now, at, at + size);
  }

  private static void opensAndGoesOn(Path bad, Set<String> whole) throws IOException {
    RecordLog log = new RecordLog(bad, FILE_BYTES, () -> 7);
    long records;
    try {
      records = log.open().records();
      assertThat(requests(log)).containsAll(whole);
      Part part = new Part(new PartId(1, 2), Buffer.buffer("new"), 3);
      assertThat(log.append(List.of(Frame.of(List.of(part), 5))).failure()).isNull();
      assertThat(requests(log)).contains("new").containsAll(whole);
    } finally {
      log.close();
    }
    RecordLog again = new RecordLog(bad, FILE_BYTES, () -> 7);
    try {
      assertThat(again.open().records()).isEqualTo(records + 1);
      assertThat(requests(again)).contains("new").containsAll(whole);
    } finally {
      again.close();
    }
  }

  private static List<String> requests(RecordLog log) throws IOException {
    List<String> all = new ArrayList<>();
    for (RecordLog.Found found : log.read(Place.FIRST, Integer.MAX_VALUE, Long.MAX_VALUE)) {
      Frame frame = found.frame();
      if (frame != null && !frame.isMarks()) all.add(frame.request().toString());
    }
    return all;
  }
}
