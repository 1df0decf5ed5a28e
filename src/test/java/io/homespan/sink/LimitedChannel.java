package io.homespan.sink;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * A file on a disk that takes so many bytes: the last write is a short one, as the kernel's is; it
 * may also be slow.
 */
final class LimitedChannel extends FileChannel {
  /** The disk. */
  static final class Disk implements LineFile.Opener {
    volatile long room;
    volatile boolean mayTruncate = true;
    volatile CountDownLatch gate = new CountDownLatch(0);

    Disk(long room) {
      this.room = room;
    }

    synchronized void take(long bytes) {
      room -= bytes;
    }

    @Override
    public FileChannel open(Path path, Set<StandardOpenOption> options) throws IOException {
      return new LimitedChannel(FileChannel.open(path, options), this);
    }
  }

  private final FileChannel file;
  private final Disk disk;

  private LimitedChannel(FileChannel file, Disk disk) {
    this.file = file;
    this.disk = disk;
  }

  @Override
  public int write(ByteBuffer from) throws IOException {
    try {
      disk.gate.await();
    } catch (InterruptedException e) {
      throw new InterruptedIOException();
    }
    if (disk.room == 0) throw new IOException("No space left on device");
    int length = (int) Math.min(disk.room, from.remaining());
    int written = file.write(from.slice(from.position(), length));
    from.position(from.position() + written);
    disk.take(written);
    return written;
  }

  @Override
  public FileChannel truncate(long size) throws IOException {
    if (!disk.mayTruncate) throw new IOException("Input/output error");
    disk.take(size - file.size());
    file.truncate(size);
    return this;
  }

  @Override
  public FileChannel position(long at) throws IOException {
    file.position(at);
    return this;
  }

  @Override
  public long position() throws IOException {
    return file.position();
  }

  @Override
  public long size() throws IOException {
    return file.size();
  }

  @Override
  public int read(ByteBuffer to, long at) throws IOException {
    return file.read(to, at);
  }

  @Override
  public @Nullable FileLock tryLock(long at, long size, boolean shared) throws IOException {
    return file.tryLock(at, size, shared);
  }

  @Override
  protected void implCloseChannel() throws IOException {
    file.close();
  }

  @Override
  public void force(boolean metaData) {
    throw new UnsupportedOperationException();
  }

  @Override
  public int read(ByteBuffer to) {
    throw new UnsupportedOperationException();
  }

  @Override
  public long read(ByteBuffer[] to, int offset, int length) {
    throw new UnsupportedOperationException();
  }

  @Override
  public long write(ByteBuffer[] from, int offset, int length) {
    throw new UnsupportedOperationException();
  }

  @Override
  public int write(ByteBuffer from, long at) {
    throw new UnsupportedOperationException();
  }

  @Override
  public long transferTo(long at, long count, WritableByteChannel target) {
    throw new UnsupportedOperationException();
  }

  @Override
  public long transferFrom(ReadableByteChannel source, long at, long count) {
    throw new UnsupportedOperationException();
  }

  @Override
  public MappedByteBuffer map(MapMode mode, long at, long size) {
    throw new UnsupportedOperationException();
  }

  @Override
  public FileLock lock(long at, long size, boolean shared) {
    throw new UnsupportedOperationException();
  }
}
