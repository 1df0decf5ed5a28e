package io.homespan.config;

import io.vertx.config.yaml.YamlProcessor;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.yaml.snakeyaml.error.MarkedYAMLException;

/** The front door: from a file and the environment to a checked configuration. */
public final class ConfigLoader {
  private ConfigLoader() {}

  /**
   * Reads a YAML (or JSON) file. Fails with a {@link ConfigException} that has all problems, also
   * if the file cannot be read.
   *
   * @param env the environment, as for {@link ConfigReader#read}
   * @param maxHeapBytes what Java may use, to compare bounds with
   * @param ownProviders words for {@code discovery_mode} beside those that are built in
   */
  public static Future<Loaded> load(
      Vertx vertx,
      Path file,
      Map<String, String> env,
      long maxHeapBytes,
      Set<String> ownProviders) {
    return load(vertx, file, env, maxHeapBytes, ownProviders, ConfigReader.Use.NODE);
  }

  /**
   * The same for a process that only measures the network: role is agent and heartbeat on, whatever
   * the file says, and the variables of a Distributed-trace agent act.
   */
  public static Future<Loaded> loadAgent(
      Vertx vertx,
      Path file,
      Map<String, String> env,
      long maxHeapBytes,
      Set<String> ownProviders) {
    return load(vertx, file, env, maxHeapBytes, ownProviders, ConfigReader.Use.AGENT);
  }

  private static Future<Loaded> load(
      Vertx vertx,
      Path file,
      Map<String, String> env,
      long maxHeapBytes,
      Set<String> ownProviders,
      ConfigReader.Use use) {
    return vertx
        .fileSystem()
        .readFile(file.toString())
        .recover(failure -> Future.failedFuture(unreadable(file, reason(failure))))
        .compose(bytes -> tree(vertx, file, bytes.toString()))
        .map(tree -> ConfigReader.read(tree, env, maxHeapBytes, ownProviders, use));
  }

  /** The same where no providers but the built-in ones are known. */
  public static Future<Loaded> load(
      Vertx vertx, Path file, Map<String, String> env, long maxHeapBytes) {
    return load(vertx, file, env, maxHeapBytes, Set.of());
  }

  /** The defaults, overridden by the environment: for a node that was given no file. */
  public static Loaded defaults(
      Map<String, String> env, long maxHeapBytes, Set<String> ownProviders) {
    return ConfigReader.read(new JsonObject(), env, maxHeapBytes, ownProviders);
  }

  /**
   * For a process that runs in the place of a Distributed-trace agent and was given no file: that
   * agent's defaults, overridden by its variables and by ours.
   */
  public static Loaded agentDefaults(
      Map<String, String> env, long maxHeapBytes, Set<String> ownProviders) {
    ConfigReader.Use use = ConfigReader.Use.LONE_AGENT;
    return ConfigReader.read(new JsonObject(), env, maxHeapBytes, ownProviders, use);
  }

  /** The same as {@link #defaults} where no providers but the built-in ones are known. */
  public static Loaded defaults(Map<String, String> env, long maxHeapBytes) {
    return defaults(env, maxHeapBytes, Set.of());
  }

  private static Future<JsonObject> tree(Vertx vertx, Path file, String written) {
    String text = YamlText.ofJson(written);
    List<Problem> problems = new ArrayList<>();
    if (YamlText.look(file.toString(), text, problems)) {
      return new YamlProcessor()
          .process(vertx, new JsonObject(), Buffer.buffer(text))
          .recover(failure -> Future.failedFuture(odd(file, failure)));
    }
    return problems.isEmpty()
        ? Future.succeededFuture(new JsonObject())
        : Future.failedFuture(new ConfigException(problems));
  }

  private static String reason(Throwable failure) {
    Throwable last = failure;
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof NoSuchFileException) {
        return "there is no such file";
      }
      if (cause instanceof AccessDeniedException) {
        return "may not be read by this user";
      }
      last = cause;
    }
    return "cannot be read: " + Shown.bare(String.valueOf(last.getMessage()));
  }

  /** YAML that no tree is made of: unknown tags, aliases without end. */
  private static ConfigException odd(Path file, Throwable failure) {
    Throwable cause = failure.getCause() == null ? failure : failure.getCause();
    String what =
        cause instanceof MarkedYAMLException marked ? marked.getProblem() : cause.getMessage();
    return new ConfigException(
        List.of(
            Problem.error(
                file.toString(),
                "cannot be read: " + Shown.bare(String.valueOf(what)),
                "write plain mappings, lists, text and numbers")));
  }

  private static ConfigException unreadable(Path file, String what) {
    return new ConfigException(
        List.of(Problem.error(file.toString(), what, "give a file with -conf, or none at all")));
  }
}
