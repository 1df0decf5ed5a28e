package io.homespan.rpc;

import java.util.Set;

/** The gRPC status codes that are used here, by their numbers on the wire. */
public final class GrpcCode {
  public static final int OK = 0;
  public static final int CANCELLED = 1;
  public static final int UNKNOWN = 2;
  public static final int INVALID_ARGUMENT = 3;
  public static final int DEADLINE_EXCEEDED = 4;
  public static final int PERMISSION_DENIED = 7;
  public static final int RESOURCE_EXHAUSTED = 8;
  public static final int ABORTED = 10;
  public static final int OUT_OF_RANGE = 11;
  public static final int UNIMPLEMENTED = 12;
  public static final int INTERNAL = 13;
  public static final int UNAVAILABLE = 14;
  public static final int DATA_LOSS = 15;
  public static final int UNAUTHENTICATED = 16;

  /** After these OTLP lets the same request be sent again, hint or none. */
  private static final Set<Integer> RETRYABLE =
      Set.of(CANCELLED, DEADLINE_EXCEEDED, ABORTED, OUT_OF_RANGE, UNAVAILABLE, DATA_LOSS);

  private GrpcCode() {}

  /**
   * Whether OTLP lets the request be sent again after this status.
   *
   * @param hinted whether RetryInfo came with it; RESOURCE_EXHAUSTED is final without
   */
  public static boolean retryable(int code, boolean hinted) {
    return RETRYABLE.contains(code) || (code == RESOURCE_EXHAUSTED && hinted);
  }

  /** The usual name of a code, for labels and logs. */
  public static String name(int code) {
    return switch (code) {
      case OK -> "OK";
      case CANCELLED -> "CANCELLED";
      case UNKNOWN -> "UNKNOWN";
      case INVALID_ARGUMENT -> "INVALID_ARGUMENT";
      case DEADLINE_EXCEEDED -> "DEADLINE_EXCEEDED";
      case PERMISSION_DENIED -> "PERMISSION_DENIED";
      case RESOURCE_EXHAUSTED -> "RESOURCE_EXHAUSTED";
      case ABORTED -> "ABORTED";
      case OUT_OF_RANGE -> "OUT_OF_RANGE";
      case UNIMPLEMENTED -> "UNIMPLEMENTED";
      case INTERNAL -> "INTERNAL";
      case UNAVAILABLE -> "UNAVAILABLE";
      case DATA_LOSS -> "DATA_LOSS";
      case UNAUTHENTICATED -> "UNAUTHENTICATED";
      default -> "CODE_" + code;
    };
  }
}
