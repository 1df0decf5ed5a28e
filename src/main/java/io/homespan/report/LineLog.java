package io.homespan.report;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * A file of lines, and one old one beside it. When it is full it takes the old one's place; what is
 * no regular file, a device or a pipe, is only written to. Blocks, and is not thread safe.
 */
final class LineLog {
  private final Path path;
  private final Path old;
  private final long most;
  private @Nullable FileChannel channel;
  private boolean regular;

  /**
   * Opens nothing yet.
   *
   * @param most bytes of the file, about: no line is cut
   */
  LineLog(Path path, long most) {
    this.path = path;
    this.old = path.resolveSibling(path.getFileName() + ".1");
    this.most = most;
  }

  /**
   * Writes whole lines. After a failure they are not there, as far as the file system allows, and
   * the next ones open the file anew.
   */
  void write(byte[] lines) throws IOException {
    long size = -1;
    try {
      FileChannel to = opened();
      if (regular && to.size() > 0 && to.size() + lines.length > most) {
        close();
        Files.move(path, old, StandardCopyOption.REPLACE_EXISTING);
        to = opened();
      }
      if (regular) size = to.size();
      for (ByteBuffer left = ByteBuffer.wrap(lines); left.hasRemaining(); ) to.write(left);
    } catch (IOException e) {
      if (size >= 0) cutBack(size);
      close();
      throw e;
    }
  }

  private FileChannel opened() throws IOException {
    FileChannel open = channel;
    if (open != null && (!regular || Files.exists(path))) return open;
    close(); // also where somebody has taken the file away
    FileChannel made =
        FileChannel.open(
            path, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
    channel = made;
    regular = Files.isRegularFile(path);
    return made;
  }

  private void cutBack(long size) {
    try {
      if (channel != null) channel.truncate(size);
    } catch (IOException e) {
      // a torn line stays: who reads JSON lines skips it
    }
  }

  void close() {
    FileChannel open = channel;
    channel = null;
    if (open == null) return;
    try {
      open.close();
    } catch (IOException e) {
      // all that was written has left this process
    }
  }
}
