package io.homespan.otlp;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import io.opentelemetry.proto.collector.trace.v1.ExportTracePartialSuccess;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * The answer to an export that was accepted, as read: an {@code ExportTraceServiceResponse}.
 *
 * @param rejectedSpans how many spans are refused for ever, at least 0
 * @param errorMessage why, or a warning if none is refused; empty if all is well; at most 4 KiB
 */
public record ExportResponse(long rejectedSpans, String errorMessage) {
  private static final int MAX_MESSAGE_BYTES = 4096;
  private static final int MOST_BYTES_OF_A_CHAR = 3;

  private static final ExportResponse ALL_IS_WELL = new ExportResponse(0, "");

  /** The serialized answer that says that all is well. */
  public static Buffer ok() {
    return Buffer.buffer(); // no partial_success: the empty message
  }

  /**
   * The serialized answer that refuses spans for ever.
   *
   * @param rejected how many; 0 makes the message a warning
   * @param message for the sender's operator; cut to 4 KiB of UTF-8
   */
  public static Buffer partial(long rejected, String message) {
    ExportTracePartialSuccess partial =
        ExportTracePartialSuccess.newBuilder()
            .setRejectedSpans(rejected)
            .setErrorMessage(cut(message))
            .build();
    return RawBytes.wrap(
        ExportTraceServiceResponse.newBuilder().setPartialSuccess(partial).build().toByteArray());
  }

  /**
   * Reads an answer. A negative number of rejected spans, which means nothing, is read as 0.
   *
   * @throws MalformedException if the bytes are no answer
   */
  public static ExportResponse decode(Buffer response) throws MalformedException {
    if (response.length() == 0) return ALL_IS_WELL; // nearly always
    ByteBuffer raw = RawBytes.of(response);
    try {
      ExportTracePartialSuccess partial =
          ExportTraceServiceResponse.parseFrom(CodedInputStream.newInstance(raw))
              .getPartialSuccess();
      return new ExportResponse(
          Math.max(0, partial.getRejectedSpans()), cut(partial.getErrorMessage()));
    } catch (InvalidProtocolBufferException e) {
      throw new MalformedException("not an ExportTraceServiceResponse: " + e.getMessage());
    } catch (IOException e) {
      throw new UncheckedIOException(e); // cannot be: there is no I/O
    }
  }

  private static String cut(String message) {
    if (message.length() <= MAX_MESSAGE_BYTES / MOST_BYTES_OF_A_CHAR) return message;
    ByteBuffer room = ByteBuffer.allocate(MAX_MESSAGE_BYTES);
    CharBuffer rest = CharBuffer.wrap(message);
    StandardCharsets.UTF_8
        .newEncoder()
        .onMalformedInput(CodingErrorAction.REPLACE)
        .encode(rest, room, true); // stops before half a character
    return message.substring(0, rest.position());
  }
}
