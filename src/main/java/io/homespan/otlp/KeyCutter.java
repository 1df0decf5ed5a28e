package io.homespan.otlp;

import io.homespan.otlp.CutPlan.PartPlan;
import io.homespan.otlp.Cutter.Cut;
import io.homespan.otlp.Cutter.Owners;
import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Cuts a request by a {@link RoutingKey} of attributes, as {@link Cutter} does by trace id: spans
 * byte for byte, under the same headers, with the same ids, but for who owns which span. {@link
 * Owners} is asked with the key's hash as the high half and 0 as the low one.
 *
 * <p>A name is looked for in the resource's attributes, then in the scope's, then, if it is {@code
 * span.kind} or {@code span.name}, in the span's own fields, else in the span's attributes; where
 * it stands twice in one of them the first counts. So what the resource and the scope have decides
 * for all spans in them at once, and those are looked at no closer than by {@link Cutter}.
 *
 * <p>It reads attributes, which {@link Cutter} steps over: so it refuses as malformed what is
 * broken in there. Not thread safe: belongs to one event loop, whose scratch tables it keeps.
 */
final class KeyCutter implements Cutting {
  private static final int RESOURCE_SPANS = 1 << 3 | WireReader.LENGTH_DELIMITED;
  private static final int RESOURCE = 1 << 3 | WireReader.LENGTH_DELIMITED;
  private static final int RESOURCE_ATTRIBUTES = 1 << 3 | WireReader.LENGTH_DELIMITED;
  private static final int SCOPE_SPANS = 2 << 3 | WireReader.LENGTH_DELIMITED;
  private static final int SCOPE = 1 << 3 | WireReader.LENGTH_DELIMITED;
  private static final int SCOPE_ATTRIBUTES = 3 << 3 | WireReader.LENGTH_DELIMITED;
  private static final int SPANS = 2 << 3 | WireReader.LENGTH_DELIMITED;
  private static final int TRACE_ID = 1 << 3 | WireReader.LENGTH_DELIMITED;
  private static final int SPAN_ID = 2 << 3 | WireReader.LENGTH_DELIMITED;
  private static final int SPAN_NAME = 5 << 3 | WireReader.LENGTH_DELIMITED;
  private static final int SPAN_KIND = 6 << 3 | WireReader.VARINT;
  private static final int SPAN_ATTRIBUTES = 9 << 3 | WireReader.LENGTH_DELIMITED;

  private final KeyValues values;
  private final WireReader in = new WireReader();
  private final CutPlan plan = new CutPlan();
  private int invalidSpans;

  KeyCutter(List<String> attributes) {
    this.values = new KeyValues(attributes, in);
  }

  @Override
  public Cut cut(Buffer request, Owners owners) throws MalformedException {
    ByteBuffer raw = RawBytes.of(request);
    try {
      in.open(raw);
      invalidSpans = 0;
      request(raw.arrayOffset() + raw.limit(), owners);
      return Cutter.pieces(plan, in, invalidSpans, request);
    } finally {
      in.close();
      plan.clear();
      values.clear();
    }
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
    values.beginResource();
    attributesIn(end, RESOURCE, RESOURCE_ATTRIBUTES);
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
    values.beginScope();
    if (!values.complete()) attributesIn(end, SCOPE, SCOPE_ATTRIBUTES);
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

  /** Looks through messages of this tag for attributes, and comes back to where it began. */
  private void attributesIn(int end, int message, int attribute) throws MalformedException {
    int begin = in.pos();
    while (in.pos() < end) {
      int tag = in.tag(end);
      if (tag != message) {
        in.skip(tag, end);
        continue;
      }
      int to = bodyEnd(end);
      while (in.pos() < to) {
        int inner = in.tag(to);
        if (inner == attribute) values.attribute(bodyEnd(to));
        else in.skip(inner, to);
      }
    }
    in.jump(begin);
  }

  /** Fields may stand anywhere in a span and more than once: the last of each counts. */
  private void span(int from, int end, Owners owners) throws MalformedException {
    int body = in.pos();
    int traceAt = body;
    int traceLength = 0;
    int spanAt = body;
    int spanLength = 0;
    boolean wanted = values.beginSpan();
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
      } else if (wanted && tag == SPAN_NAME) {
        values.name(bodyEnd(end));
      } else if (wanted && tag == SPAN_KIND) {
        values.kind((int) in.number(end));
      } else if (wanted && tag == SPAN_ATTRIBUTES) {
        values.attribute(bodyEnd(end));
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
    long id = spanLength == 8 ? in.longAt(spanAt) : 0;
    PartPlan part = plan.span(owners.owner(values.hash(), 0), from, end);
    if (id == 0) part.hash.anonymousSpan(high, low, in, body, end);
    else part.hash.span(high, low, id, end - body);
  }

  private int bodyEnd(int end) throws MalformedException {
    int length = in.length(end);
    return in.pos() + length;
  }
}
