package io.homespan.sink;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The files that a full file becomes: {@code <path>.<UTC time>-<number>}, unique, and in the order
 * of time when sorted by name. Blocks.
 */
final class RotatedFiles {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss.SSS'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);
  private static final int NUMBERS = 1000;

  private final Path path;
  private final int keep;
  private final InstantSource clock;
  private final Pattern name;
  private String time = "";
  private int number;

  /** Of the file at this path; {@code keep} 0: none is deleted. */
  RotatedFiles(Path path, int keep, InstantSource clock) {
    this.path = path;
    this.keep = keep;
    this.clock = clock;
    this.name =
        Pattern.compile(
            Pattern.quote(String.valueOf(path.getFileName()))
                + "\\.\\d{8}T\\d{6}\\.\\d{3}Z-\\d{3}");
  }

  /** Gives the file its rotated name, so that a new one can be begun. */
  Path rotate() throws IOException {
    String now = TIME.format(clock.instant());
    // Not from 0 again within one millisecond: a number that was pruned would sort as the oldest.
    if (!now.equals(time)) number = 0;
    time = now;
    while (number < NUMBERS) {
      Path to =
          path.resolveSibling(path.getFileName() + "." + time + String.format("-%03d", number++));
      if (!Files.exists(to)) return Files.move(path, to);
    }
    throw new FileAlreadyExistsException(path + "." + time);
  }

  /** Deletes the oldest beyond the number to keep. */
  void prune() throws IOException {
    if (keep == 0) return;
    List<Path> rotated = all();
    for (Path tooOld : rotated.subList(0, Math.max(0, rotated.size() - keep))) {
      Files.deleteIfExists(tooOld);
    }
  }

  /** The rotated files, the oldest first. */
  List<Path> all() throws IOException {
    Path directory = path.toAbsolutePath().getParent();
    try (Stream<Path> files = Files.list(directory == null ? path.toAbsolutePath() : directory)) {
      return files
          .filter(f -> name.matcher(String.valueOf(f.getFileName())).matches())
          .sorted()
          .toList();
    }
  }
}
