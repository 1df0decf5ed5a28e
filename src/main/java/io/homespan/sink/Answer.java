package io.homespan.sink;

import io.homespan.otlp.ExportResponse;
import io.homespan.otlp.MalformedException;
import io.homespan.rpc.GrpcCode;
import io.homespan.rpc.Reply;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What a backend's reply to a call means for the parts in it, by OTLP's rules. */
sealed interface Answer {
  /** It has them, but for so many spans that it will never take. */
  record Taken(int rejected, String why) implements Answer {}

  /** It does not have them now, as far as is known; a hint says when to try again. */
  record Later(@Nullable Duration hint, String why) implements Answer {}

  /** It will never take this request. */
  record Never(String why) implements Answer {}

  /** Reads a reply. */
  static Answer of(Reply reply) {
    if (reply instanceof Reply.Answered answered) return of(answered);
    if (reply instanceof Reply.NotSent notSent) return new Later(null, notSent.cause());
    if (reply instanceof Reply.Lost lost) return new Later(null, lost.cause());
    throw new IllegalArgumentException("unknown reply " + reply);
  }

  private static Answer of(Reply.Answered answered) {
    if (answered.status() == GrpcCode.OK) return taken(answered);
    String why = (GrpcCode.name(answered.status()) + " " + answered.message()).strip();
    return GrpcCode.retryable(answered.status(), answered.retryAfter() != null)
            || isOfThisNode(answered.status())
        ? new Later(answered.retryAfter(), why)
        : new Never(why);
  }

  /**
   * A key that is missing or has expired says nothing of the spans, and is put right while the node
   * runs: no span is dropped for it.
   */
  private static boolean isOfThisNode(int status) {
    return status == GrpcCode.UNAUTHENTICATED || status == GrpcCode.PERMISSION_DENIED;
  }

  private static Answer taken(Reply.Answered answered) {
    if (answered.body().length() == 0) return new Taken(0, "");
    try {
      ExportResponse response = ExportResponse.decode(answered.body());
      int rejected = (int) Math.min(Integer.MAX_VALUE, response.rejectedSpans());
      return new Taken(rejected, response.errorMessage());
    } catch (MalformedException e) {
      return new Taken(0, ""); // it said OK; what it said besides is lost
    }
  }
}
