package io.homespan.heartbeat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SYNs that a packet filter drops, in a network namespace of its own. */
class SynLossTest {
  private static final String NAMESPACE = "hsloss" + ProcessHandle.current().pid();

  /** One SYN in ten, by chance. */
  private static final double INJECTED = 0.1;

  private static final String FILTER =
      "table inet loss { chain arriving { type filter hook input priority 0;"
          + " tcp flags & (syn|ack) == syn numgen random mod 10 == 0 drop; }; }\n";

  private static final Pattern TOLD =
      Pattern.compile("sent (\\d+) failed (\\d+) drop_rate ([0-9.E-]+)");

  @TempDir Path dir;
  private boolean made;

  @BeforeEach
  void layCables() throws Exception {
    needs(run("ip", "netns", "add", NAMESPACE), "network namespaces (ip, of iproute2): ");
    made = true;
    assertThat(run("ip", "-n", NAMESPACE, "link", "set", "lo", "up")).isEmpty();
    Path filter = Files.writeString(dir.resolve("filter"), FILTER);
    needs(
        run("ip", "netns", "exec", NAMESPACE, "nft", "-f", filter.toString()),
        "a packet filter (nft, of nftables): ");
  }

  @AfterEach
  void clear() throws Exception {
    if (made) run("ip", "netns", "delete", NAMESPACE);
  }

  @Test
  void theDropRate_isThatOfTheNetwork_withinAFactorOfTwo() throws Exception {
    Path out = dir.resolve("out");
    String ofSurefire = System.getProperty("surefire.test.class.path");
    Process probe =
        new ProcessBuilder(
                "ip",
                "netns",
                "exec",
                NAMESPACE,
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                ofSurefire == null ? System.getProperty("java.class.path") : ofSurefire,
                LossProbe.class.getName())
            .redirectErrorStream(true)
            .redirectOutput(out.toFile())
            .start();
    try {
      assertThat(probe.waitFor(240, TimeUnit.SECONDS)).as("it ends").isTrue();
    } finally {
      probe.destroyForcibly();
    }

    String said = Files.readString(out);
    Matcher told = TOLD.matcher(said);
    assertThat(told.find()).as(said).isTrue();
    assertThat(Integer.parseInt(told.group(1))).isGreaterThan(300);
    assertThat(told.group(2)).as("failures, which loss is not: %s", said).isEqualTo("0");
    assertThat(Double.parseDouble(told.group(3))).isBetween(INJECTED / 2, INJECTED * 2);
  }

  /** Where the tests count, what they need is there, rights included. */
  private static void needs(String complaint, String what) {
    assumeTrue(
        complaint.isEmpty() || "true".equals(System.getenv("CI")),
        "not available or not permitted here: " + what + complaint);
    assertThat(complaint).as(what).isEmpty();
  }

  /** What it complains of. */
  private static String run(String... command) throws Exception {
    Process process;
    try {
      process = new ProcessBuilder(List.of(command)).redirectErrorStream(true).start();
    } catch (IOException e) {
      return command[0] + " is not installed";
    }
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return process.waitFor() == 0 ? "" : said.isBlank() ? "it failed" : said.strip();
  }
}
