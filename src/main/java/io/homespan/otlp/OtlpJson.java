package io.homespan.otlp;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/**
 * An {@code ExportTraceServiceRequest} as OTLP/JSON and back. It is protobuf's own mapping but for
 * this: trace and span ids are hex, names are lowerCamelCase only, enums are numbers.
 *
 * <p>It decodes every span into objects, and so costs several times what a {@link Cutter} does. May
 * be called by any thread.
 *
 * @see <a href="https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding">OTLP: JSON
 *     Protobuf Encoding</a>
 */
public final class OtlpJson {
  /** The bytes fields that are hex and not base64, in spans and links. */
  private static final Set<String> HEX = Set.of("trace_id", "span_id", "parent_span_id");

  /**
   * The length of a string is bounded by that of the request. Names are not interned: a sender
   * could make up as many as it likes.
   */
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).build())
          .build();

  private OtlpJson() {}

  /**
   * Reads OTLP/JSON. Unknown fields are ignored. Where known senders and receivers are lenient so
   * is this: numbers may be strings, enums may be names, {@code null} is an absent field.
   *
   * @return the same request, serialized as protobuf
   * @throws MalformedException if it is no such request; the message names line and column or the
   *     path
   */
  public static Buffer toProtobuf(Buffer json) throws MalformedException {
    ByteBuffer raw = RawBytes.of(json);
    ExportTraceServiceRequest.Builder request = ExportTraceServiceRequest.newBuilder();
    try (JsonParser parser = FACTORY.createParser(text(raw))) {
      new JsonReader(parser).readInto(request);
    } catch (CharacterCodingException e) {
      throw new MalformedException("text is not UTF-8 at byte " + firstBadByte(raw));
    } catch (JsonProcessingException e) {
      var at = e.getLocation();
      String where =
          at == null ? "" : " at line " + at.getLineNr() + ", column " + at.getColumnNr();
      throw new MalformedException("not JSON" + where + ": " + e.getOriginalMessage());
    } catch (IOException e) {
      throw new UncheckedIOException(e); // cannot be: there is no I/O
    }
    return RawBytes.wrap(request.build().toByteArray());
  }

  /**
   * Writes OTLP/JSON in one line, without a line feed in it or behind it. Fields that are not set
   * or have their default are left out, and so are unknown ones.
   *
   * @throws MalformedException if the bytes are no request
   */
  public static Buffer toJson(Buffer protobuf) throws MalformedException {
    ByteBuffer raw = RawBytes.of(protobuf);
    ByteArrayOutputStream out = new ByteArrayOutputStream(2 * raw.remaining() + 64);
    try (JsonGenerator generator = FACTORY.createGenerator(out)) {
      new JsonWriter(generator)
          .write(ExportTraceServiceRequest.parseFrom(CodedInputStream.newInstance(raw)));
    } catch (InvalidProtocolBufferException e) {
      throw new MalformedException("not an ExportTraceServiceRequest: " + e.getMessage());
    } catch (IOException e) {
      throw new UncheckedIOException(e); // cannot be: there is no I/O
    }
    return RawBytes.wrap(out.toByteArray());
  }

  /** Whether the field's bytes are written in hex. */
  static boolean isHex(FieldDescriptor field) {
    return HEX.contains(field.getName());
  }

  /** Decoded here, because Jackson would guess the encoding and let some bad bytes pass. */
  private static Reader text(ByteBuffer raw) {
    return new InputStreamReader(
        new ByteArrayInputStream(raw.array(), raw.arrayOffset() + raw.position(), raw.remaining()),
        StandardCharsets.UTF_8.newDecoder()); // which reports what is malformed
  }

  private static int firstBadByte(ByteBuffer raw) {
    ByteBuffer in = raw.slice();
    CharBuffer out = CharBuffer.allocate(8192);
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    while (decoder.decode(in, out.clear(), true).isOverflow()) {}
    return in.position();
  }
}
