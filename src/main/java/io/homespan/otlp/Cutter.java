package io.homespan.otlp;

import io.homespan.otlp.CutPlan.PartPlan;
import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Cuts a request into one {@link Part} an owner, in one pass over its bytes and without an object
 * per span. Not thread safe: belongs to one event loop, whose scratch tables it keeps.
 *
 * <p>A part holds its spans byte for byte and in order, under the other fields of their {@code
 * ResourceSpans} and {@code ScopeSpans} (known or not, repeated or not), which stand once per owner
 * and message. Unknown fields of the request itself go into every part; envelopes without a span
 * into none. What lies below a span's own fields is stepped over and not looked at.
 *
 * <p>A known field with a wire type that is not its own counts as unknown, as in any protobuf
 * parser.
 */
public final class Cutter {
  /** Says where a trace belongs. */
  public interface Owners {
    /**
     * The owner of a trace, numbered from 0 without gaps: tables are as long as the largest number.
     *
     * @param traceHigh the first eight bytes of the trace id, big-endian
     * @param traceLow the last eight
     */
    int owner(long traceHigh, long traceLow);
  }

  /** One owner's part. */
  public record Piece(int owner, Part part) {}

  /**
   * A request in pieces.
   *
   * @param pieces in the order of the owners' first spans
   * @param spans how many spans are in the pieces
   * @param invalidSpans how many have a trace id that is missing, not 16 bytes or zero; they are in
   *     no piece
   */
  public record Cut(List<Piece> pieces, int spans, int invalidSpans) {
    /** Makes the list immutable. */
    public Cut {
      pieces = List.copyOf(pieces);
    }
  }

  /**
   * How much the parts together may be longer than the request, because headers are repeated per
   * owner: eight times or 64 MiB, whichever is more. Real resources are far below; without a bound
   * a request of 4 MiB that is one resource and 200 spans would ask for 800 MiB.
   */
  private static final int MAX_GROWTH = 8;

  private static final long ALWAYS_ALLOWED = 64L << 20;

  private static final int RESOURCE_SPANS = 1 << 3 | WireReader.LENGTH_DELIMITED;
  private static final int SCOPE_SPANS = 2 << 3 | WireReader.LENGTH_DELIMITED;
  private static final int SPANS = 2 << 3 | WireReader.LENGTH_DELIMITED;
  private static final int TRACE_ID = 1 << 3 | WireReader.LENGTH_DELIMITED;
  private static final int SPAN_ID = 2 << 3 | WireReader.LENGTH_DELIMITED;

  private final WireReader in = new WireReader();
  private final CutPlan plan = new CutPlan();
  private int invalidSpans;

  /**
   * Cuts a serialized {@code ExportTraceServiceRequest}. If all its spans are valid and have one
   * owner, that owner's part is the request's own buffer.
   *
   * @throws MalformedException if the bytes are no such request, or one that would grow out of all
   *     proportion
   */
  public Cut cut(Buffer request, Owners owners) throws MalformedException {
    ByteBuffer raw = RawBytes.of(request);
    try {
      in.open(raw);
      invalidSpans = 0;
      request(raw.arrayOffset() + raw.limit(), owners);
      return pieces(request);
    } finally {
      in.close();
      plan.clear();
    }
  }

  /** How many ints it keeps for the next request. */
  int scratch() {
    return plan.capacity();
  }

  private void request(int end, Owners owners) throws MalformedException {
    while (in.pos() < end) {
      int from = in.pos();
      int tag = in.tag(end);
      if (tag == RESOURCE_SPANS) {
        resource(bodyEnd(end), owners);
      } else {
        in.skip(tag, end);
        plan.requestField(from, in.pos());
      }
    }
  }

  private void resource(int end, Owners owners) throws MalformedException {
    plan.beginResource();
    while (in.pos() < end) {
      int from = in.pos();
      int tag = in.tag(end);
      if (tag == SCOPE_SPANS) {
        scope(bodyEnd(end), owners);
      } else {
        in.skip(tag, end);
        plan.resourceField(from, in.pos());
      }
    }
    plan.endResource();
  }

  private void scope(int end, Owners owners) throws MalformedException {
    plan.beginScope();
    while (in.pos() < end) {
      int from = in.pos();
      int tag = in.tag(end);
      if (tag == SPANS) {
        span(from, bodyEnd(end), owners);
      } else {
        in.skip(tag, end);
        plan.scopeField(from, in.pos());
      }
    }
    plan.endScope();
  }

  /** Ids may stand anywhere in a span and more than once: the last of each counts. */
  private void span(int from, int end, Owners owners) throws MalformedException {
    int body = in.pos();
    int traceAt = body;
    int traceLength = 0;
    int spanAt = body;
    int spanLength = 0;
    while (in.pos() < end) {
      int tag = in.tag(end);
      if (tag == TRACE_ID) {
        traceLength = in.length(end);
        traceAt = in.pos();
        in.jump(traceAt + traceLength);
      } else if (tag == SPAN_ID) {
        spanLength = in.length(end);
        spanAt = in.pos();
        in.jump(spanAt + spanLength);
      } else {
        in.skip(tag, end);
      }
    }
    long high = traceLength == 16 ? in.longAt(traceAt) : 0;
    long low = traceLength == 16 ? in.longAt(traceAt + 8) : 0;
    if ((high | low) == 0) {
      invalidSpans++;
      return;
    }
    PartPlan part = plan.span(owners.owner(high, low), from, end);
    long id = spanLength == 8 ? in.longAt(spanAt) : 0;
    if (id == 0) part.hash.anonymousSpan(high, low, in, body, end);
    else part.hash.span(high, low, id, end - body);
  }

  private int bodyEnd(int end) throws MalformedException {
    int length = in.length(end);
    return in.pos() + length;
  }

  private Cut pieces(Buffer request) throws MalformedException {
    List<PartPlan> parts = plan.parts();
    boolean whole = parts.size() == 1 && invalidSpans == 0;
    if (!whole && plan.bytes() > Math.max(ALWAYS_ALLOWED, (long) MAX_GROWTH * request.length())) {
      throw new MalformedException(
          "resource and scope headers are too large to repeat for %d owners: %d bytes in all"
              .formatted(parts.size(), plan.bytes()));
    }
    List<Piece> pieces = new ArrayList<>(parts.size());
    int spans = 0;
    for (PartPlan part : parts) {
      Excerpt bytes = whole ? Excerpt.all(request) : plan.excerpt(part, in.bytes());
      pieces.add(new Piece(part.owner, new Part(part.hash.id(), bytes, part.spans)));
      spans += part.spans;
    }
    return new Cut(pieces, spans, invalidSpans);
  }
}
