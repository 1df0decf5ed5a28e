package io.homespan.journal;

import java.io.EOFException;
import java.io.File;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.apache.activemq.store.kahadb.disk.journal.DataFile;
import org.apache.activemq.store.kahadb.disk.journal.Journal;
import org.apache.activemq.store.kahadb.disk.journal.Location;
import org.apache.activemq.store.kahadb.disk.util.Sequence;
import org.apache.activemq.util.ByteSequence;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Frames in files, one behind the other: appends them and syncs, reads them back by place or in
 * order, and drops whole files. With {@link CheckedJournal} the only class that knows the library.
 * Blocks; belongs to one thread at a time.
 *
 * <p>After a failed write the library is closed, and opened again for the next append: that is what
 * a disk that was full needs. Places stay what they were.
 */
final class RecordLog {
  /**
   * A frame and where it lies.
   *
   * @param end where the next one may begin
   * @param frame null: the bytes there are bad, and were set aside
   */
  record Found(Place place, Place end, @Nullable Frame frame) {}

  /**
   * What is on disk when the log opens.
   *
   * @param before all records before this place are done
   * @param done and these
   * @param records how many are not done
   * @param bytes of these, in their files
   * @param oldest when the first of these was stored, in milliseconds since 1970
   */
  record Contents(Place before, Set<Place> done, long records, long bytes, long oldest) {}

  /**
   * How an append went.
   *
   * @param spots of the frames, in their order; null for what is not safe
   * @param failure why not all is safe
   */
  record Appended(List<@Nullable Spot> spots, @Nullable IOException failure) {
    static final Appended NOTHING = new Appended(List.of(), null);
  }

  /** Where a frame begins, and where the next one may. */
  record Spot(Place place, Place end) {}

  /** Bytes of a file that are no frames. */
  private record Block(int from, int to) {}

  private record Salvaged(Place place, Frame frame) {}

  private static final Logger LOG = LoggerFactory.getLogger(RecordLog.class);

  /** Of the disk: the library's own marks, and directories, need some room too. */
  private static final long LEFT_FREE = 1 << 20;

  /** The library's thread may be gone for good, or the disk stand still. */
  private static final long PATIENCE_SECONDS = 60;

  private final Path directory;
  private final int fileBytes;
  private final LongSupplier wallClock;
  private final SetAside aside;
  private final Map<Integer, List<Block>> bad = new HashMap<>();
  private final List<Salvaged> salvaged = new ArrayList<>();
  private @Nullable Journal journal;
  private @Nullable FileChannel lock;
  private int syncedFile;
  private boolean broken;

  /**
   * Opens nothing yet.
   *
   * @param fileBytes a file that would become larger is followed by a new one
   * @param wallClock milliseconds since 1970
   */
  RecordLog(Path directory, int fileBytes, LongSupplier wallClock) {
    this.directory = directory;
    this.fileBytes = fileBytes;
    this.wallClock = wallClock;
    this.aside = new SetAside(directory.resolve("set-aside"));
  }

  /**
   * Opens the directory, creating it where it is missing, and finds out what is in it. Bad bytes
   * are set aside; whole frames among them are appended again.
   *
   * @throws IOException for the operator: it is not writable, or another process uses it
   */
  Contents open() throws IOException {
    Files.createDirectories(directory);
    lock();
    try {
      start(true);
      return contents();
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  /** How often bad bytes were set aside. */
  int badFound() {
    return aside.count();
  }

  /** What the files hold, done or not. */
  long diskBytes() {
    return journal().getDiskSize();
  }

  /**
   * Appends frames. Returns when they are written and, if there are spans among them, synced. For
   * want of room, or of a disk, it answers that they are not.
   */
  Appended append(List<Frame> frames) {
    List<Location> written = new ArrayList<>(frames.size());
    IOException failure = null;
    try {
      if (broken) mend();
      checkRoom(frames);
      for (Frame frame : frames) {
        ByteBuffer bytes = frame.bytes();
        ByteSequence all = new ByteSequence(bytes.array(), bytes.arrayOffset(), bytes.remaining());
        written.add(
            frame.isMarks()
                ? journal().write(all, false)
                : journal().write(all, () -> {})); // who wants to hear of it gets a sync
      }
    } catch (NoRoomException e) {
      failure = e;
    } catch (IOException e) {
      failure = e;
      broken = true;
    }
    List<@Nullable Spot> spots = new ArrayList<>(frames.size());
    for (Location location : written) {
      IOException why = ended(location);
      if (why == null) {
        spots.add(new Spot(place(location), end(location)));
      } else {
        spots.add(null);
        failure = why;
        broken = true;
      }
    }
    while (spots.size() < frames.size()) spots.add(null);
    return new Appended(spots, failure);
  }

  /**
   * Frames in order, marks included.
   *
   * @param from where one begins or may begin
   * @param most so many at most
   * @param bytes and not more once there are so many bytes
   */
  List<Found> read(Place from, int most, long bytes) throws IOException {
    List<Found> found = new ArrayList<>();
    Place at = from;
    long sum = 0;
    while (found.size() < most && sum < bytes) {
      Location next = next(at);
      if (next == null) break;
      found.add(read(next));
      sum += next.getSize();
      at = end(next);
    }
    return found;
  }

  /** The frame at a place. */
  Found read(Place place) throws IOException {
    return read(new Location(place.file(), place.offset()));
  }

  /** Drops the files before this one. */
  void dropBefore(int file) throws IOException {
    Set<Integer> old = new HashSet<>();
    for (int id : journal().getFileMap().keySet()) if (id < file) old.add(id);
    if (old.isEmpty()) return;
    journal().removeDataFiles(old);
    bad.keySet().removeAll(old);
  }

  /** Writes what is not written yet, and sets the directory free. */
  void close() throws IOException {
    Journal open = journal;
    FileChannel locked = lock;
    journal = null;
    lock = null;
    try {
      if (open != null) open.close();
    } finally {
      if (locked != null) locked.close();
    }
  }

  private Journal journal() {
    if (journal == null) throw new IllegalStateException("the journal is closed");
    return journal;
  }

  private void lock() throws IOException {
    FileChannel channel =
        FileChannel.open(
            directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    FileLock held = null;
    try {
      held = channel.tryLock();
    } catch (OverlappingFileLockException e) {
      // held within this process
    } finally {
      if (held == null) channel.close();
    }
    if (held == null) {
      throw new FileSystemException(directory.toString(), null, "another running process uses it");
    }
    lock = channel;
  }

  private void start(boolean checkAll) throws IOException {
    Journal made = new CheckedJournal();
    made.setDirectory(directory.toFile());
    made.setFilePrefix("journal-");
    made.setMaxFileLength(fileBytes);
    made.setChecksum(true);
    made.setCheckForCorruptionOnStartup(checkAll);
    made.setPreallocationScope(Journal.PreallocationScope.NONE);
    made.start();
    journal = made;
    if (repaired(made)) {
      made.close();
      start(false);
      return;
    }
    bad.forEach(
        (file, blocks) -> {
          DataFile data = made.getDataFileById(file);
          if (data == null) return;
          for (Block block : blocks) {
            data.getCorruptedBlocks().add(new Sequence(block.from, block.to - 1));
          }
        });
    made.rotateWriteFile(); // nothing is written behind what may be torn
    broken = false;
  }

  private void mend() throws IOException {
    journal().close();
    start(false);
  }

  /** Cuts torn ends off and notes bad blocks. Returns whether the library has to look again. */
  private boolean repaired(Journal made) throws IOException {
    boolean again = false;
    for (DataFile data : made.getFileMap().values()) {
      File file = data.getFile();
      if (file.length() == 0) {
        // left by a start after which nothing came; but the last one is the one to be written to
        if (!made.getCurrentDataFileId().equals(data.getDataFileId())) again |= file.delete();
        continue;
      }
      List<Block> known = bad.computeIfAbsent(data.getDataFileId(), id -> new ArrayList<>());
      for (Sequence one = data.getCorruptedBlocks().getHead(); one != null; one = one.getNext()) {
        int from = (int) one.getFirst();
        if (from >= data.getLength()) {
          tornOff(data, from);
          again = true;
        } else if (known.stream().noneMatch(block -> block.from == from)) {
          known.add(new Block(from, (int) one.getLast() + 1));
        }
      }
    }
    return again;
  }

  private void tornOff(DataFile data, int from) throws IOException {
    File file = data.getFile();
    setAside(data.getDataFileId(), new Block(from, (int) file.length()));
    try (RandomAccessFile cut = new RandomAccessFile(file, "rw")) {
      cut.setLength(from);
    }
  }

  private Contents contents() throws IOException {
    Place before = Place.FIRST;
    Set<Place> done = new HashSet<>();
    for (Location at = next(Place.FIRST); at != null; at = next(end(at))) {
      if (isMarks(at)) before = learn(read(at).frame(), before, done);
    }
    for (Salvaged one : salvaged) before = learn(one.frame, before, done);
    salvage(before, done);
    done.removeIf(before::isAfter);
    long records = 0;
    long bytes = 0;
    long oldest = 0;
    for (Location at = next(Place.FIRST); at != null; at = next(end(at))) {
      Place place = place(at);
      if (place.isBefore(before) || done.contains(place) || isMarks(at)) continue;
      if (records == 0) oldest = head(at).getLong(Frame.STORED_AT);
      records++;
      bytes += at.getSize();
    }
    return new Contents(before, done, records, bytes, oldest);
  }

  private static Place learn(@Nullable Frame frame, Place before, Set<Place> done) {
    if (frame == null || !frame.isMarks()) return before;
    Marks marks = frame.marks();
    done.addAll(marks.done());
    return before.isBefore(marks.before()) ? marks.before() : before;
  }

  /** Appends again what is whole in bad blocks, and marks these as done. */
  private void salvage(Place before, Set<Place> done) throws IOException {
    List<Place> blocks = new ArrayList<>();
    for (Map.Entry<Integer, List<Block>> file : bad.entrySet()) {
      for (Block block : file.getValue()) {
        Place place = new Place(file.getKey(), block.from);
        Place end = new Place(file.getKey(), block.to);
        if (!end.isAfter(before) || done.contains(place)) continue;
        setAside(file.getKey(), block);
        blocks.add(place);
      }
    }
    List<Frame> again = new ArrayList<>();
    for (Salvaged one : salvaged) {
      boolean wanted = !one.place.isBefore(before) && !done.contains(one.place);
      if (wanted && !one.frame.isMarks()) again.add(one.frame);
    }
    salvaged.clear();
    if (!blocks.isEmpty()) again.add(Frame.of(new Marks(before, blocks), wallClock.getAsLong()));
    if (again.isEmpty()) return;
    Appended appended = append(again);
    if (appended.failure != null) {
      LOG.warn("what is whole of a bad part can't be kept", appended.failure);
    }
  }

  /** Sets a block aside, and finds the whole frames in it by their first bytes. */
  private void setAside(int file, Block block) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(block.to - block.from);
    try (FileChannel in = FileChannel.open(path(file), StandardOpenOption.READ)) {
      while (bytes.hasRemaining() && in.read(bytes, block.from + bytes.position()) > 0) {}
    }
    bytes.flip();
    aside.put(new Place(file, block.from), bytes.duplicate());
    int at = Journal.RECORD_HEAD_SPACE;
    while (at + Frame.HEAD <= bytes.limit()) {
      int size = bytes.getInt(at - Journal.RECORD_HEAD_SPACE);
      Frame frame = null;
      if (bytes.getInt(at) == Frame.MAGIC) {
        int length = size - Journal.RECORD_HEAD_SPACE;
        if (length >= Frame.HEAD && length <= bytes.limit() - at) {
          frame = Frame.read(bytes.slice(at, length));
        }
      }
      if (frame == null) {
        at++;
      } else {
        int offset = block.from + at - Journal.RECORD_HEAD_SPACE;
        salvaged.add(new Salvaged(new Place(file, offset), frame));
        at += size;
      }
    }
  }

  private void checkRoom(List<Frame> frames) throws NoRoomException {
    long spans = 0;
    for (Frame frame : frames) if (!frame.isMarks()) spans += frame.size();
    if (spans == 0) return; // marks make room
    long usable = directory.toFile().getUsableSpace();
    if (usable < spans + LEFT_FREE) throw new NoRoomException(usable);
  }

  /** Waits until it is written; null if it is. */
  private @Nullable IOException ended(Location location) {
    try {
      if (!location.getLatch().await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        return new IOException("not written after " + PATIENCE_SECONDS + " s");
      }
      IOException failure = location.getException().get();
      if (failure != null || location.getDataFileId() == syncedFile) return failure;
      try (FileChannel entries = FileChannel.open(directory, StandardOpenOption.READ)) {
        entries.force(true); // or a new file might not be found after a power cut
      }
      syncedFile = location.getDataFileId();
      return null;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new InterruptedIOException("interrupted");
    } catch (IOException e) {
      return e;
    }
  }

  /** The record that begins here or is the next; null: there is none. */
  private @Nullable Location next(Place from) throws IOException {
    Location at =
        journal().getDataFileById(from.file()) == null
            ? inLaterFile(from.file())
            : new Location(from.file(), behindBad(from));
    while (at != null) {
      try {
        return journal().getNextLocation(at);
      } catch (EOFException e) { // of a file in which nothing is, or without a mark at its end
        at = inLaterFile(at.getDataFileId());
      }
    }
    return null;
  }

  /** The library passes over a bad block from its beginning only. */
  private int behindBad(Place from) {
    for (Block block : bad.getOrDefault(from.file(), List.of())) {
      if (from.offset() > block.from && from.offset() < block.to) return block.to;
    }
    return from.offset();
  }

  private @Nullable Location inLaterFile(int file) {
    Integer later = new TreeMap<>(journal().getFileMap()).higherKey(file);
    return later == null ? null : new Location(later, 0);
  }

  private Found read(Location at) throws IOException {
    ByteSequence read = journal().read(at);
    ByteBuffer bytes = ByteBuffer.wrap(read.getData(), read.getOffset(), read.getLength());
    Frame frame = Frame.read(bytes);
    if (frame == null) aside.put(place(at), bytes);
    return new Found(place(at), end(at), frame);
  }

  private boolean isMarks(Location at) throws IOException {
    return Frame.isMarks(head(at));
  }

  /** The first bytes of a frame, without the rest, which may be long. */
  private ByteBuffer head(Location at) throws IOException {
    ByteBuffer head = ByteBuffer.allocate(Frame.HEAD);
    try (FileChannel in = FileChannel.open(path(at.getDataFileId()), StandardOpenOption.READ)) {
      int begin = at.getOffset() + Journal.RECORD_HEAD_SPACE;
      while (head.hasRemaining() && in.read(head, begin + head.position()) > 0) {}
    }
    return head;
  }

  private Path path(int file) {
    return journal().getFile(file).toPath();
  }

  private static Place place(Location location) {
    return new Place(location.getDataFileId(), location.getOffset());
  }

  private static Place end(Location location) {
    return new Place(location.getDataFileId(), location.getOffset() + location.getSize());
  }

  /** The disk is full, and nothing was tried. */
  private static final class NoRoomException extends IOException {
    private static final long serialVersionUID = 1;

    NoRoomException(long usable) {
      super("No space left on device: " + usable + " bytes are free");
    }
  }
}
