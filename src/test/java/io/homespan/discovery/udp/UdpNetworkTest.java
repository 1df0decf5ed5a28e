package io.homespan.discovery.udp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Three hosts on one network that is cut in two and joined again: network namespaces round a bridge
 * that has a namespace of its own, so that nothing of this host is touched.
 */
class UdpNetworkTest {
  private static final String PREFIX = "hs" + ProcessHandle.current().pid();
  private static final String SWITCH = PREFIX + "-switch";
  private static final int HOSTS = 3;
  private static final String NOT_PERMITTED =
      "network namespaces are not permitted here, as they are to root outside of containers: ";

  @TempDir Path dir;
  private final List<Process> probes = new ArrayList<>();
  private final List<String> namespaces = new ArrayList<>();

  @BeforeEach
  void layCables() throws Exception {
    String failure = ip("netns", "add", SWITCH);
    // where the tests count, what they need is there, rights included
    boolean counts = "true".equals(System.getenv("CI"));
    assumeTrue(failure.isEmpty() || counts, NOT_PERMITTED + failure);
    assertThat(failure).as(NOT_PERMITTED).isEmpty();
    namespaces.add(SWITCH);
    must("-n", SWITCH, "link", "add", "br0", "type", "bridge");
    must("-n", SWITCH, "link", "set", "br0", "up");
    for (int i = 1; i <= HOSTS; i++) {
      String host = PREFIX + "-" + i;
      must("netns", "add", host);
      namespaces.add(host);
      must(
          "-n",
          SWITCH,
          "link",
          "add",
          "port" + i,
          "type",
          "veth",
          "peer",
          "name",
          "eth0",
          "netns",
          host);
      must("-n", SWITCH, "link", "set", "port" + i, "master", "br0", "up");
      must("-n", host, "addr", "add", address(i) + "/24", "dev", "eth0");
      must("-n", host, "link", "set", "lo", "up");
      must("-n", host, "link", "set", "eth0", "up");
    }
  }

  @AfterEach
  void clear() throws Exception {
    for (Process probe : probes) probe.destroyForcibly().waitFor(60, TimeUnit.SECONDS);
    for (String namespace : namespaces) ip("netns", "delete", namespace);
  }

  private static String address(int host) {
    return "10.77.0." + host;
  }

  private static void must(String... arguments) throws Exception {
    assertThat(ip(arguments)).as("ip %s", String.join(" ", arguments)).isEmpty();
  }

  /** What it complains of. */
  private static String ip(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("ip"));
    command.addAll(List.of(arguments));
    Process process;
    try {
      process = new ProcessBuilder(command).redirectErrorStream(true).start();
    } catch (IOException e) {
      // where the tests count, what they need is there
      assumeTrue("true".equals(System.getenv("CI")), "ip (iproute2) is not installed");
      throw new AssertionError("ip (iproute2) is not installed", e);
    }
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return process.waitFor() == 0 ? "" : said.isBlank() ? "it failed" : said.strip();
  }

  private Path startProbe(int host, String group) throws IOException {
    String ofSurefire = System.getProperty("surefire.test.class.path");
    Path out = dir.resolve("host" + host);
    probes.add(
        new ProcessBuilder(
                "ip",
                "netns",
                "exec",
                PREFIX + "-" + host,
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                ofSurefire == null ? System.getProperty("java.class.path") : ofSurefire,
                "io.homespan.discovery.udp.BeaconProbe",
                address(host),
                "eth0",
                group)
            .redirectErrorStream(true)
            .redirectOutput(out.toFile())
            .start());
    return out;
  }

  /** Waits until the last that it said of others is this. */
  private static void awaitFound(Path out, Integer... hosts) throws Exception {
    String expected = "found " + List.of(hosts).stream().map(UdpNetworkTest::address).toList();
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (true) {
      List<String> said = Files.readAllLines(out);
      List<String> found = said.stream().filter(line -> line.startsWith("found ")).toList();
      if (!found.isEmpty() && found.get(found.size() - 1).equals(expected)) return;
      if (System.nanoTime() - end > 0) throw new AssertionError(expected + ", never; " + said);
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"239.255.21.89", "255.255.255.255", "ff02::4853"})
  void threeHosts_findOneAnother_throughAPartitionThatHeals(String group) throws Exception {
    Path one = startProbe(1, group);
    Path two = startProbe(2, group);
    Path three = startProbe(3, group);
    for (Path each : List.of(one, two, three)) awaitFound(each, 1, 2, 3);
    must("-n", SWITCH, "link", "set", "port3", "nomaster");
    for (Path each : List.of(one, two)) awaitFound(each, 1, 2);
    awaitFound(three, 3);
    must("-n", SWITCH, "link", "set", "port3", "master", "br0");
    for (Path each : List.of(one, two, three)) awaitFound(each, 1, 2, 3);
    must("-n", PREFIX + "-3", "link", "set", "eth0", "down"); // its own ears are gone
    for (Path each : List.of(one, two)) awaitFound(each, 1, 2);
    assertThat(lastOf(three)).isEqualTo("found [10.77.0.1, 10.77.0.2, 10.77.0.3]");
    must("-n", PREFIX + "-3", "link", "set", "eth0", "up");
    for (Path each : List.of(one, two, three)) awaitFound(each, 1, 2, 3);
  }

  private static String lastOf(Path out) throws IOException {
    List<String> said = Files.readAllLines(out);
    return said.stream().filter(line -> line.startsWith("found ")).reduce((a, b) -> b).orElse("");
  }
}
