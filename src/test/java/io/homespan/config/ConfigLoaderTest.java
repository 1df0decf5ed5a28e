package io.homespan.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that cannot be read, or hold no tree. */
class ConfigLoaderTest {
  private static Vertx vertx;

  @TempDir Path directory;

  @BeforeAll
  static void open() {
    vertx = Vertx.vertx();
  }

  @AfterAll
  static void close() {
    vertx.close().await();
  }

  @Test
  void aMissingFile_isNamed() {
    Path file = directory.resolve("no.yaml");
    assertThat(refused(file))
        .containsExactly(file + ": there is no such file; give a file with -conf, or none at all");
  }

  @Test
  void aDirectory_isNoFile() {
    assertThat(refused(directory))
        .containsExactly(
            directory + ": cannot be read: Is a directory; give a file with -conf, or none at all");
  }

  @Test
  void whatIsNotYaml_isToldWithLineAndColumn() throws IOException {
    Path file = write("ingest:\n  port: 1\n  host: a: b\n");
    assertThat(refused(file))
        .containsExactly(
            file
                + ":3:10: is not YAML: mapping values are not allowed here;"
                + " correct that line or the one before");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "- a\n- b",
        "just text",
        "a: [1",
        "a: !!java.lang.Object {}",
        "a: *b",
        "\u0000",
        "a: &x { b: *x }",
        "--- {}\n--- {}",
        "1: 2",
        "? [a]\n: b",
        "a: {b: 1}}",
        "\tport: 1"
      })
  void otherThings_areOneLineEach(String text) throws IOException {
    Path file = write(text);
    assertThat(refused(file))
        .hasSize(1)
        .allMatch(line -> line.startsWith(file.toString()) && line.indexOf('\n') < 0);
  }

  @Test
  void aKeyThatStandsTwice_isNamed_withBothLines() throws IOException {
    assertThat(
            refused(
                write("ingest:\n  port: 1\n  host: a\n  port: 2\nsink:\n- {type: log, type: log}")))
        .containsExactly(
            "ingest.port: stands twice, in lines 2 and 4; remove one of them",
            "sink[0].type: stands twice, in lines 6 and 6; remove one of them");
  }

  @Test
  void whateverAKeyOrVariableIsCalled_itsProblemIsOneLine() throws IOException {
    assertThat(refused(write("\"a\\nb\": 1"))).first().asString().startsWith("a?b: unknown key;");
    assertThat(ConfigLoader.defaults(Map.of("HOMESPAN_A\nB", "1"), Long.MAX_VALUE).warnings())
        .extracting(Problem::toString)
        .anyMatch(line -> line.startsWith("warning: HOMESPAN_A?B: unknown variable"));
  }

  /** Two aliases a line: a kilobyte would be sixty million mappings. */
  @ParameterizedTest
  @ValueSource(strings = {"{l: *a%2$d, r: *a%2$d}", "[*a%2$d, *a%2$d]"})
  void aliasesOfAliases_areNotWrittenOut(String doubled) throws IOException {
    StringBuilder text = new StringBuilder("a0: &a0 {x: 1}\n");
    for (int i = 1; i <= 25; i++) {
      text.append(("a%1$d: &a%1$d " + doubled + "\n").formatted(i, i - 1));
    }
    Path file = write(text.toString());
    assertThat(refused(file))
        .containsExactly(
            file
                + ":1:1: holds 100000 values or more, with all aliases written out;"
                + " write less, with fewer aliases of aliases");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "# nothing\n", "---\n", "{}", "ingest:\n"})
  void anEmptyFile_isTheDefaults(String text) throws IOException {
    assertThat(load(write(text))).isEqualTo(ConfigLoader.defaults(Map.of(), Long.MAX_VALUE));
  }

  @Test
  void json_isYaml_tabsIncluded() throws IOException {
    Path file =
        write(
            """
            {
            \t"ingest": {\t"port": 7 },
            \t"sink": [ { "type": "file", "file": { "path": "\\/a\\u00e9" } } ] }
            """);
    Config config = load(file).config();
    assertThat(config.ingest().port()).isEqualTo(7);
    assertThat(config.sinks()).isEqualTo(List.of(new Config.FileSink("/a\u00e9", 268435456, 0)));
  }

  @Test
  void theEnvironment_isHeardWithoutAFile() {
    assertThat(
            ConfigLoader.defaults(Map.of("HOMESPAN_CLUSTER", "c"), Long.MAX_VALUE)
                .config()
                .cluster())
        .isEqualTo("c");
  }

  private Path write(String text) throws IOException {
    return Files.writeString(directory.resolve("a.yaml"), text);
  }

  private static Loaded load(Path file) {
    return ConfigLoader.load(vertx, file, Map.of(), Long.MAX_VALUE).await();
  }

  private static List<String> refused(Path file) {
    ConfigException refused = catchThrowableOfType(ConfigException.class, () -> load(file));
    assertThat(refused).as("refused").isNotNull();
    return refused.problems().stream().map(Problem::toString).toList();
  }
}
