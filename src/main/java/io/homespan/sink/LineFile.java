package io.homespan.sink;

import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file of whole lines, written by this process alone. Blocks, and is not thread safe: belongs to
 * one worker.
 *
 * <p>A group of lines is in the file or it is not: after a failed write the file is cut back to
 * where the group began. Where even that fails, and after a kill, the torn line stays, and the next
 * write begins a new one. A written line has left the process (it is safe from kill -9), but no
 * fsync makes it safe from power loss.
 *
 * <p>What is no regular file (a device, a pipe) is written to without lock, rotation or repair.
 */
final class LineFile {
  /** Opens a channel; a test's may run full. */
  interface Opener {
    FileChannel open(Path path, Set<StandardOpenOption> options) throws IOException;
  }

  private static final Logger LOG = LoggerFactory.getLogger(LineFile.class);
  private static final int STAGE_BYTES = 128 << 10;
  private static final byte NEWLINE = '\n';

  private final Path path;
  private final long rotateBytes;
  private final RotatedFiles rotated;
  private final Opener opener;
  private final byte[] staged = new byte[STAGE_BYTES];
  private final ByteBuffer stage = ByteBuffer.wrap(staged);

  private @Nullable FileChannel channel;
  private @Nullable Object fileKey;
  private boolean regular;
  private boolean newLineFirst;
  private boolean rotationFailed;

  /** The file at this path; at {@code rotateBytes} it is rotated. */
  LineFile(Path path, long rotateBytes, RotatedFiles rotated, Opener opener) {
    this.path = path;
    this.rotateBytes = rotateBytes;
    this.rotated = rotated;
    this.opener = opener;
  }

  /**
   * Opens the file for appending, and creates it and its directories where they are missing.
   *
   * @throws IOException with a message for the operator: not writable, a directory, or written by
   *     another process
   */
  void open() throws IOException {
    Path directory = path.toAbsolutePath().getParent();
    if (directory != null && !Files.isDirectory(directory)) Files.createDirectories(directory);
    if (Files.isDirectory(path))
      throw new FileSystemException(path.toString(), null, "is a directory");
    boolean special = Files.exists(path) && !Files.isRegularFile(path);
    FileChannel opened =
        opener.open(
            path,
            special
                ? Set.of(StandardOpenOption.WRITE)
                : Set.of(
                    StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE));
    try {
      if (!special) {
        lock(opened);
        newLineFirst = endsWithinLine(opened);
        fileKey = key();
      }
    } catch (IOException | RuntimeException e) {
      opened.close();
      throw e;
    }
    channel = opened;
    regular = !special;
  }

  /**
   * Appends these lines, which have no newline of their own, in one group.
   *
   * @throws IOException when not all could be written; then none of them is in the file
   */
  void append(List<Buffer> lines) throws IOException {
    FileChannel out = ready();
    long begin = regular ? out.size() : 0;
    if (regular) out.position(begin);
    try {
      stage.clear();
      if (newLineFirst) stage.put(NEWLINE);
      for (Buffer line : lines) {
        stage(out, line);
        if (!stage.hasRemaining()) flush(out);
        stage.put(NEWLINE);
      }
      flush(out);
      newLineFirst = false;
    } catch (IOException e) {
      cutBack(out, begin);
      throw e;
    }
  }

  /** Closes the file; it can be opened again. */
  void close() throws IOException {
    FileChannel open = channel;
    channel = null;
    if (open != null) open.close(); // and with it the lock
  }

  /** The channel to append to: after a rotation, or when the path was moved away, a new one. */
  private FileChannel ready() throws IOException {
    if (channel != null && regular && movedAway()) {
      LOG.info("the file was moved away, a new one is begun path={}", path);
      close();
    }
    if (channel != null && regular && rotateBytes > 0 && channel.size() >= rotateBytes) rotate();
    if (channel == null) open();
    return Objects.requireNonNull(channel);
  }

  /** A file that can't be rotated grows on: that loses nothing. */
  private void rotate() throws IOException {
    try {
      rotated.rotate();
    } catch (IOException e) {
      if (!rotationFailed) LOG.warn("cannot rotate path={} cause={}", path, e.toString());
      rotationFailed = true;
      return;
    }
    rotationFailed = false;
    close();
    try {
      rotated.prune();
    } catch (IOException e) {
      LOG.warn("cannot delete the oldest rotated files path={} cause={}", path, e.toString());
    }
  }

  private void stage(FileChannel out, Buffer line) throws IOException {
    int at = 0;
    while (at < line.length()) {
      if (!stage.hasRemaining()) flush(out);
      int length = Math.min(stage.remaining(), line.length() - at);
      line.getBytes(at, at + length, staged, stage.position());
      stage.position(stage.position() + length);
      at += length;
    }
  }

  private void flush(FileChannel out) throws IOException {
    stage.flip();
    while (stage.hasRemaining()) {
      if (out.write(stage) == 0) throw new IOException("No space left on device");
    }
    stage.clear();
  }

  private void cutBack(FileChannel out, long begin) {
    try {
      if (regular) out.truncate(begin);
      else newLineFirst = true;
    } catch (IOException e) {
      newLineFirst = true;
      LOG.warn("cannot cut a torn line off path={} cause={}", path, e.toString());
    }
  }

  private void lock(FileChannel opened) throws IOException {
    try {
      if (opened.tryLock() != null) return;
    } catch (OverlappingFileLockException e) {
      // held within this process
    } catch (IOException e) {
      LOG.warn(
          "cannot lock, so two writers would not be noticed path={} cause={}", path, e.toString());
      return;
    }
    throw new FileSystemException(path.toString(), null, "another process or sink writes to it");
  }

  private static boolean endsWithinLine(FileChannel opened) throws IOException {
    long size = opened.size();
    ByteBuffer last = ByteBuffer.allocate(1);
    return size > 0 && opened.read(last, size - 1) == 1 && last.get(0) != NEWLINE;
  }

  private boolean movedAway() throws IOException {
    try {
      return !Objects.equals(fileKey, key());
    } catch (NoSuchFileException e) {
      return true;
    }
  }

  private @Nullable Object key() throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
  }
}
