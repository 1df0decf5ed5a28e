package io.homespan.guard;

import io.homespan.config.Config.SecretFile;
import io.homespan.config.FileStamp;
import io.homespan.metrics.Metrics;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What was read from a few files that belong together, read anew when one of them changes. What
 * can't be used changes nothing: the one before goes on, and that is told once, counted, and shown
 * for as long as it lasts. One thread looks; any may ask.
 */
final class LiveFiles<T> {
  private static final Logger LOG = LoggerFactory.getLogger(LiveFiles.class);
  private static final String READ = "homespan_secret_reads_total";
  private static final String READ_HELP =
      "Times that changed files of certificates, keys or tokens were read";

  /** Reads the files. Blocks. */
  interface Reading<T> {
    T read(@Nullable T before) throws UnusableException;
  }

  private final String of;
  private final List<SecretFile> files;
  private final Reading<T> reading;
  private final Metrics metrics;
  private volatile T now;
  private volatile @Nullable String trouble;
  private List<Object> seen;
  private List<Object> last; // that was taken or refused

  /**
   * Reads them for the first time. Blocks.
   *
   * @param of what they are for, as a metric's label
   */
  LiveFiles(String of, List<SecretFile> files, Reading<T> reading, Metrics metrics)
      throws UnusableException {
    this.of = of;
    this.files = files;
    this.reading = reading;
    this.metrics = metrics;
    this.seen = stamps();
    this.last = seen;
    this.now = reading.read(null);
    for (String result : new String[] {"taken", "refused"}) count(result, 0);
    metrics.gauge(
        "homespan_secret_files_refused",
        "1 while files of certificates, keys or tokens can't be used and those before go on",
        () -> trouble == null ? 0 : 1,
        "of",
        of);
  }

  T now() {
    return now;
  }

  /** Why the files as they are now can't be used; null if they are. */
  @Nullable String trouble() {
    return trouble;
  }

  /** Looks whether they have changed. To be called now and then, by one thread. Blocks. */
  void look() {
    List<Object> found = stamps();
    boolean settled = found.equals(seen); // who writes several is not done yet
    seen = found;
    if (!settled || found.equals(last)) return;
    try {
      T next = reading.read(now);
      if (!stamps().equals(found)) return; // was written on meanwhile
      last = found;
      now = next;
      trouble = null;
      count("taken", 1);
      LOG.info("new files are in use of={} files={}", of, paths());
    } catch (UnusableException e) {
      last = found;
      trouble = of + ": " + e.reason() + "; those before go on";
      count("refused", 1);
      LOG.error("new files can't be used, those before go on of={} problem={}", of, e.problem());
    }
  }

  private List<String> paths() {
    return files.stream().map(SecretFile::path).toList();
  }

  private List<Object> stamps() {
    List<Object> stamps = new ArrayList<>();
    for (SecretFile file : files) {
      try {
        stamps.add(FileStamp.of(Path.of(file.path())));
      } catch (IOException e) {
        stamps.add("none");
      }
    }
    return stamps;
  }

  private void count(String result, long times) {
    metrics.count(READ, READ_HELP, times, "of", of, "result", result);
  }
}
