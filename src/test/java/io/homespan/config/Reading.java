package io.homespan.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.vertx.config.yaml.YamlProcessor;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads YAML out of a test's text, through the parser that files go through. */
final class Reading implements AutoCloseable {
  private final Vertx vertx = Vertx.vertx();

  /** A usable configuration, with what it warns of. */
  Loaded loaded(String yaml, Map<String, String> env) {
    return ConfigReader.read(tree(yaml), env, Long.MAX_VALUE, Set.of("mine"));
  }

  Config config(String yaml) {
    return loaded(yaml, Map.of()).config();
  }

  /** All problems as lines, whether the configuration is usable or not. */
  List<String> lines(String yaml, Map<String, String> env, long maxHeapBytes) {
    return lines(yaml, env, maxHeapBytes, Set.of());
  }

  /** The same with providers on the class path. */
  List<String> lines(String yaml, Map<String, String> env, long maxHeapBytes, Set<String> own) {
    JsonObject tree = tree(yaml);
    ConfigException refused =
        catchThrowableOfType(
            ConfigException.class, () -> ConfigReader.read(tree, env, maxHeapBytes, own));
    List<Problem> problems =
        refused == null
            ? ConfigReader.read(tree, env, maxHeapBytes, own).warnings()
            : refused.problems();
    assertThat(problems.stream().anyMatch(Problem::error)).isEqualTo(refused != null);
    return problems.stream().map(Problem::toString).toList();
  }

  List<String> lines(String yaml) {
    return lines(yaml, Map.of(), Long.MAX_VALUE);
  }

  private JsonObject tree(String yaml) {
    return new YamlProcessor().process(vertx, new JsonObject(), Buffer.buffer(yaml)).await();
  }

  @Override
  public void close() {
    vertx.close().await();
  }
}
