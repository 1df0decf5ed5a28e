package io.homespan;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Homespan in a process of its own. */
final class Child implements AutoCloseable {
  private static final int PATIENCE_SECONDS = 60;

  private final Process process;
  private final Path out;

  private Child(Process process, Path out) {
    this.process = process;
    this.out = out;
  }

  /** Starts it with these arguments; what it prints goes to a file in this directory. */
  static Child start(Path dir, String... arguments) throws IOException {
    return start(dir, List.of(), arguments);
  }

  /** The same with more on its class path. */
  static Child start(Path dir, List<Path> more, String... arguments) throws IOException {
    return start(dir, more, Map.of(), arguments);
  }

  /** The same with more in its environment. */
  static Child start(Path dir, Map<String, String> env, String... arguments) throws IOException {
    return start(dir, List.of(), env, arguments);
  }

  private static Child start(
      Path dir, List<Path> more, Map<String, String> env, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx256m");
    command.add("-XX:TieredStopAtLevel=1"); // it lives for seconds
    command.add("-cp");
    String ofSurefire = System.getProperty("surefire.test.class.path");
    List<String> classPath = new ArrayList<>();
    classPath.add(ofSurefire == null ? System.getProperty("java.class.path") : ofSurefire);
    more.forEach(each -> classPath.add(each.toString()));
    command.add(String.join(File.pathSeparator, classPath));
    command.add("io.homespan.Main");
    command.addAll(List.of(arguments));
    Path out = Files.createTempFile(dir, "child", ".out");
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(env);
    return new Child(builder.redirectOutput(out.toFile()).start(), out);
  }

  /** Waits until it says on its admin port that it is ready. */
  void awaitReady(HttpClient http, int adminPort) throws Exception {
    Patience.until(
        "ready",
        () -> {
          if (!process.isAlive()) throw new AssertionError("it ended: " + said());
          return isReady(http, adminPort);
        });
  }

  private static boolean isReady(HttpClient http, int port) throws InterruptedException {
    URI uri = URI.create("http://127.0.0.1:" + port + "/ready");
    HttpRequest request = HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(5)).build();
    try {
      return http.send(request, BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException e) {
      return false; // its port is not open yet
    }
  }

  /** SIGTERM. */
  void terminate() {
    process.destroy();
  }

  /** SIGKILL. */
  void kill() {
    process.destroyForcibly();
  }

  /** Its exit code, when it has ended. */
  int exit() throws InterruptedException {
    if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      throw new AssertionError("it does not end: " + process.pid());
    }
    return process.exitValue();
  }

  /** All that it has printed so far. */
  String said() throws IOException {
    return Files.readString(out, StandardCharsets.UTF_8);
  }

  @Override
  public void close() throws InterruptedException {
    process.destroyForcibly().waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }
}
