package io.homespan.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homespan.bus.NodeFacts;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What others say of themselves. */
class HelloTest {
  private static Hello read(String more) {
    return Hello.from(new JsonObject("{\"cluster\":\"c\",\"instance\":\"i\"" + more + "}"));
  }

  @Test
  void null_isAbsent() {
    Hello least = new Hello("c", null, "i", NodeFacts.UNKNOWN, "", false, List.of(), null);
    assertThat(read("")).isEqualTo(least);
    assertThat(
            read(
                """
                ,"id":null,"version":null,"zone":null,"weight":null,"started_at":null,"table":null,"leaving":null,"members":null,"reached_at":null
                """))
        .isEqualTo(least);
    assertThat(read(",\"members\":[{\"address\":\"b:1\",\"left\":null}]").members())
        .containsExactly(new Hello.Known("b:1", null, false, null, 0));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"members\":[null]",
        "\"members\":[7]",
        "\"members\":{}",
        "\"members\":[{}]",
        "\"leaving\":\"no\"",
        "\"id\":\" \"",
        "\"weight\":0",
        "\"weight\":101",
        "\"weight\":1.5",
        "\"weight\":\"1\"",
        "\"started_at\":\"now\"",
        "\"about\":[7]",
        "\"about\":[null]",
        "\"about\":{}"
      })
  void whatIsNone_isSaidToBeNone(String odd) {
    assertThatThrownBy(() -> read("," + odd)).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "101", "-1", "1.5", "\"1\"", "99999999999"})
  void aMembersWeightThatNobodyMayHave_isUnknown_andDoesNoHarmToWhoTellsIt(String odd) {
    Hello hello =
        read(
            ",\"weight\":3,\"members\":[{\"address\":\"a:1\",\"id\":\"a\",\"instance\":\"j\",\"weight\":%s}]"
                .formatted(odd));
    assertThat(hello.facts().weight()).isEqualTo(3);
    assertThat(hello.members()).containsExactly(new Hello.Known("a:1", "a", false, "j", 0));
  }

  @Test
  void longTexts_areNotBelieved() {
    assertThatThrownBy(() -> read(",\"version\":\"" + "1".repeat(301) + "\""))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("version of 301 characters");
    assertThatThrownBy(() -> read(",\"about\":[\"" + "1".repeat(301) + "\"]"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
