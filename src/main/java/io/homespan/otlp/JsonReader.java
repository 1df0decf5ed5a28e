package io.homespan.otlp;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;

/** Reads one message from JSON by its descriptor. Used once. */
final class JsonReader {
  /** As deep as protobuf-java lets messages nest when it reads them again. */
  private static final int MAX_DEPTH = 100;

  /** No number that fits is longer, and what is longer costs too much to look at. */
  private static final int MAX_INTEGER_CHARS = 64;

  private static final int SHOWN_CHARS = 40;

  /** The fields of every message that can occur, by their JSON names. */
  private static final Map<Descriptor, Map<String, FieldDescriptor>> FIELDS =
      fieldsBelow(ExportTraceServiceRequest.getDescriptor());

  private final JsonParser in;

  JsonReader(JsonParser in) {
    this.in = in;
  }

  private static Map<Descriptor, Map<String, FieldDescriptor>> fieldsBelow(Descriptor root) {
    Map<Descriptor, Map<String, FieldDescriptor>> all = new HashMap<>();
    collect(root, all);
    return Map.copyOf(all);
  }

  private static void collect(
      Descriptor message, Map<Descriptor, Map<String, FieldDescriptor>> all) {
    if (all.containsKey(message)) return;
    Map<String, FieldDescriptor> fields = new HashMap<>();
    all.put(message, fields);
    for (FieldDescriptor field : message.getFields()) {
      fields.put(field.getJsonName(), field);
      if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
        collect(field.getMessageType(), all);
      }
    }
  }

  /** Reads a whole document, which is one object. */
  void readInto(Message.Builder root) throws IOException, MalformedException {
    JsonToken first = in.nextToken();
    if (first == null) throw new MalformedException("no JSON: the body is empty");
    if (first != JsonToken.START_OBJECT) throw wrong("expected an object");
    object(root, 0);
    if (in.nextToken() != null) throw wrong("expected nothing after the end of the object");
  }

  private void object(Message.Builder into, int depth) throws IOException, MalformedException {
    if (depth > MAX_DEPTH) throw wrong("nests deeper than " + MAX_DEPTH + " messages");
    Map<String, FieldDescriptor> fields =
        FIELDS.getOrDefault(into.getDescriptorForType(), Map.of());
    while (in.nextToken() != JsonToken.END_OBJECT) {
      FieldDescriptor field = fields.get(in.currentName());
      JsonToken token = in.nextToken();
      if (field == null || token == JsonToken.VALUE_NULL) {
        in.skipChildren();
      } else if (!field.isRepeated()) {
        into.setField(field, value(into, field, depth));
      } else if (token == JsonToken.START_ARRAY) {
        while (in.nextToken() != JsonToken.END_ARRAY) {
          into.addRepeatedField(field, value(into, field, depth));
        }
      } else {
        throw wrong("expected an array");
      }
    }
  }

  private Object value(Message.Builder parent, FieldDescriptor field, int depth)
      throws IOException, MalformedException {
    return switch (field.getJavaType()) {
      case MESSAGE -> {
        if (!in.hasToken(JsonToken.START_OBJECT)) throw wrong("expected an object");
        Message.Builder child = parent.newBuilderForField(field);
        object(child, depth + 1);
        yield child.build();
      }
      case STRING -> wellFormed(string());
      case BYTE_STRING -> ByteString.copyFrom(OtlpJson.isHex(field) ? hex() : base64());
      case BOOLEAN -> {
        if (!in.currentToken().isBoolean()) throw wrong("expected true or false");
        yield in.getBooleanValue();
      }
      case INT -> (int) integer(32, isUnsigned(field));
      case LONG -> integer(64, isUnsigned(field));
      case FLOAT -> (float) real();
      case DOUBLE -> real();
      case ENUM -> enumValue(field);
    };
  }

  private String string() throws IOException, MalformedException {
    if (!in.hasToken(JsonToken.VALUE_STRING)) throw wrong("expected a string");
    return in.getText();
  }

  /** Half a surrogate pair has no UTF-8 form; protobuf would log it, once per span. */
  private static String wellFormed(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
      }
    }
    return text;
  }

  private byte[] hex() throws IOException, MalformedException {
    try {
      return HexFormat.of().parseHex(string());
    } catch (IllegalArgumentException e) {
      throw wrong("expected an id in hex");
    }
  }

  private byte[] base64() throws IOException, MalformedException {
    try {
      return Base64.getDecoder().decode(string().replace('-', '+').replace('_', '/'));
    } catch (IllegalArgumentException e) {
      throw wrong("expected base64");
    }
  }

  private static boolean isUnsigned(FieldDescriptor field) {
    return switch (field.getType()) {
      case UINT32, FIXED32, UINT64, FIXED64 -> true;
      default -> false;
    };
  }

  /** A number or a string that holds one; {@code 1.0} and {@code 1e3} are integers, too. */
  private long integer(int bits, boolean unsigned) throws IOException, MalformedException {
    BigInteger least = unsigned ? BigInteger.ZERO : BigInteger.TWO.pow(bits - 1).negate();
    BigInteger limit = BigInteger.TWO.pow(unsigned ? bits : bits - 1);
    BigInteger value = exact();
    if (value.compareTo(least) < 0 || value.compareTo(limit) >= 0) {
      throw wrong("expected an integer of " + bits + " bits" + (unsigned ? ", not negative" : ""));
    }
    return value.longValue();
  }

  private BigInteger exact() throws IOException, MalformedException {
    if (isNumber() && in.getTextLength() <= MAX_INTEGER_CHARS) {
      try {
        BigDecimal number = new BigDecimal(in.getText());
        // looked at before it is written out: 1e999999999 has that many digits
        long digitsBefore = number.precision() - (long) number.scale();
        if (digitsBefore <= MAX_INTEGER_CHARS && number.scale() <= MAX_INTEGER_CHARS) {
          return number.toBigIntegerExact();
        }
      } catch (NumberFormatException | ArithmeticException e) {
        throw wrong("expected an integer");
      }
    }
    throw wrong("expected an integer");
  }

  private double real() throws IOException, MalformedException {
    if (!isNumber()) throw wrong("expected a number");
    try {
      double value = Double.parseDouble(in.getText());
      if (Double.isInfinite(value) && !in.getText().endsWith("Infinity")) {
        throw wrong("expected a number of double precision");
      }
      return value;
    } catch (NumberFormatException e) {
      throw wrong("expected a number");
    }
  }

  private boolean isNumber() {
    return in.currentToken().isNumeric() || in.hasToken(JsonToken.VALUE_STRING);
  }

  private EnumValueDescriptor enumValue(FieldDescriptor field)
      throws IOException, MalformedException {
    if (in.hasToken(JsonToken.VALUE_STRING)) {
      EnumValueDescriptor named = field.getEnumType().findValueByName(in.getText());
      if (named != null) return named;
    }
    return field.getEnumType().findValueByNumberCreatingIfUnknown((int) integer(32, false));
  }

  /** Names the path and shows the beginning of what stands there. */
  private MalformedException wrong(String expected) throws IOException {
    String path = in.getParsingContext().pathAsPointer().toString();
    String found = in.currentToken().isScalarValue() ? in.getText() : in.currentToken().asString();
    if (found.length() > SHOWN_CHARS) found = found.substring(0, SHOWN_CHARS) + "...";
    return new MalformedException(
        "JSON at %s: %s, found %s".formatted(path.isEmpty() ? "/" : path, expected, found));
  }
}
