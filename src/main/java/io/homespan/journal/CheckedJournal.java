package io.homespan.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.zip.Adler32;
import org.apache.activemq.store.kahadb.disk.journal.DataFile;
import org.apache.activemq.store.kahadb.disk.journal.Journal;
import org.apache.activemq.store.kahadb.disk.journal.Location;
import org.apache.activemq.store.kahadb.disk.util.Sequence;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The library's journal, with a check of files of its own. The library's looks for the next batch
 * where it already stands when a batch's length is negative, for ever, and takes a length of zero
 * for the end of the file: one flipped bit is enough for either. It also believes a batch whose
 * checksum is not positive.
 */
final class CheckedJournal extends Journal {
  private static final Logger LOG = LoggerFactory.getLogger(CheckedJournal.class);
  private static final int CHUNK = 64 << 10;
  private static final int LENGTH_AT = BATCH_CONTROL_RECORD_HEADER.length;

  /**
   * Notes what is no whole batch as corrupted, and where the last whole one ends as the file's
   * length.
   */
  @Override
  protected Location recoveryCheck(DataFile file) throws IOException {
    int at = 0;
    try (FileChannel in =
        FileChannel.open(
            file.getFile().toPath(),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE)) {
      int size = (int) Math.min(Integer.MAX_VALUE - 1, in.size());
      while (at < size && !isEnd(in, at, size)) {
        int end = end(in, at, size);
        if (end < 0) end = corrupted(file, in, at, size);
        if (end < 0) break;
        at = end;
      }
    } catch (IOException e) {
      LOG.warn("the journal can't be read on file={} at={}", file.getFile(), at, e);
    }
    int before = file.getLength();
    file.setLength(at);
    if (before > at) totalLength.addAndGet(at - before);
    return new Location(file.getDataFileId(), at);
  }

  /** Where the next whole batch begins; -1 if none does. */
  private static int corrupted(DataFile file, FileChannel in, int at, int size) throws IOException {
    int next = header(in, at + 1, size);
    while (next >= 0 && end(in, next, size) < 0) next = header(in, next + 1, size);
    file.getCorruptedBlocks().add(new Sequence(at, next < 0 ? size : next - 1));
    return next;
  }

  private static boolean isEnd(FileChannel in, int at, int size) throws IOException {
    return size - at == EOF_RECORD.length
        && Arrays.equals(bytes(in, at, EOF_RECORD.length).array(), EOF_RECORD);
  }

  /** Where the batch that begins here ends; -1 if none does, or it is not whole. */
  private static int end(FileChannel in, int at, int size) throws IOException {
    if (size - at < BATCH_CONTROL_RECORD_SIZE) return -1;
    ByteBuffer head = bytes(in, at, BATCH_CONTROL_RECORD_SIZE);
    if (!isHeader(head, 0)) return -1;
    int length = head.getInt(LENGTH_AT);
    int begin = at + BATCH_CONTROL_RECORD_SIZE;
    if (length <= 0 || length > size - begin) return -1;
    Adler32 sum = new Adler32();
    for (int done = 0; done < length; done += CHUNK) {
      sum.update(bytes(in, begin + done, Math.min(CHUNK, length - done)));
    }
    return sum.getValue() == head.getLong(LENGTH_AT + Integer.BYTES) ? begin + length : -1;
  }

  /** Where the next batch may begin, by its first bytes; -1 if nowhere. */
  private static int header(FileChannel in, int from, int size) throws IOException {
    for (int at = from; size - at >= LENGTH_AT; at += CHUNK - LENGTH_AT + 1) {
      ByteBuffer chunk = bytes(in, at, Math.min(CHUNK, size - at));
      for (int i = 0; i <= chunk.limit() - LENGTH_AT; i++) if (isHeader(chunk, i)) return at + i;
    }
    return -1;
  }

  private static boolean isHeader(ByteBuffer in, int at) {
    for (int i = 0; i < LENGTH_AT; i++) {
      if (in.get(at + i) != BATCH_CONTROL_RECORD_HEADER[i]) return false;
    }
    return true;
  }

  private static ByteBuffer bytes(FileChannel in, int at, int count) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(count);
    while (bytes.hasRemaining()) {
      if (in.read(bytes, (long) at + bytes.position()) < 0) throw new IOException("it got shorter");
    }
    return bytes.flip();
  }
}
