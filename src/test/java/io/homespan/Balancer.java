package io.homespan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A load balancer in a process of its own, by a copy of a file of {@code conf/balancers} in which
 * nothing is changed but the ports, the certificate, and what {@link #change} says.
 */
final class Balancer implements AutoCloseable {
  private static final Path CONF = Path.of("conf/balancers");
  private static final long LIMIT_SECONDS = 60;

  final int grpc;
  final int http;
  final int statistics;
  private final Path dir;
  private final Path file;
  private final String program;
  private final List<String> command;
  private String text;
  private @Nullable Process process;

  /**
   * Not started yet.
   *
   * @param dir of this one alone
   * @param name a file of {@code conf/balancers}; it tells which program reads it
   * @param dnsPort of the name server on 127.0.0.1
   * @param nodesPort the nodes' ingest port
   */
  Balancer(Path dir, String name, int dnsPort, int nodesPort) throws IOException {
    this.grpc = FreePort.any();
    this.http = FreePort.any();
    this.statistics = FreePort.any();
    this.dir = Files.createDirectories(dir);
    this.file = dir.resolve(name);
    this.text = Files.readString(CONF.resolve(name));
    this.program = name.substring(0, name.indexOf(name.contains("-tls") ? '-' : '.'));
    switch (program) {
      case "haproxy" -> {
        change("nameserver one 127.0.0.1:5300", "nameserver one 127.0.0.1:" + dnsPort);
        change("bind :4317", "bind 127.0.0.1:" + grpc);
        change("bind :4318", "bind 127.0.0.1:" + http);
        change("bind 127.0.0.1:8404", "bind 127.0.0.1:" + statistics);
        change("nodes.tier.local:21890", "nodes.tier.local:" + nodesPort);
        command = List.of("haproxy", "-db", "-f", file.toString());
      }
      case "nginx" -> {
        change("resolver 127.0.0.1:5300", "resolver 127.0.0.1:" + dnsPort);
        change("listen 4317", "listen 127.0.0.1:" + grpc);
        change("listen 4318", "listen 127.0.0.1:" + http);
        change("listen 127.0.0.1:8404", "listen 127.0.0.1:" + statistics);
        change("nodes.tier.local:21890", "nodes.tier.local:" + nodesPort);
        withoutPrivileges();
        command = List.of("nginx", "-e", "stderr", "-c", file.toString(), "-g", "daemon off;");
      }
      case "envoy" -> {
        change(
            "address: 127.0.0.1, port_value: 5300", "address: 127.0.0.1, port_value: " + dnsPort);
        change("address: 0.0.0.0, port_value: 4317", "address: 127.0.0.1, port_value: " + grpc);
        change("address: 0.0.0.0, port_value: 4318", "address: 127.0.0.1, port_value: " + http);
        change("port_value: 9901", "port_value: " + statistics);
        change("port_value: 21890", "port_value: " + nodesPort);
        command = List.of("envoy", "-c", file.toString(), "--disable-hot-restart");
      }
      default -> throw new IllegalArgumentException(name);
    }
  }

  /** Where a package of nginx has these, only root may write. */
  private void withoutPrivileges() {
    change("worker_processes auto;", "user root root; pid " + dir + "/pid; worker_processes auto;");
    StringBuilder paths = new StringBuilder("access_log off;");
    for (String each : List.of("client_body", "proxy", "fastcgi", "uwsgi", "scgi")) {
      paths.append(' ').append(each).append("_temp_path ").append(dir.resolve(each)).append(';');
    }
    change("access_log off;", paths.toString());
  }

  /** In every line that has it; there must be one. */
  Balancer change(String from, String to) {
    assertThat(text).contains(from);
    text = text.replace(from, to);
    return this;
  }

  /** Takes this certificate and key, in one file for HAProxy. */
  Balancer certificate(Path certificate, Path key) throws IOException {
    if (program.equals("haproxy")) {
      Files.writeString(
          dir.resolve("homespan.pem"), Files.readString(certificate) + Files.readString(key));
      return change("/etc/haproxy", dir.toString());
    }
    return change("/etc/" + program + "/homespan.crt", certificate.toString())
        .change("/etc/" + program + "/homespan.key", key.toString());
  }

  /**
   * Has it call nodes by TLS, as the file says: "CHANGE 4" and what that names.
   *
   * @param ca who signed the nodes' certificates
   * @param name that is in each of them
   */
  Balancer tlsToNodes(Path ca, String name) throws IOException {
    switch (program) {
      case "haproxy" -> {
        Files.copy(ca, dir.resolve("nodes-ca.crt"));
        change("  default-server proto", "  # default-server proto");
        change("  # default-server ssl", "  default-server ssl");
        change("sni str(nodes.tier.local)", "sni str(" + name + ")");
        change("check-sni nodes.tier.local", "check-sni " + name);
      }
      case "nginx" -> {
        for (String each : List.of("grpc_ssl_", "proxy_ssl_")) change("  # " + each, "  " + each);
        change("grpc://$nodes", "grpcs://$nodes");
        change("http://$nodes", "https://$nodes");
        change("/etc/nginx/nodes-ca.crt", ca.toString());
        change("ssl_name nodes.tier.local", "ssl_name " + name);
      }
      case "envoy" -> {
        int from = text.indexOf("      # transport_socket:");
        int to = text.indexOf("      # A node is asked");
        String block = text.substring(from, to);
        change(block, block.replace("      # ", "      "));
        change("/etc/envoy/nodes-ca.crt", ca.toString());
        change("sni: nodes.tier.local", "sni: " + name);
        change("exact: nodes.tier.local", "exact: " + name);
      }
      default -> throw new IllegalStateException(program);
    }
    return this;
  }

  /** Returns as soon as it listens. A machine without the program leaves the test out. */
  Balancer start() throws Exception {
    Files.writeString(file, text);
    Path log = dir.resolve("log");
    Process started;
    try {
      started =
          new ProcessBuilder(new ArrayList<>(command))
              .directory(dir.toFile())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
    } catch (IOException e) {
      // where the tests count, what they need is there
      assumeTrue("true".equals(System.getenv("CI")), program + " is not installed");
      throw new AssertionError(program + " is not installed", e);
    }
    process = started;
    for (int port : List.of(grpc, http, statistics)) {
      Patience.until(
          program + " listens",
          () -> {
            if (!started.isAlive()) throw new AssertionError(Files.readString(log));
            return isListening(port);
          });
    }
    return this;
  }

  private static boolean isListening(int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** All that it has printed so far. */
  String said() throws IOException {
    return Files.readString(dir.resolve("log"));
  }

  @Override
  public void close() {
    Process running = process;
    if (running == null) return;
    running.destroy(); // nginx ends its workers
    running.onExit().orTimeout(LIMIT_SECONDS, TimeUnit.SECONDS).join();
  }
}
