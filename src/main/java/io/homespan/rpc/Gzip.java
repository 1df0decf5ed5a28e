package io.homespan.rpc;

import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/** gzip (RFC 1952) with a bound on what comes out. */
public final class Gzip {
  private static final int CHUNK = 16 << 10;

  private Gzip() {}

  /**
   * Unpacks.
   *
   * @param limit the most bytes that may come out
   * @throws TooLargeException if more would
   * @throws IOException if the bytes are not gzip or end too early
   */
  public static Buffer unpack(Buffer packed, int limit) throws IOException {
    try (GZIPInputStream in =
        new GZIPInputStream(new ByteArrayInputStream(packed.getBytes()), CHUNK)) {
      Buffer out = Buffer.buffer((int) Math.min(limit, 4L * packed.length()));
      byte[] chunk = new byte[CHUNK];
      for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
        if (out.length() + n > limit) throw new TooLargeException(limit);
        out.appendBytes(chunk, 0, n);
      }
      return out;
    }
  }

  /** Packs something small. */
  public static Buffer pack(Buffer plain) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write(plain.getBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e); // cannot be: it writes to memory
    }
    return Buffer.buffer(bytes.toByteArray());
  }

  /** More would come out than is allowed. Carries no stack trace: the sender is to blame. */
  public static final class TooLargeException extends IOException {
    private static final long serialVersionUID = 1;

    TooLargeException(int limit) {
      super("more than " + limit + " bytes after decompression");
    }

    @Override
    public synchronized Throwable fillInStackTrace() {
      return this;
    }
  }
}
