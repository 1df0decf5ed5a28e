package io.homespan.discovery;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.homespan.FreePort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The name server of {@code conf/dns}, with a copy of those files that a test may change, on a port
 * of its own of 127.0.0.1.
 */
public final class Dnsmasq implements AutoCloseable {
  private static final Path CONF = Path.of("conf/dns");
  private static final long LIMIT_SECONDS = 60;

  private final Path dir;
  private final int port = FreePort.any();
  private final List<String> command;
  private @Nullable Process process;

  /** Copies the files below {@code dir}; {@code options} are dnsmasq's. */
  public Dnsmasq(Path dir, String... options) throws IOException {
    this.dir = dir;
    Files.createDirectories(dir.resolve(CONF));
    try (Stream<Path> files = Files.list(CONF)) {
      for (Path file : files.toList()) Files.copy(file, dir.resolve(file));
    }
    command = new ArrayList<>(List.of("dnsmasq", "--no-daemon"));
    command.addAll(List.of("--conf-file=" + CONF + "/dnsmasq.conf", "--port=" + port));
    command.addAll(List.of(options));
  }

  public int port() {
    return port;
  }

  /** Returns as soon as it answers. A machine without dnsmasq leaves the test out. */
  public Dnsmasq start() throws Exception {
    try {
      process =
          new ProcessBuilder(command)
              .directory(dir.toFile())
              .redirectErrorStream(true)
              .redirectOutput(dir.resolve("dnsmasq.log").toFile())
              .start();
    } catch (IOException e) {
      // where the tests count, what they need is there
      assumeTrue("true".equals(System.getenv("CI")), "dnsmasq is not installed");
      throw new AssertionError("dnsmasq is not installed", e);
    }
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
    while (!isListening()) {
      if (System.nanoTime() - end > 0 || !process.isAlive()) {
        stop();
        throw new AssertionError(Files.readString(dir.resolve("dnsmasq.log")));
      }
      TimeUnit.MILLISECONDS.sleep(10);
    }
    return this;
  }

  private boolean isListening() {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** What is in one of the files. */
  public String read(String file) throws IOException {
    return Files.readString(dir.resolve(CONF).resolve(file));
  }

  /** Changes one of the files; {@link #reread} or a new start is to follow. */
  public Dnsmasq write(String file, String text) throws IOException {
    Files.writeString(dir.resolve(CONF).resolve(file), text);
    return this;
  }

  /** Has it read {@code nodes.hosts} again. */
  public void reread() throws Exception {
    Process running = process;
    if (running == null) throw new IllegalStateException("does not run");
    new ProcessBuilder("kill", "-HUP", "" + running.pid()).start().waitFor();
  }

  /** Ends it; it may be started again. */
  public void stop() {
    Process running = process;
    if (running == null) return;
    running.destroy();
    running.onExit().orTimeout(LIMIT_SECONDS, TimeUnit.SECONDS).join();
    process = null;
  }

  @Override
  public void close() {
    stop();
  }
}
