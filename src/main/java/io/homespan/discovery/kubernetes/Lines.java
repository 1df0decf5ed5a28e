package io.homespan.discovery.kubernetes;

import io.homespan.discovery.LookupException;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;

/** Makes lines of what comes in pieces. Not thread safe: belongs to one watch. */
final class Lines {
  private final int most;
  private Buffer rest = Buffer.buffer();

  /** {@code most} bytes may be in a line. */
  Lines(int most) {
    this.most = most;
  }

  /** The lines that this piece completes, without their ends; those that are empty are left out. */
  List<Buffer> add(Buffer piece) throws LookupException {
    List<Buffer> lines = new ArrayList<>();
    int begin = 0;
    for (int i = 0; i < piece.length(); i++) {
      if (piece.getByte(i) != '\n') continue;
      check(i - begin);
      Buffer line = rest.appendBuffer(piece, begin, i - begin);
      rest = Buffer.buffer();
      begin = i + 1;
      if (line.length() > 0) lines.add(line);
    }
    check(piece.length() - begin);
    rest.appendBuffer(piece, begin, piece.length() - begin);
    return lines;
  }

  private void check(int more) throws LookupException {
    if (more <= most - rest.length()) return;
    throw new LookupException("oversized", "the API told of more than " + most + " bytes at once");
  }

  /** Whether a line has begun and not ended. */
  boolean isCut() {
    return rest.length() > 0;
  }
}
