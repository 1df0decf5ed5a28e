package io.homespan.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.homespan.config.Config.Endpoint;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The same against a name server that is not ours. */
class DnsmasqTest {
  @Test
  void aNodeFindsItself_throughDnsmasq() throws Exception {
    int port = freePort();
    Process dnsmasq = start(port);
    try (TestNode node = new TestNode()) {
      node.modes = List.of("dns");
      node.domains = List.of("short.example");
      node.dnsServers = List.of(new Endpoint("127.0.0.1", port));
      node.discover();
      assertThat(node.awaitPeers(node.text()).containsSelf()).isTrue();
    } finally {
      dnsmasq.destroy();
      dnsmasq.waitFor(5, TimeUnit.SECONDS);
    }
  }

  private static Process start(int port) {
    ProcessBuilder command =
        new ProcessBuilder(
            "dnsmasq",
            "--keep-in-foreground",
            "--conf-file=/dev/null",
            "--no-resolv",
            "--no-hosts",
            "--pid-file=",
            "--bind-interfaces",
            "--listen-address=127.0.0.1",
            "--port=" + port,
            "--host-record=tier.example,127.0.0.1",
            "--cname=short.example,tier.example");
    try {
      return command
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start();
    } catch (IOException e) {
      // where the tests count, what they need is there
      assumeTrue("true".equals(System.getenv("CI")), "dnsmasq is not installed");
      throw new AssertionError("dnsmasq is not installed", e);
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
