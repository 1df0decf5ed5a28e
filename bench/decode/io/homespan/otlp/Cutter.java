package io.homespan.otlp;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Decodes a request into objects, regroups its spans by owner and encodes each group again. Stands
 * in for Homespan's own class of this name in the contestant "decode", which so shows what this
 * server would cost if it worked as others do.
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

  /** What one owner gets, with the resource and scope that are being filled. */
  private static final class Group {
    final ExportTraceServiceRequest.Builder request = ExportTraceServiceRequest.newBuilder();
    ResourceSpans from = ResourceSpans.getDefaultInstance();
    ScopeSpans fromScope = ScopeSpans.getDefaultInstance();
    ResourceSpans.Builder resource;
    ScopeSpans.Builder scope;
    long high;
    long low;
    int spans;

    void add(ResourceSpans in, ScopeSpans inScope, Span span, long traceHigh, long traceLow) {
      if (resource == null || from != in) {
        from = in;
        resource = request.addResourceSpansBuilder();
        resource.setResource(in.getResource()).setSchemaUrl(in.getSchemaUrl());
        scope = null;
      }
      if (scope == null || fromScope != inScope) {
        fromScope = inScope;
        scope = resource.addScopeSpansBuilder();
        scope.setScope(inScope.getScope()).setSchemaUrl(inScope.getSchemaUrl());
      }
      scope.addSpans(span);
      spans++;
      high = high * 31 + traceHigh;
      low = low * 31 + traceLow + span.getSpanId().hashCode();
    }
  }

  public Cut cut(Buffer request, Owners owners) throws MalformedException {
    ExportTraceServiceRequest decoded;
    try {
      decoded = ExportTraceServiceRequest.parseFrom(RawBytes.of(request));
    } catch (InvalidProtocolBufferException e) {
      throw new MalformedException(String.valueOf(e.getMessage()));
    }
    Map<Integer, Group> groups = new TreeMap<>();
    int invalid = 0;
    for (ResourceSpans resource : decoded.getResourceSpansList()) {
      for (ScopeSpans scope : resource.getScopeSpansList()) {
        for (Span span : scope.getSpansList()) {
          ByteString trace = span.getTraceId();
          long high = trace.size() == 16 ? number(trace, 0) : 0;
          long low = trace.size() == 16 ? number(trace, 8) : 0;
          if ((high | low) == 0) {
            invalid++;
            continue;
          }
          groups
              .computeIfAbsent(owners.owner(high, low), owner -> new Group())
              .add(resource, scope, span, high, low);
        }
      }
    }
    return new Cut(encoded(groups), spans(groups), invalid);
  }

  private static List<Piece> encoded(Map<Integer, Group> groups) {
    List<Piece> pieces = new ArrayList<>(groups.size());
    groups.forEach(
        (owner, group) -> {
          Buffer bytes = RawBytes.wrap(group.request.build().toByteArray());
          PartId id = new PartId(group.high, group.low);
          pieces.add(new Piece(owner, new Part(id, bytes, group.spans)));
        });
    return pieces;
  }

  private static int spans(Map<Integer, Group> groups) {
    return groups.values().stream().mapToInt(group -> group.spans).sum();
  }

  private static long number(ByteString bytes, int from) {
    long number = 0;
    for (int i = from; i < from + 8; i++) number = number << 8 | bytes.byteAt(i) & 0xFF;
    return number;
  }
}
