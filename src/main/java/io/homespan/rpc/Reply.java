package io.homespan.rpc;

import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** How one call ended. */
public sealed interface Reply {
  /** A word for metrics. */
  String outcome();

  /**
   * There was an answer.
   *
   * @param status a gRPC status code
   * @param message what it says beside the code, or ""
   * @param retryAfter when to come again, if it says so
   * @param body the answer's message; empty unless the status is OK
   */
  record Answered(int status, String message, @Nullable Duration retryAfter, Buffer body)
      implements Reply {
    @Override
    public String outcome() {
      return GrpcCode.name(status);
    }
  }

  /** Refused or broken before the call: it has surely not been received. */
  record NotSent(String cause) implements Reply {
    @Override
    public String outcome() {
      return "not_sent";
    }
  }

  /** No answer in time, or broken after it was sent: it may have been received. */
  record Lost(String cause) implements Reply {
    @Override
    public String outcome() {
      return "lost";
    }
  }
}
