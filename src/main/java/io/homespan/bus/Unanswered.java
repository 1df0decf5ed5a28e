package io.homespan.bus;

import io.homespan.metrics.RefuseReason;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What it means for spans that nobody on the bus answered for them. */
public final class Unanswered {
  private static final Logger LOG = LoggerFactory.getLogger(Unanswered.class);

  private Unanswered() {}

  /**
   * Given back to who sent them: in time nobody answered, nobody is there (any more), or there was
   * a fault of ours, which is logged.
   *
   * @param cause why {@link Topic#ask} failed
   */
  public static Fates refused(Throwable cause, int spans, Duration retryAfter) {
    RefuseReason reason = RefuseReason.ERROR;
    String why = "an internal fault";
    if (cause instanceof ReplyException reply && reply.failureType() == ReplyFailure.TIMEOUT) {
      reason = RefuseReason.TIMEOUT;
      why = "not delivered in time";
    } else if (cause instanceof ReplyException reply
        && reply.failureType() == ReplyFailure.NO_HANDLERS) {
      reason = RefuseReason.CLOSING;
      why = "the node is starting or stopping";
    } else {
      LOG.error("a part could not be handed over", cause);
    }
    return Fates.of(new Fate.Refused(reason, retryAfter, why, spans));
  }
}
