package io.homespan.journal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts bytes of the journal that can't be read into files of their own, so that somebody may look
 * at them; up to a bound, behind which they are only counted. Blocks; belongs to one thread.
 */
final class SetAside {
  private static final Logger LOG = LoggerFactory.getLogger(SetAside.class);
  private static final long MOST_BYTES = 64 << 20;

  private final Path directory;
  private int count;

  SetAside(Path directory) {
    this.directory = directory;
  }

  /** How often something was set aside. */
  int count() {
    return count;
  }

  /** Keeps what lies at this place. Never fails: a journal must start whatever is wrong with it. */
  void put(Place place, ByteBuffer bytes) {
    count++;
    Path file = directory.resolve("journal-" + place.file() + "-" + place.offset() + ".bad");
    LOG.warn(
        "a part of the journal can't be read and is set aside bytes={} to={}",
        bytes.remaining(),
        file);
    try {
      Files.createDirectories(directory);
      if (used() + bytes.remaining() > MOST_BYTES) return;
      try (FileChannel out =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
        ByteBuffer rest = bytes.duplicate();
        while (rest.hasRemaining()) out.write(rest);
      }
    } catch (IOException | UncheckedIOException e) {
      LOG.warn("cannot set it aside to={} cause={}", file, e.toString());
    }
  }

  private long used() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.mapToLong(file -> file.toFile().length()).sum();
    }
  }
}
