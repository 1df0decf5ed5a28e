package io.homespan.rpc;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The answering side of a unary gRPC call, on a plain {@link HttpServerRequest}. Errors go
 * Trailers-Only (one HEADERS frame that ends the stream), the only form after which Java's exporter
 * tries again.
 */
public final class UnaryServer {
  /** UTF-8 bytes of grpc-message: encoded three times as many, and header lists end at 8 KiB. */
  private static final int MAX_MESSAGE = 1024;

  private UnaryServer() {}

  /**
   * Whether this is the content type of a gRPC call with protobuf messages: no gRPC-Web, no JSON.
   */
  public static boolean isCall(@Nullable String contentType) {
    if (contentType == null) return false;
    if (contentType.equals("application/grpc")) return true;
    String media = contentType.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    return media.equals("application/grpc") || media.equals("application/grpc+proto");
  }

  /** Answers with an error, and with a hint when to come again if there is one. */
  public static void refuse(
      HttpServerRequest request, int code, String message, @Nullable Duration retryAfter) {
    HttpServerResponse response = request.response();
    if (response.ended() || response.closed() || response.headWritten()) return;
    Remainder.unread(request);
    response.putHeader("content-type", "application/grpc");
    refusal(code, message, retryAfter).forEach(response::putHeader);
    response.end().onFailure(cause -> {});
  }

  /** The headers of an error, after the content type. */
  static Map<String, String> refusal(int code, String message, @Nullable Duration retryAfter) {
    Map<String, String> headers = new LinkedHashMap<>();
    String cut = cut(message);
    headers.put("grpc-status", Integer.toString(code));
    headers.put("grpc-message", encoded(cut));
    if (code == GrpcCode.UNIMPLEMENTED) headers.put("grpc-accept-encoding", "identity,gzip");
    if (retryAfter != null) {
      byte[] status = RetryHint.status(code, cut, retryAfter);
      headers.put(RetryHint.DETAILS, RetryHint.base64(status));
      headers.put(RetryHint.BARE, RetryHint.base64(RetryHint.info(retryAfter)));
    }
    return headers;
  }

  /** A {@code google.rpc.Status} in protobuf: the body of an OTLP/HTTP error. */
  public static Buffer status(int code, String message, @Nullable Duration retryAfter) {
    return Buffer.buffer(RetryHint.status(code, message, retryAfter));
  }

  /**
   * The caller's deadline in {@code grpc-timeout}: at most eight digits and a unit of {@code
   * HMSmun}.
   *
   * @return null if there is none, or none that can be read
   */
  public static @Nullable Duration timeout(@Nullable String header) {
    if (header == null || header.length() < 2 || header.length() > 9) return null;
    int last = header.length() - 1;
    long amount = 0;
    for (int i = 0; i < last; i++) {
      char digit = header.charAt(i);
      if (digit < '0' || digit > '9') return null;
      amount = 10 * amount + (digit - '0');
    }
    return switch (header.charAt(last)) {
      case 'H' -> Duration.ofHours(amount);
      case 'M' -> Duration.ofMinutes(amount);
      case 'S' -> Duration.ofSeconds(amount);
      case 'm' -> Duration.ofMillis(amount);
      case 'u' -> Duration.ofNanos(1000 * amount);
      case 'n' -> Duration.ofNanos(amount);
      default -> null;
    };
  }

  private static String cut(String message) {
    ByteBuffer room = ByteBuffer.allocate(MAX_MESSAGE);
    CharBuffer rest = CharBuffer.wrap(message);
    StandardCharsets.UTF_8
        .newEncoder()
        .onMalformedInput(CodingErrorAction.REPLACE)
        .encode(rest, room, true); // stops before half a character
    return message.substring(0, rest.position());
  }

  /** Percent-encoding of all that is not printable ASCII, as gRPC wants it. */
  static String encoded(String message) {
    StringBuilder out = new StringBuilder(message.length());
    for (byte b : message.getBytes(StandardCharsets.UTF_8)) {
      if (b >= 0x20 && b < 0x7f && b != '%') out.append((char) b);
      else
        out.append('%')
            .append(Character.forDigit(b >> 4 & 15, 16))
            .append(Character.forDigit(b & 15, 16));
    }
    return out.toString();
  }
}
