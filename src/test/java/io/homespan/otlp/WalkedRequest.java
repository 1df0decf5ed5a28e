package io.homespan.otlp;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * A request taken apart by protobuf's own reader, slowly and plainly: what a {@link Cutter} is
 * compared with. Knows which bytes belong to which span and says nothing of what they mean.
 *
 * @param fields those of the request that are no {@code resource_spans}, one after the other
 * @param spans the valid ones, in order
 * @param invalid how many have no usable trace id
 */
record WalkedRequest(ByteString fields, List<Walked> spans, int invalid) {
  /** As deep as groups may nest. */
  private static final int MAX_GROUPS = 100;

  private static final int LENGTH_DELIMITED = 2;

  /**
   * One span and what stands around it.
   *
   * @param resource which message it is in, counted over the request
   * @param resourceFields what that message has beside scopes
   * @param scope which message it is in, counted over the request
   * @param scopeFields what that message has beside spans
   */
  record Walked(
      int resource,
      ByteString resourceFields,
      int scope,
      ByteString scopeFields,
      ByteString bytes,
      long high,
      long low) {}

  /**
   * What protobuf-java takes and no other parser: a length of more than 31 bits, of which it cuts
   * off the upper ones, or a varint that goes on after ten bytes.
   */
  static final class TooLongException extends IOException {
    private static final long serialVersionUID = 1;
  }

  private record Field(int tag, ByteString whole, ByteString body) {}

  static WalkedRequest of(byte[] bytes) throws IOException {
    ByteString.Output fields = ByteString.newOutput();
    List<Walked> spans = new ArrayList<>();
    int[] invalid = new int[1];
    int resources = 0;
    int scopes = 0;
    for (Field field : read(ByteString.copyFrom(bytes))) {
      if (field.tag != tag(1)) {
        field.whole.writeTo(fields);
        continue;
      }
      resources++;
      List<Field> inResource = read(field.body);
      ByteString resourceFields = others(inResource, tag(2));
      for (Field scope : inResource) {
        if (scope.tag != tag(2)) continue;
        scopes++;
        List<Field> inScope = read(scope.body);
        ByteString scopeFields = others(inScope, tag(2));
        for (Field span : inScope) {
          if (span.tag != tag(2)) continue;
          ByteString id = ByteString.EMPTY;
          for (Field each : read(span.body)) if (each.tag == tag(1)) id = each.body;
          ByteBuffer number = id.size() == 16 ? id.asReadOnlyByteBuffer() : ByteBuffer.allocate(16);
          long high = number.getLong();
          long low = number.getLong();
          if ((high | low) == 0) {
            invalid[0]++;
          } else {
            spans.add(
                new Walked(resources, resourceFields, scopes, scopeFields, span.body, high, low));
          }
        }
      }
    }
    return new WalkedRequest(fields.toByteString(), List.copyOf(spans), invalid[0]);
  }

  private static int tag(int field) {
    return field << 3 | LENGTH_DELIMITED;
  }

  private static ByteString others(List<Field> fields, int tag) throws IOException {
    ByteString.Output others = ByteString.newOutput();
    for (Field field : fields) if (field.tag != tag) field.whole.writeTo(others);
    return others.toByteString();
  }

  private static List<Field> read(ByteString message) throws IOException {
    List<Field> fields = new ArrayList<>();
    CodedInputStream in = message.newCodedInput();
    while (!in.isAtEnd()) {
      int from = in.getTotalBytesRead();
      int tag = in.readTag();
      int body = skip(in, tag, message.size(), 0);
      int end = in.getTotalBytesRead();
      fields.add(new Field(tag, message.substring(from, end), message.substring(end - body, end)));
    }
    return fields;
  }

  /** Returns how long the body is, if the field has one. */
  private static int skip(CodedInputStream in, int tag, int size, int depth) throws IOException {
    switch (tag & 7) {
      case 0 -> varint(in);
      case 1 -> in.skipRawBytes(8);
      case LENGTH_DELIMITED -> {
        long length = varint(in);
        if (length != (int) length) throw new TooLongException();
        if (length < 0 || length > size - in.getTotalBytesRead()) throw new IOException("overrun");
        in.skipRawBytes((int) length);
        return (int) length;
      }
      case 3 -> {
        if (depth == MAX_GROUPS) throw new IOException("nests too deep");
        while (true) {
          int inner = in.readTag();
          if (inner == 0) throw new IOException("a group without an end");
          if ((inner & 7) == 4) {
            if (inner >>> 3 != tag >>> 3) throw new IOException("the end of another group");
            break;
          }
          skip(in, inner, size, depth + 1);
        }
      }
      case 5 -> in.skipRawBytes(4);
      default -> throw new IOException("wire type " + (tag & 7));
    }
    return 0;
  }

  private static long varint(CodedInputStream in) throws IOException {
    long value = 0;
    for (int i = 0; i < 10; i++) {
      byte b = in.readRawByte();
      value |= (b & 0x7FL) << (7 * i);
      if (b >= 0) return value;
    }
    throw new TooLongException();
  }
}
