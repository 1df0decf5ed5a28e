package io.homespan.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.homespan.config.Config.Endpoint;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Any file with any environment is a configuration, or its author is told what is wrong. */
class ConfigFuzzTest {
  private static final int PATIENCE_SECONDS = 100; // a busy machine is no finding

  private static Vertx vertx;
  private static Path file;

  @BeforeAll
  static void open() throws IOException {
    vertx = Vertx.vertx();
    file = Files.createTempFile("homespan", ".yaml");
    // while a fuzzer changes the classes that are loaded on the way, the first may take long
    ConfigLoader.load(vertx, file, Map.of(), Long.MAX_VALUE).await();
  }

  @AfterAll
  static void close() throws IOException {
    vertx.close().await();
    Files.delete(file);
  }

  /** A file and, each behind a byte 0, variables as {@code NAME=value}. */
  @FuzzTest
  void load(byte[] bytes) throws Exception {
    int end = 0;
    while (end < bytes.length && bytes[end] != 0) end++;
    Files.write(file, Arrays.copyOf(bytes, end));
    Map<String, String> env = new HashMap<>();
    String rest = new String(bytes, end, bytes.length - end, StandardCharsets.UTF_8);
    for (String each : rest.split("\0", -1)) {
      int equals = each.indexOf('=');
      if (equals > 0) env.put(each.substring(0, equals), each.substring(equals + 1));
    }
    for (Problem problem : problems(env)) {
      assertThat(problem.toString()).isNotBlank().doesNotContainPattern("\\p{Cntrl}");
      assertThat(problem.what()).isNotBlank();
    }
  }

  private static List<Problem> problems(Map<String, String> env) throws Exception {
    try {
      Loaded loaded =
          ConfigLoader.load(vertx, file, env, Long.MAX_VALUE)
              .toCompletionStage()
              .toCompletableFuture()
              .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      assertThat(loaded.config().sinks()).isNotEmpty();
      assertThat(loaded.config().ingest().port()).isBetween(0, 65535);
      for (Endpoint each : loaded.config().peerForwarder().staticEndpoints()) {
        assertThat(each.port()).isBetween(1, 65535);
        assertThat(each.host()).isNotBlank();
      }
      return loaded.warnings();
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof ConfigException refused)) throw e;
      assertThat(refused.problems()).anyMatch(Problem::error);
      return refused.problems();
    } catch (TimeoutException e) {
      return fail("it takes more than " + PATIENCE_SECONDS + " s");
    }
  }

  /** An address that is taken is taken again as it is shown. */
  @FuzzTest
  void endpoint(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    for (EndpointKind kind :
        List.of(
            new EndpointKind(21891, false, false, false, "a:1"),
            new EndpointKind(0, true, false, false, "a:1"),
            new EndpointKind(4317, false, true, false, "a:1"),
            new EndpointKind(53, false, false, true, "10.0.0.10:53"))) {
      int[] told = new int[1];
      Kind.Wrong wrong = (at, what, remedy) -> told[0]++;
      Endpoint read = kind.read(text, wrong);
      assertThat(told[0]).isEqualTo(read == null ? 1 : 0);
      if (read != null) assertThat(kind.read(read.toString(), wrong)).isEqualTo(read);
    }
  }
}
