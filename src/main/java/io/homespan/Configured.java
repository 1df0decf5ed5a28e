package io.homespan;

import io.homespan.config.Config;
import io.homespan.config.ConfigException;
import io.homespan.config.ConfigLoader;
import io.homespan.config.Loaded;
import io.homespan.config.Problem;
import io.homespan.discovery.OwnProviders;
import io.homespan.guard.SecretCheck;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the configuration for a command, and tells what is wrong with it on standard error. */
final class Configured {
  private Configured() {}

  /** The configuration in this file, or the defaults; null after its problems were printed. */
  static @Nullable Config read(Vertx vertx, @Nullable Path file, PrintWriter err) {
    Loaded loaded = load(vertx, file, err);
    return loaded == null ? null : loaded.config();
  }

  /** From this file, or of the defaults. */
  static Future<Loaded> from(Vertx vertx, @Nullable Path file) {
    long heap = Runtime.getRuntime().maxMemory();
    Set<String> own = OwnProviders.kinds();
    return file == null
        ? Future.succeededFuture(ConfigLoader.defaults(System.getenv(), heap, own))
        : ConfigLoader.load(vertx, file, System.getenv(), heap, own);
  }

  /** As {@link #read}, with what else is known of it. */
  static @Nullable Loaded load(Vertx vertx, @Nullable Path file, PrintWriter err) {
    Loaded loaded;
    try {
      loaded = from(vertx, file).await();
    } catch (ConfigException e) {
      e.problems().forEach(err::println);
      err.flush();
      return null;
    }
    List<Problem> secrets = SecretCheck.of(loaded.config(), Instant.now());
    loaded.warnings().forEach(err::println);
    secrets.forEach(err::println);
    err.flush();
    return secrets.stream().anyMatch(Problem::error) ? null : loaded;
  }
}
