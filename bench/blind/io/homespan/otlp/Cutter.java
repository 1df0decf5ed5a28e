package io.homespan.otlp;

import io.vertx.core.buffer.Buffer;
import java.util.List;

/**
 * Looks at nothing: each request goes untouched to one peer, the next by a running number. Stands
 * in for Homespan's own class of this name in the contestant "blind", which so shows what this
 * server costs without the cut. No span reaches its owner but by chance.
 */
public final class Cutter {
  /** As in the class it stands in for. */
  public interface Owners {
    int owner(long traceHigh, long traceLow);
  }

  /** As in the class it stands in for. */
  public record Piece(int owner, Part part) {}

  /** As in the class it stands in for. */
  public record Cut(List<Piece> pieces, int spans, int invalidSpans) {}

  /**
   * How many spans a request has is not known; with so many none waits to be joined with others.
   */
  private static final int SPANS = 10_000;

  private static final long GOLDEN = 0x9e3779b97f4a7c15L;

  private long number;

  public Cut cut(Buffer request, Owners owners) {
    number += GOLDEN; // as the next trace id, so that the peers get equal shares
    Part part = new Part(new PartId(number, System.identityHashCode(this)), request, SPANS);
    return new Cut(List.of(new Piece(owners.owner(number, number), part)), SPANS, 0);
  }
}
