package io.homespan.egress;

import io.homespan.rpc.GrpcCode;
import io.homespan.rpc.Reply;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What comes next for a part after a call to a peer. */
sealed interface AfterCall {
  /** The peer has it, or has rejected some of it for good. */
  record Confirmed() implements AfterCall {}

  /**
   * The same peer, after this time. The peer is alive and full: a stand-in must not get its load.
   */
  record SameLater(Duration after) implements AfterCall {}

  /** The same peer at once, by the same part id: the first try may have arrived. */
  record SameAgain() implements AfterCall {}

  /** The same peer at once, without the other parts of the call: one of them may be to blame. */
  record Alone() implements AfterCall {}

  /** The next in the order. */
  record Next(String why) implements AfterCall {}

  /** Lost for good. */
  record Final(String why) implements AfterCall {}

  /**
   * Decides, by the table of delivery in the design.
   *
   * <p>Only INVALID_ARGUMENT, and RESOURCE_EXHAUSTED without a hint (too large), speak about the
   * data. UNIMPLEMENTED, UNAUTHENTICATED, INTERNAL and the like speak about the peer: it is passed
   * over, so that a wrong address in a list loses nothing.
   *
   * @param attempts calls to this peer before this one whose end is unknown
   * @param company whether there were other parts in the call
   */
  static AfterCall of(Reply reply, int attempts, boolean company) {
    if (reply instanceof Reply.NotSent notSent) return new Next(notSent.cause());
    if (reply instanceof Reply.Lost lost) return ambiguous(lost.cause(), attempts);
    Reply.Answered answer = (Reply.Answered) reply;
    @Nullable Duration hint = answer.retryAfter();
    if (answer.status() == GrpcCode.OK) return new Confirmed();
    if (hint != null && GrpcCode.retryable(answer.status(), true)) return new SameLater(hint);
    String why = GrpcCode.name(answer.status()) + " " + answer.message();
    if (GrpcCode.retryable(answer.status(), false)) return ambiguous(why, attempts);
    boolean aboutData =
        answer.status() == GrpcCode.INVALID_ARGUMENT
            || answer.status() == GrpcCode.RESOURCE_EXHAUSTED;
    if (!aboutData) return new Next(why);
    return company ? new Alone() : new Final(why);
  }

  private static AfterCall ambiguous(String why, int attempts) {
    return attempts == 0 ? new SameAgain() : new Next(why);
  }
}
