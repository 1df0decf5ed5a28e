package io.homespan.ingest;

import io.homespan.rpc.GrpcCode;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Why a request is not taken, in both of OTLP's protocols. An exception without a stack trace, as
 * callers can bring it about at will.
 */
final class Rejection extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final int grpc;
  private final int http;
  private final @Nullable Duration retryAfter;
  private final @Nullable String challenge;

  private Rejection(int grpc, int http, String message, @Nullable Duration retryAfter) {
    this(grpc, http, message, retryAfter, null);
  }

  private Rejection(
      int grpc,
      int http,
      String message,
      @Nullable Duration retryAfter,
      @Nullable String challenge) {
    super(message, null, false, false);
    this.challenge = challenge;
    this.grpc = grpc;
    this.http = http;
    this.retryAfter = retryAfter;
  }

  /** It can't be decoded; the sender drops it. */
  static Rejection malformed(String message) {
    return new Rejection(GrpcCode.INVALID_ARGUMENT, 400, message, null);
  }

  /** Who called has gone before the end; nobody reads this, but it is counted. */
  static Rejection brokenOff(String message) {
    return new Rejection(GrpcCode.CANCELLED, 499, message, null);
  }

  /** Over the size limit, packed or not; without a hint, as it will not become smaller. */
  static Rejection tooLarge(String message) {
    return new Rejection(GrpcCode.RESOURCE_EXHAUSTED, 413, message, null);
  }

  /** An encoding that is not spoken here. */
  static Rejection unsupported(String message) {
    return new Rejection(GrpcCode.UNIMPLEMENTED, 415, message, null);
  }

  /** Not now; the sender may send all of it again after the hint. */
  static Rejection unavailable(String message, Duration retryAfter) {
    return new Rejection(GrpcCode.UNAVAILABLE, 503, message, retryAfter);
  }

  /**
   * Who calls is not known here.
   *
   * @param challenge what would make them known, for {@code www-authenticate}
   */
  static Rejection unauthenticated(String message, String challenge) {
    return new Rejection(GrpcCode.UNAUTHENTICATED, 401, message, null, challenge);
  }

  int grpc() {
    return grpc;
  }

  int http() {
    return http;
  }

  @Nullable Duration retryAfter() {
    return retryAfter;
  }

  @Nullable String challenge() {
    return challenge;
  }

  String text() {
    return String.valueOf(getMessage());
  }
}
