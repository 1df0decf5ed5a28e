package io.homespan;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waits for things to come true. */
public final class Patience {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final long LOOK_MILLIS = 10;

  private Patience() {}

  /** Returns as soon as it is so. */
  public static void until(String what, Callable<Boolean> so) throws Exception {
    long end = System.nanoTime() + LIMIT.toNanos();
    while (!so.call()) {
      if (System.nanoTime() - end > 0) throw new AssertionError("never: " + what);
      TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
    }
  }

  /** Returns as soon as the assertions hold; else throws the last one's error. */
  static void untilAsserted(Assertions assertions) throws Exception {
    untilAsserted(LIMIT, assertions);
  }

  /** The same, for what takes longer. */
  static void untilAsserted(Duration limit, Assertions assertions) throws Exception {
    long end = System.nanoTime() + limit.toNanos();
    while (true) {
      try {
        assertions.run();
        return;
      } catch (AssertionError e) {
        if (System.nanoTime() - end > 0) throw e;
        TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
      }
    }
  }

  static <T> T await(Future<T> future) {
    try {
      return future.await(LIMIT.toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError("a future that never completes", e);
    }
  }

  /** What is to hold. */
  interface Assertions {
    void run() throws Exception;
  }
}
