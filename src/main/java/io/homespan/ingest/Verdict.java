package io.homespan.ingest;

import io.homespan.bus.Fate;
import io.homespan.bus.Fates;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the fates of a request's parts mean for whoever sent it. OK only if every span is safe or is
 * lost for good, the latter as {@code partial_success}; never partial for "could not forward",
 * since clients drop such spans.
 *
 * @param retryAfter set if all of it may be sent again: then nothing else counts
 * @param rejected spans that are lost for good
 * @param message why, or ""
 */
record Verdict(@Nullable Duration retryAfter, int rejected, String message) {

  /** Hints are kept within these: SDKs have ten seconds in all and give up on longer ones. */
  private static final Duration LEAST = Duration.ofSeconds(1);

  private static final int MOST_CHARACTERS = 1024;
  private static final Duration MOST = Duration.ofSeconds(2);

  /** Cuts what a backend or many parts had to say; OTLP wants small answers. */
  Verdict {
    if (message.length() > MOST_CHARACTERS) message = message.substring(0, MOST_CHARACTERS);
  }

  /** Over all parts, and the spans that were never in a part because they are invalid. */
  static Verdict of(List<Fates> parts, int invalid) {
    Duration retryAfter = null;
    String refusal = "";
    int rejected = invalid;
    String drop =
        invalid == 0 ? "" : invalid + " spans have no valid trace id (16 bytes, not zero)";
    for (Fates part : parts) {
      for (Fate fate : part.all()) {
        if (fate instanceof Fate.Refused refused) {
          if (retryAfter == null || refused.retryAfter().compareTo(retryAfter) > 0) {
            retryAfter = refused.retryAfter();
            refusal = refused.why();
          }
        } else if (fate instanceof Fate.Dropped dropped) {
          rejected += dropped.spans();
          if (!drop.contains(dropped.why())) {
            drop = drop.isEmpty() ? dropped.why() : drop + "; " + dropped.why();
          }
        }
      }
    }
    if (retryAfter == null) return new Verdict(null, rejected, drop);
    return new Verdict(clamp(retryAfter), 0, refusal);
  }

  private static Duration clamp(Duration hint) {
    if (hint.compareTo(LEAST) < 0) return LEAST;
    return hint.compareTo(MOST) > 0 ? MOST : hint;
  }
}
