package io.homespan.guard;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homespan.config.Config.SecretFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LiveHeadersTest {
  @TempDir Path dir = Path.of("");

  private SecretFile file(String text) throws Exception {
    Path path = Files.writeString(dir.resolve("headers"), text);
    return new SecretFile("sink.otlp.headers_file", path.toString());
  }

  @Test
  void headersAreLines_commentsAndEmptyOnesAside() throws Exception {
    assertThat(LiveHeaders.headers(file("# a\n\nX-Scope-OrgID:shop\n key :  a b:c  \n")))
        .containsExactly(entry("x-scope-orgid", "shop"), entry("key", "a b:c"));
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {
        "-,                    holds no header",
        "# none,               holds no header",
        "secret,               has no header in line 1",
        "key:,                 has no header in line 1",
        ":path: secret,        has no header in line 1",
        "käy: secret,          has no header in line 1",
        "key: sécret,          has no header in line 1",
        "TE: secret,           has the header te in line 1",
        "grpc-timeout: secret, has the header grpc-timeout in line 1",
        "'a: secret\nA: x',    has a twice in line 2",
      })
  void whatWillNotDo_isTold_withoutTheSecret(@Nullable String text, String problem)
      throws Exception {
    String written = text == null ? "" : text.replace("\\n", "\n");
    SecretFile file = file(written);
    assertThatThrownBy(() -> LiveHeaders.headers(file))
        .isInstanceOfSatisfying(
            UnusableException.class,
            e -> {
              assertThat(e.problem().what()).contains(problem).doesNotContain("secret");
              assertThat(e.problem().remedy()).isNotBlank();
            });
  }

  @Test
  void thereAreNotTooMany() throws Exception {
    SecretFile file = file("a: " + "x".repeat(9000));
    assertThatThrownBy(() -> LiveHeaders.headers(file)).isInstanceOf(UnusableException.class);
  }
}
