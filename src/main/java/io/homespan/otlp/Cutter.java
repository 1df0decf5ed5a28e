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
 * and message. Unknown fields of the request itself go into every part, but for the labels of a
 * {@link Batch}, which only who joins parts may write; envelopes without a span go into none. What
 * lies below a span's own fields is stepped over and not looked at.
 *
 * <p>A known field with a wire type that is not its own counts as unknown, as in any protobuf
 * parser.
 */
public final class Cutter implements Cutting {
  /** Says where a trace belongs, or what else a {@link RoutingKey} goes by. */
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

  /** How many spans are found before their owners are. */
  private static final int BATCH = 64;

  private static final int RESOURCE_SPANS = 1 << 3 | WireReader.LENGTH_DELIMITED;
  private static final int SCOPE_SPANS = 2 << 3 | WireReader.LENGTH_DELIMITED;
  private static final int SPANS = 2 << 3 | WireReader.LENGTH_DELIMITED;
  private static final int TRACE_ID = 1 << 3 | WireReader.LENGTH_DELIMITED;
  private static final int SPAN_ID = 2 << 3 | WireReader.LENGTH_DELIMITED;

  private static final int TRACE_ID_OF_16 = TRACE_ID << 8 | 16;
  private static final int SPAN_ID_OF_8 = SPAN_ID << 8 | 8;

  /** Two ids with tags and lengths. */
  private static final int LEAST_USUAL = 2 + 16 + 2 + 8;

  private final WireReader in = new WireReader();
  private final CutPlan plan = new CutPlan();
  // The spans that were found and have no owner yet.
  private final long[] ids = new long[3 * BATCH]; // trace id (high, low), span id or 0
  private final int[] places = new int[3 * BATCH]; // from, body, end
  private final int[] owner = new int[BATCH];
  private int found;
  private int invalidSpans;

  @Override
  public Cut cut(Buffer request, Owners owners) throws MalformedException {
    ByteBuffer raw = RawBytes.of(request);
    try {
      in.open(raw);
      invalidSpans = 0;
      found = 0;
      request(raw.arrayOffset() + raw.limit(), owners);
      return pieces(plan, in, invalidSpans, request);
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
        if (tag == Batch.LABEL_TAG) plan.leaveOut();
        else plan.requestField(from, in.pos());
      }
    }
    plan.endRequest();
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
    while (true) {
      usualSpans(end);
      if (found == BATCH) {
        assign(owners);
        continue;
      }
      if (in.pos() == end) break;
      int from = in.pos();
      int tag = in.tag(end);
      if (tag == SPANS) {
        span(from, bodyEnd(end));
      } else {
        in.skip(tag, end);
        plan.scopeField(from, in.pos());
      }
    }
    assign(owners);
    plan.endScope();
  }

  /** Takes spans as long as they come as nearly all do: with their ids in front, no field odd. */
  private void usualSpans(int end) {
    byte[] b = in.bytes();
    int from = in.pos();
    int last = Math.min(end, b.length) - LEAST_USUAL - 3;
    while (from <= last && found < BATCH && b[from] == SPANS) {
      int body = from + 2;
      int length = b[from + 1];
      if (length < 0) {
        int high = b[body++];
        if (high < 0) break;
        length = (length & 0x7F) | high << 7;
      }
      int to = body + length;
      if (length < LEAST_USUAL || to > end) break;
      if (in.shortAt(body) != TRACE_ID_OF_16 || in.shortAt(body + 18) != SPAN_ID_OF_8) break;
      long high = in.longAt(body + 2);
      long low = in.longAt(body + 10);
      long id = in.longAt(body + 20);
      if ((high | low) == 0 || !in.isPlain(body + LEAST_USUAL, to, SPAN_ID)) break;
      found(from, body, to, high, low, id);
      from = to;
    }
    in.jump(from);
  }

  /** Ids may stand anywhere in a span and more than once: the last of each counts. */
  private void span(int from, int end) throws MalformedException {
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
    found(from, body, end, high, low, spanLength == 8 ? in.longAt(spanAt) : 0);
  }

  private void found(int from, int body, int end, long high, long low, long id) {
    int i = 3 * found;
    ids[i] = high;
    ids[i + 1] = low;
    ids[i + 2] = id;
    places[i] = from;
    places[i + 1] = body;
    places[i + 2] = end;
    found++;
  }

  /**
   * Gives the spans that were found to their owners. First all owners are looked up: that way the
   * processor waits for several places of the owner table at a time.
   */
  private void assign(Owners owners) {
    int spans = found;
    for (int i = 0; i < spans; i++) owner[i] = owners.owner(ids[3 * i], ids[3 * i + 1]);
    for (int i = 0; i < spans; i++) {
      long id = ids[3 * i + 2];
      int body = places[3 * i + 1];
      int end = places[3 * i + 2];
      PartPlan part = plan.span(owner[i], places[3 * i], end);
      if (id == 0) part.hash.anonymousSpan(ids[3 * i], ids[3 * i + 1], in, body, end);
      else part.hash.span(ids[3 * i], ids[3 * i + 1], id, end - body);
    }
    found = 0;
  }

  private int bodyEnd(int end) throws MalformedException {
    int length = in.length(end);
    return in.pos() + length;
  }

  static Cut pieces(CutPlan plan, WireReader in, int invalidSpans, Buffer request)
      throws MalformedException {
    List<PartPlan> parts = plan.parts();
    boolean whole = parts.size() == 1 && invalidSpans == 0 && !plan.leavesOut();
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
