package io.homespan.otlp;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * How many spans of each part of a {@link Batch} were rejected for ever. OTLP's answer has one
 * number for the whole request; between nodes the numbers travel beside it, as unknown field 20002
 * of the answer (varints, one a part, in order), so that each part's sender is told about its own.
 */
public final class Rejections {
  private static final int FIELD = 20_002;

  private Rejections() {}

  /** The answer with the numbers added. */
  public static Buffer add(Buffer answer, List<Integer> rejectedByPart) {
    UnknownFieldSet.Field.Builder numbers = UnknownFieldSet.Field.newBuilder();
    rejectedByPart.forEach(numbers::addVarint);
    byte[] field =
        UnknownFieldSet.newBuilder().addField(FIELD, numbers.build()).build().toByteArray();
    return Buffer.buffer(answer.length() + field.length).appendBuffer(answer).appendBytes(field);
  }

  /**
   * The numbers in an answer; empty if it comes from somebody who gives none.
   *
   * @throws MalformedException if the bytes are no answer
   */
  public static List<Integer> in(Buffer answer) throws MalformedException {
    if (answer.length() == 0) return List.of(); // nearly always
    try {
      return ExportTraceServiceResponse.parseFrom(CodedInputStream.newInstance(RawBytes.of(answer)))
          .getUnknownFields()
          .getField(FIELD)
          .getVarintList()
          .stream()
          .map(number -> (int) Math.max(0, Math.min(Integer.MAX_VALUE, number)))
          .toList();
    } catch (InvalidProtocolBufferException e) {
      throw new MalformedException("not an ExportTraceServiceResponse: " + e.getMessage());
    } catch (IOException e) {
      throw new UncheckedIOException(e); // cannot be: there is no I/O
    }
  }
}
