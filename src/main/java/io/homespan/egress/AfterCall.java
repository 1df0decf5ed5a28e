package io.homespan.egress;

import io.homespan.metrics.ForwardStep;
import io.homespan.rpc.GrpcCode;
import io.homespan.rpc.Reply;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What comes next for a part after a call to a peer: one for each row of the design's table. */
sealed interface AfterCall {
  /** As it is counted. */
  ForwardStep step();

  /** The peer has it, or has rejected some of it for good. */
  record Confirmed() implements AfterCall {
    @Override
    public ForwardStep step() {
      return ForwardStep.CONFIRMED;
    }
  }

  /**
   * The owner, after this time: its hint, spread, so that not all come back together. The peer is
   * alive and full: a stand-in must not get its load.
   */
  record SameLater(Duration after) implements AfterCall {
    @Override
    public ForwardStep step() {
      return ForwardStep.AFTER_HINT;
    }
  }

  /**
   * The same peer by the same part id, since the first try may have arrived; after a short time,
   * drawn at random, so that all who lost a connection do not come back at once.
   */
  record SameAgain(Duration after) implements AfterCall {
    @Override
    public ForwardStep step() {
      return ForwardStep.AGAIN;
    }
  }

  /** The same peer at once, without the other parts of the call: one of them may be to blame. */
  record Alone() implements AfterCall {
    @Override
    public ForwardStep step() {
      return ForwardStep.ALONE;
    }
  }

  /** The same peer at once, in two halves: together they were larger than it takes. */
  record Halved() implements AfterCall {
    @Override
    public ForwardStep step() {
      return ForwardStep.HALVED;
    }
  }

  /**
   * The next in the order.
   *
   * @param perhapsArrived whether the peer may have it all the same
   */
  record Next(String why, boolean perhapsArrived) implements AfterCall {
    @Override
    public ForwardStep step() {
      return ForwardStep.NEXT;
    }
  }

  /** Lost for good. */
  record Final(String why) implements AfterCall {
    @Override
    public ForwardStep step() {
      return ForwardStep.REJECTED;
    }
  }

  /** Back to who sent it: the peer's hint is longer than that one waits. */
  record Full(Duration hint) implements AfterCall {
    @Override
    public ForwardStep step() {
      return ForwardStep.FULL;
    }
  }

  /** Back to who sent it: time is up. */
  record Late() implements AfterCall {
    @Override
    public ForwardStep step() {
      return ForwardStep.LATE;
    }
  }

  /** Hints are believed from here on, in ns: "at once" from a full peer would make us spin. */
  long SHORTEST_HINT = 50_000_000;

  /**
   * The longest wait before the same peer is asked once more, in ns; the shortest is half of it.
   */
  long BACK_OFF = 40_000_000;

  /**
   * What is no larger was not refused for its size: receivers take messages of 4 MiB unless
   * somebody wants less, and of what is out of some other bound each half would be refused again.
   */
  int LEAST_TOO_LARGE = 1 << 20;

  /**
   * What is known of a part besides the reply.
   *
   * @param attempts calls to this peer before this one whose end is unknown
   * @param company whether there were other parts in the call
   * @param left until its deadline, in ns; not positive: time is up
   * @param large whether it can be halved, and it is worth a try
   */
  record Standing(int attempts, boolean company, long left, boolean large) {
    static Standing of(Consignment one, boolean company, long now) {
      boolean large = one.part().size() > LEAST_TOO_LARGE && one.part().spans() > 1;
      return new Standing(one.attempts(), company, one.deadline() - now, large);
    }

    private boolean isLate() {
      return left <= 0;
    }
  }

  /**
   * Decides, by the table of delivery in the design.
   *
   * <p>Only INVALID_ARGUMENT, and RESOURCE_EXHAUSTED without a hint (too large), speak about the
   * data. UNIMPLEMENTED, UNAUTHENTICATED, INTERNAL and the like speak about the peer: it is passed
   * over, so that a wrong address in a list loses nothing.
   *
   * @param random 0 to 1, evenly spread
   */
  static AfterCall of(Reply reply, Standing part, double random) {
    if (reply instanceof Reply.NotSent notSent) return next(notSent.cause(), false, part);
    if (reply instanceof Reply.Lost lost) return ambiguous(lost.cause(), part, random);
    Reply.Answered answer = (Reply.Answered) reply;
    @Nullable Duration hint = answer.retryAfter();
    if (answer.status() == GrpcCode.OK) return new Confirmed();
    if (hint != null && GrpcCode.retryable(answer.status(), true)) return full(hint, part, random);
    String why = GrpcCode.name(answer.status()) + " " + answer.message();
    if (GrpcCode.retryable(answer.status(), false)) return ambiguous(why, part, random);
    boolean aboutData =
        answer.status() == GrpcCode.INVALID_ARGUMENT
            || answer.status() == GrpcCode.RESOURCE_EXHAUSTED;
    if (!aboutData) return next(why, false, part);
    boolean divisible = part.large() && answer.status() == GrpcCode.RESOURCE_EXHAUSTED;
    if (!part.company() && !divisible) return new Final(why);
    if (part.isLate()) return new Late();
    return part.company() ? new Alone() : new Halved();
  }

  private static AfterCall full(Duration hint, Standing part, double random) {
    long told = Math.max(SHORTEST_HINT, hint.toNanos());
    long wait = told + (long) (random * (told / 4.0));
    return wait < part.left() ? new SameLater(Duration.ofNanos(wait)) : new Full(hint);
  }

  private static AfterCall ambiguous(String why, Standing part, double random) {
    if (part.attempts() > 0) return next(why, true, part);
    if (part.isLate()) return new Late();
    long wait = BACK_OFF / 2 + (long) (random * (BACK_OFF / 2.0));
    return new SameAgain(Duration.ofNanos(Math.min(wait, part.left() / 2)));
  }

  private static AfterCall next(String why, boolean perhapsArrived, Standing part) {
    return part.isLate() ? new Late() : new Next(why, perhapsArrived || part.attempts() > 0);
  }
}
