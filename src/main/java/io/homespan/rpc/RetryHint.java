package io.homespan.rpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * When to come again, as gRPC says it: a {@code google.rpc.RetryInfo}. It travels inside a {@code
 * google.rpc.Status} in metadata {@code grpc-status-details-bin}, and bare in {@code
 * google.rpc.retryinfo-bin}, the only one that Python's exporter reads.
 */
final class RetryHint {
  static final String DETAILS = "grpc-status-details-bin";
  static final String BARE = "google.rpc.retryinfo-bin";

  private static final String TYPE = "type.googleapis.com/google.rpc.RetryInfo";
  private static final int MAX_SECONDS = 3600;

  private RetryHint() {}

  /** A serialized {@code google.rpc.RetryInfo{retry_delay = 1}}. */
  static byte[] info(Duration delay) {
    byte[] duration =
        com.google.protobuf.Duration.newBuilder()
            .setSeconds(delay.getSeconds())
            .setNanos(delay.getNano())
            .build()
            .toByteArray();
    return message(out -> out.writeByteArray(1, duration));
  }

  /** A serialized {@code google.rpc.Status{code = 1, message = 2, details = 3}}. */
  static byte[] status(int code, String message, @Nullable Duration delay) {
    return message(
        out -> {
          out.writeInt32(1, code);
          out.writeString(2, message);
          if (delay == null) return;
          byte[] info = info(delay);
          byte[] any =
              message(
                  inner -> {
                    inner.writeString(1, TYPE);
                    inner.writeByteArray(2, info);
                  });
          out.writeByteArray(3, any);
        });
  }

  static String base64(byte[] bytes) {
    return Base64.getEncoder().withoutPadding().encodeToString(bytes);
  }

  /** The delay in a serialized status in base64, or null if there is none that can be read. */
  static @Nullable Duration inDetails(@Nullable String base64) {
    if (base64 == null) return null;
    try {
      byte[] bytes = Base64.getDecoder().decode(base64);
      for (ByteString detail : fields(ByteString.copyFrom(bytes), 3)) {
        List<ByteString> type = fields(detail, 1);
        if (type.isEmpty() || !type.get(0).toStringUtf8().equals(TYPE)) continue;
        for (ByteString info : fields(detail, 2)) {
          for (ByteString delay : fields(info, 1)) return duration(delay);
        }
      }
      return null;
    } catch (IOException | IllegalArgumentException e) {
      return null; // a hint that can't be read is no hint
    }
  }

  private static Duration duration(ByteString bytes) throws IOException {
    var delay =
        com.google.protobuf.Duration.parseFrom(CodedInputStream.newInstance(bytes.toByteArray()));
    long seconds = Math.max(0, Math.min(MAX_SECONDS, delay.getSeconds()));
    return Duration.ofSeconds(seconds, Math.max(0, Math.min(999_999_999, delay.getNanos())));
  }

  private static List<ByteString> fields(ByteString message, int number)
      throws InvalidProtocolBufferException {
    return UnknownFieldSet.parseFrom(message).getField(number).getLengthDelimitedList();
  }

  private interface Fields {
    void write(CodedOutputStream out) throws IOException;
  }

  private static byte[] message(Fields fields) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    try {
      fields.write(out);
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // cannot be: it writes to memory
    }
    return bytes.toByteArray();
  }
}
