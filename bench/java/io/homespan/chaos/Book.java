package io.homespan.chaos;

import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file of records that is only ever appended to. Any thread may write. */
final class Book {
  /** Writes one record. */
  interface Entry {
    void write(DataOutputStream to) throws IOException;
  }

  private final DataOutputStream out;
  private final long base;

  /** Times in it are milliseconds since {@code base}, which is by the system's clock. */
  Book(Path path, long base) throws IOException {
    this.base = base;
    out = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(path), 1 << 16));
  }

  /** Milliseconds since the run began. */
  int now() {
    return (int) (System.currentTimeMillis() - base);
  }

  synchronized void add(Entry entry) {
    try {
      entry.write(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  synchronized void flush() {
    try {
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
