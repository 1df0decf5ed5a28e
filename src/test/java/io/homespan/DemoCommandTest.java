package io.homespan;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import picocli.CommandLine;

@Timeout(300)
class DemoCommandTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void theDemo_provesThatTracesAreWhole() {
    assertThat(demo("--traces", "40", "--seed", "7")).as(() -> out + "\n" + err).isZero();
    assertThat(out.toString().replace("\r", ""))
        .startsWith("Three Homespan nodes")
        .contains("Sending 40 traces (--seed 7)")
        .containsPattern("traces sent +40\n")
        .containsPattern("whole on one node +40\n")
        .containsPattern("split +0\n")
        .containsPattern("node 3 .* balance\n")
        .contains("Every trace is whole on one node; nothing was lost or duplicated.");
  }

  @Test
  void noTracesAtAll_areRefused() {
    assertThat(demo("--traces", "0")).isEqualTo(2);
    assertThat(err.toString()).contains("--traces 0: 1 to 20000 will do");
  }

  private int demo(String... args) {
    return new CommandLine(new DemoCommand())
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(args);
  }
}
