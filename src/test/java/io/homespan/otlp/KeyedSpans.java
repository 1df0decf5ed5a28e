package io.homespan.otlp;

import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The keys of a request's spans by a {@link RoutingKey}, made from decoded messages, slowly and
 * plainly: what a {@link KeyCutter} is compared with.
 */
final class KeyedSpans {
  private static final String[] KINDS = {
    "Unspecified", "Internal", "Server", "Client", "Producer", "Consumer"
  };

  private static final Set<AnyValue.ValueCase> TEXTS =
      EnumSet.of(
          AnyValue.ValueCase.STRING_VALUE,
          AnyValue.ValueCase.BOOL_VALUE,
          AnyValue.ValueCase.INT_VALUE,
          AnyValue.ValueCase.VALUE_NOT_SET);

  private KeyedSpans() {}

  /** Of each valid span, in order, the hash that its owner is asked for by. */
  static List<Long> of(ExportTraceServiceRequest request, List<String> names) {
    List<Long> keys = new ArrayList<>();
    for (ResourceSpans resource : request.getResourceSpansList()) {
      for (ScopeSpans scope : resource.getScopeSpansList()) {
        for (Span span : scope.getSpansList()) {
          if (isValid(span)) keys.add(key(resource, scope, span, names));
        }
      }
    }
    return keys;
  }

  /** Whether no value of these names is more than text, a number or a truth value. */
  static boolean areTexts(ExportTraceServiceRequest request, List<String> names) {
    List<KeyValue> all = new ArrayList<>();
    for (ResourceSpans resource : request.getResourceSpansList()) {
      all.addAll(resource.getResource().getAttributesList());
      for (ScopeSpans scope : resource.getScopeSpansList()) {
        all.addAll(scope.getScope().getAttributesList());
        for (Span span : scope.getSpansList()) all.addAll(span.getAttributesList());
      }
    }
    return all.stream()
        .filter(each -> names.contains(each.getKey()))
        .allMatch(each -> TEXTS.contains(each.getValue().getValueCase()));
  }

  private static boolean isValid(Span span) {
    byte[] id = span.getTraceId().toByteArray();
    boolean zero = true;
    for (byte each : id) zero &= each == 0;
    return id.length == 16 && !zero;
  }

  private static long key(ResourceSpans resource, ScopeSpans scope, Span span, List<String> names) {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    for (String name : names) {
      text.writeBytes((name + "=").getBytes(StandardCharsets.UTF_8));
      byte[] value = first(resource.getResource().getAttributesList(), name);
      if (value == null) value = first(scope.getScope().getAttributesList(), name);
      if (value == null && name.equals("span.kind")) value = kind(span.getKindValue());
      if (value == null && name.equals("span.name")) value = bytes(span.getName());
      if (value == null) value = first(span.getAttributesList(), name);
      if (value != null) text.writeBytes(value);
      text.write('|');
    }
    byte[] all = text.toByteArray();
    return RoutingKey.add(RoutingKey.begin(), all, 0, all.length);
  }

  private static byte @Nullable [] first(List<KeyValue> attributes, String name) {
    for (KeyValue each : attributes) if (each.getKey().equals(name)) return value(each.getValue());
    return null;
  }

  private static byte[] value(AnyValue value) {
    return switch (value.getValueCase()) {
      case STRING_VALUE -> bytes(value.getStringValue());
      case BOOL_VALUE -> bytes(Boolean.toString(value.getBoolValue()));
      case INT_VALUE -> bytes(Long.toString(value.getIntValue()));
      case VALUE_NOT_SET -> new byte[0];
      default -> value.toByteArray();
    };
  }

  private static byte[] kind(int number) {
    return bytes(number >= 0 && number < KINDS.length ? KINDS[number] : "");
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
