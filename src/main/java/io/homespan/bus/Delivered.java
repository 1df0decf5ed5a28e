package io.homespan.bus;

import io.homespan.otlp.Part;
import java.time.Duration;
import java.util.List;

/**
 * How an attempt at delivering stored spans went. What is not refused has its fate, which is
 * booked.
 *
 * @param refused what has no home yet and is to be delivered again, that alone
 * @param retryAfter when, at the earliest
 * @param why one of the reasons, or ""
 */
public record Delivered(List<Part> refused, Duration retryAfter, String why) {
  /** Copies the list. */
  public Delivered {
    refused = List.copyOf(refused);
  }
}
