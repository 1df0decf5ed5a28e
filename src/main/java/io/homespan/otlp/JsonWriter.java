package io.homespan.otlp;

import com.fasterxml.jackson.core.JsonGenerator;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import java.io.IOException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * Writes messages as JSON by their descriptors. Attributes, most of the messages of a span, have a
 * short cut, since protobuf's reflection costs several times what the writing does.
 */
final class JsonWriter {
  private final JsonGenerator out;

  JsonWriter(JsonGenerator out) {
    this.out = out;
  }

  void write(Message message) throws IOException {
    if (message instanceof KeyValue attribute && attribute.getKeyStrindex() == 0) {
      attribute(attribute);
    } else {
      anyMessage(message);
    }
  }

  private void attribute(KeyValue attribute) throws IOException {
    out.writeStartObject();
    if (!attribute.getKey().isEmpty()) out.writeStringField("key", attribute.getKey());
    if (attribute.hasValue()) {
      AnyValue value = attribute.getValue();
      out.writeFieldName("value");
      switch (value.getValueCase()) {
        case STRING_VALUE -> single("stringValue", value.getStringValue());
        case INT_VALUE -> single("intValue", Long.toString(value.getIntValue()));
        default -> anyMessage(value);
      }
    }
    out.writeEndObject();
  }

  private void single(String name, String value) throws IOException {
    out.writeStartObject();
    out.writeStringField(name, value);
    out.writeEndObject();
  }

  private void anyMessage(Message message) throws IOException {
    out.writeStartObject();
    for (Map.Entry<FieldDescriptor, Object> entry : message.getAllFields().entrySet()) {
      FieldDescriptor field = entry.getKey();
      out.writeFieldName(field.getJsonName());
      if (field.isRepeated()) {
        out.writeStartArray();
        for (Object element : (List<?>) entry.getValue()) value(field, element);
        out.writeEndArray();
      } else {
        value(field, entry.getValue());
      }
    }
    out.writeEndObject();
  }

  private void value(FieldDescriptor field, Object value) throws IOException {
    switch (field.getType()) {
      case MESSAGE, GROUP -> write((Message) value);
      case STRING -> out.writeString((String) value);
      case BYTES -> bytes(field, ((ByteString) value).toByteArray());
      case BOOL -> out.writeBoolean((Boolean) value);
      case ENUM -> out.writeNumber(((EnumValueDescriptor) value).getNumber());
      case DOUBLE -> out.writeNumber((Double) value); // NaN and infinities become strings
      case FLOAT -> out.writeNumber((Float) value);
      case INT32, SINT32, SFIXED32 -> out.writeNumber((Integer) value);
      case UINT32, FIXED32 -> out.writeNumber(Integer.toUnsignedLong((Integer) value));
      case INT64, SINT64, SFIXED64 -> out.writeString(Long.toString((Long) value));
      case UINT64, FIXED64 -> out.writeString(Long.toUnsignedString((Long) value));
    }
  }

  private void bytes(FieldDescriptor field, byte[] bytes) throws IOException {
    if (OtlpJson.isHex(field)) out.writeString(HexFormat.of().formatHex(bytes));
    else out.writeBinary(bytes);
  }
}
