package io.homespan.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Lists of endpoints, as others write them. */
class EndpointFileTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "- Node-A\n- \"b:7\"\n- \"[::1]:9\"\n- node-a\n",
        "# ours\n[node-a, 'b:7', \"[::1]:9\"]",
        "[\n\t\"node-a\",\n\t\"b:7\",\n\t\"[::1]:9\"\n]\n",
      })
  void yamlAndJson_areRead(String text) {
    assertThat(EndpointFile.read(text, 5))
        .extracting(Config.Endpoint::toString)
        .containsExactly("node-a:5", "b:7", "[::1]:9");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n# nobody\n", "[]", "null"})
  void nothing_isNothing(String text) {
    assertThat(EndpointFile.read(text, 5)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          - a~- b:0      | line 2: "b:0" has no port from 1 to 65535; write "host:21891"
          - a~-          | line 2: "" has no host; write "host:21891"
          - a~- {b: 1}   | line 2: is no endpoint; write "host:21891"
          peers: [a]     | line 1: is no list of endpoints; write "- host:21891", one a line
          just text      | line 1: is no list of endpoints; write "- host:21891", one a line
          - a~- 'b       | line 2: is neither YAML nor JSON: found unexpected end of stream; correct that line or the one before
          - a~- 300.1.1.1 | line 2: "300.1.1.1" holds no IPv4 address; write "host:21891"
          """)
  void whatIsWrong_isSaidByItsLine_withWhatWouldDo(String text, String problem) {
    assertThat(problems(text.replace('~', '\n'))).containsExactly(problem);
  }

  @Test
  void everythingThatIsWrong_isSaid() {
    assertThat(problems("- a b\n- c\n- d:x\n")).hasSize(2);
  }

  @Test
  void aliasesWithoutEnd_areRefused() {
    StringBuilder text = new StringBuilder("- &a0 [x, x]\n");
    for (int i = 1; i < 60; i++) {
      text.append("- &a").append(i).append(" [*a").append(i - 1).append(", *a").append(i - 1);
      text.append("]\n");
    }
    assertThat(problems(text.toString())).isNotEmpty();
  }

  private static List<String> problems(String text) {
    ConfigException refused =
        catchThrowableOfType(ConfigException.class, () -> EndpointFile.read(text, 5));
    return refused.problems().stream().map(Problem::toString).toList();
  }
}
