package io.homespan.journal;

import io.homespan.otlp.Part;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the log is to do in one go, put together on the event loop and done on the worker: to
 * append, all under one sync; then to read; then to drop files.
 *
 * @param stores parts of requests that senders wait for
 * @param copies what is left of records, or whole records, to be written at the end
 * @param marks null: nothing new is done
 * @param readFrom null: nothing is to be read in order
 * @param readBytes how much of it, about
 * @param again records to be read by their places
 * @param dropBefore files before this one go
 * @param now milliseconds since 1970
 */
record Job(
    List<Part> stores,
    List<Copy> copies,
    @Nullable Marks marks,
    @Nullable Place readFrom,
    long readBytes,
    List<Held> again,
    int dropBefore,
    long now) {
  private static final int MOST_READ = 1024;

  /** Parts that are written again, as old as they are. */
  record Copy(Held held, List<Part> parts) {
    int spans() {
      return parts.stream().mapToInt(Part::spans).sum();
    }
  }

  /**
   * How it went.
   *
   * @param appended stores, copies and marks, in this order
   * @param read what lay in order
   * @param again what lay at the places; null where it could not be read
   * @param bad how often bad bytes were set aside, since the start
   * @param failure of reading or dropping
   */
  record Result(
      RecordLog.Appended appended,
      List<RecordLog.Found> read,
      List<RecordLog.@Nullable Found> again,
      long diskBytes,
      int bad,
      @Nullable IOException failure) {}

  boolean isEmpty() {
    return stores.isEmpty()
        && copies.isEmpty()
        && marks == null
        && readFrom == null
        && again.isEmpty();
  }

  /** Nothing of it was done. */
  Result failed(IOException why, RecordLog log) {
    int writes = stores.size() + copies.size() + (marks == null ? 0 : 1);
    List<RecordLog.@Nullable Spot> none = new ArrayList<>();
    while (none.size() < writes) none.add(null);
    List<RecordLog.@Nullable Found> lost = new ArrayList<>();
    while (lost.size() < again.size()) lost.add(null);
    IOException failure = writes > 0 ? why : null;
    return new Result(
        new RecordLog.Appended(none, failure),
        List.of(),
        lost,
        log.diskBytes(),
        log.badFound(),
        why);
  }

  /** Blocks. */
  Result run(RecordLog log) {
    List<Frame> frames = new ArrayList<>(stores.size() + copies.size() + 1);
    for (Part part : stores) frames.add(Frame.of(List.of(part), now));
    for (Copy copy : copies) frames.add(Frame.of(copy.parts, copy.held.storedAt));
    if (marks != null) frames.add(Frame.of(marks, now));
    RecordLog.Appended appended =
        frames.isEmpty() ? RecordLog.Appended.NOTHING : log.append(frames);
    List<RecordLog.Found> read = List.of();
    List<RecordLog.@Nullable Found> found = new ArrayList<>(again.size());
    IOException failure = null;
    try {
      if (readFrom != null) read = log.read(readFrom, MOST_READ, readBytes);
      for (Held held : again) found.add(log.read(held.place));
      log.dropBefore(dropBefore);
    } catch (IOException e) {
      failure = e;
    }
    while (found.size() < again.size()) found.add(null);
    return new Result(appended, read, found, log.diskBytes(), log.badFound(), failure);
  }
}
