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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the configuration for a command, and tells what is wrong with it on standard error. */
final class Configured {
  /** By which a pod is told where the API is, and what that is called in every cluster. */
  private static final String API_HOST = "KUBERNETES_SERVICE_HOST";

  private static final String API_OF_PODS = "kubernetes.default.svc";

  private Configured() {}

  /** The configuration in this file, or the defaults; null after its problems were printed. */
  static @Nullable Config read(Vertx vertx, @Nullable Path file, PrintWriter err) {
    Loaded loaded = load(vertx, file, err);
    return loaded == null ? null : loaded.config();
  }

  /**
   * As {@link #read}, but not to be run here: what a pod of a cluster is told is made up for a file
   * that is for one, with a warning.
   */
  static @Nullable Config elsewhere(Vertx vertx, Path file, PrintWriter err) {
    Map<String, String> env = new HashMap<>(System.getenv());
    boolean made = env.getOrDefault(API_HOST, "").isBlank();
    if (made) env.put(API_HOST, API_OF_PODS);
    Loaded loaded = load(vertx, file, false, env, err);
    if (loaded == null) return null;
    Config.Kubernetes kubernetes = loaded.config().discovery().kubernetes();
    if (made && kubernetes != null && kubernetes.api().host().equals(API_OF_PODS)) {
      err.println(
          new Problem(
              "discovery.kubernetes.api",
              "is empty, and this is no pod of a cluster, which would tell",
              "in a pod, peers -conf FILE checks it, and the files of token_file and ca_file",
              false));
      err.flush();
    }
    return loaded.config();
  }

  /** From this file, or of the defaults. */
  static Future<Loaded> from(Vertx vertx, @Nullable Path file) {
    return from(vertx, file, false);
  }

  /** The same, for a process that only measures the network if {@code agent} is true. */
  static Future<Loaded> from(Vertx vertx, @Nullable Path file, boolean agent) {
    return from(vertx, file, agent, System.getenv());
  }

  private static Future<Loaded> from(
      Vertx vertx, @Nullable Path file, boolean agent, Map<String, String> env) {
    long heap = Runtime.getRuntime().maxMemory();
    Set<String> own = OwnProviders.kinds();
    if (agent) {
      return file == null
          ? Future.succeededFuture(ConfigLoader.agentDefaults(env, heap, own))
          : ConfigLoader.loadAgent(vertx, file, env, heap, own);
    }
    return file == null
        ? Future.succeededFuture(ConfigLoader.defaults(env, heap, own))
        : ConfigLoader.load(vertx, file, env, heap, own);
  }

  /** As {@link #read}, with what else is known of it. */
  static @Nullable Loaded load(Vertx vertx, @Nullable Path file, PrintWriter err) {
    return load(vertx, file, false, err);
  }

  /** The same, as {@link #from(Vertx, Path, boolean)}. */
  static @Nullable Loaded load(Vertx vertx, @Nullable Path file, boolean agent, PrintWriter err) {
    return load(vertx, file, agent, System.getenv(), err);
  }

  private static @Nullable Loaded load(
      Vertx vertx, @Nullable Path file, boolean agent, Map<String, String> env, PrintWriter err) {
    Loaded loaded;
    try {
      loaded = from(vertx, file, agent, env).await();
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
