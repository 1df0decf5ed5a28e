package io.homespan;

import io.homespan.config.Config;
import io.homespan.config.Loaded;
import io.homespan.metrics.MicrometerMetrics;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What a command does that starts a node and keeps it until SIGTERM or SIGINT. Blocks. */
final class NodeProcess {
  private NodeProcess() {}

  /**
   * Starts the node, and goes on until a signal ends the process.
   *
   * @param conf the file to watch; null: there is none
   * @return the exit code of a node that could not start
   */
  static int run(
      Vertx vertx,
      Loaded loaded,
      @Nullable Path conf,
      int instances,
      MicrometerMetrics metrics,
      PrintWriter err)
      throws InterruptedException {
    Config config = loaded.config();
    Node node;
    try {
      node = new Node(vertx, config, instances, metrics);
      node.start().await();
    } catch (Exception e) { // await() throws what it finds, checked or not
      return cannot(err, "homespan can't start: ", e);
    }
    if (conf != null) new LiveConfig(vertx, conf, loaded, metrics).start();
    // halt, because a JVM that a signal ends exits with 143, and a drained node is no failure
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> Runtime.getRuntime().halt(stopped(node::stop, config.shutdownTimeout())),
                "shutdown"));
    new CountDownLatch(1).await(); // until the hook halts
    return 0;
  }

  static int cannot(PrintWriter err, String what, Exception cause) {
    err.println(what + (cause.getMessage() == null ? cause : cause.getMessage()));
    err.flush();
    return 1;
  }

  private static int stopped(Supplier<Future<Void>> stop, Duration limit) {
    try {
      stop.get().await(limit.toMillis(), TimeUnit.MILLISECONDS);
      return 0;
    } catch (TimeoutException e) {
      System.err.println("not stopped within shutdown_timeout " + limit.toSeconds() + " s");
      return 1;
    }
  }
}
