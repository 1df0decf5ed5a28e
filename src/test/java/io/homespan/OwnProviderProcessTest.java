package io.homespan;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's provider, compiled and put beside a real node. */
class OwnProviderProcessTest {
  private static final Pattern EXAMPLE =
      Pattern.compile("```java\n(package org.example;.*?)```", Pattern.DOTALL);

  @TempDir Path dir = Path.of("");

  @Test
  void theReadmesProvider_findsTheNode() throws Exception {
    Path jar = jar();
    int peer = FreePort.any();
    int admin = FreePort.any();
    Path conf = conf("mine", peer, admin);
    HttpClient http = HttpClient.newHttpClient();
    try (Child node = Child.start(dir, List.of(jar), "run", "-conf", conf.toString())) {
      node.awaitReady(http, admin);
      URI uri = URI.create("http://127.0.0.1:" + admin + "/api/peers");
      JsonObject seen =
          new JsonObject(
              http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString()).body());
      JsonObject self = seen.getJsonArray("peers").getJsonObject(0);
      assertThat(self.getString("id")).isEqualTo("localhost:" + peer);
      assertThat(self.getJsonArray("found_by")).containsExactly("mine");
    }
  }

  @Test
  void anUnknownWord_isAnError_thatListsWhatIsOnTheClassPath() throws Exception {
    Path conf = conf("mnie", 1, 2);
    try (Child known = Child.start(dir, List.of(jar()), "validate", "-conf", conf.toString());
        Child unknown = Child.start(dir, "validate", "-conf", conf.toString())) {
      assertThat(known.exit()).isEqualTo(2);
      assertThat(known.said())
          .contains("\"mnie\" is unknown; did you mean mine?")
          .contains("of your own, on the class path: mine");
      assertThat(unknown.exit()).isEqualTo(2);
      assertThat(unknown.said())
          .contains("write static, dns, dns_srv, self, file", "on the class path");
    }
  }

  private Path conf(String mode, int peer, int admin) throws IOException {
    return Files.writeString(
        dir.resolve(mode + ".yaml"),
        """
        ingest: { host: 127.0.0.1, port: 0 }
        admin: { port: %d }
        peer_forwarder: { discovery_mode: %s, server: { host: 127.0.0.1, port: %d } }
        discovery: { mine: { hosts: [localhost], port: %d } }
        """
            .formatted(admin, mode, peer, peer));
  }

  private Path jar() throws IOException {
    Matcher example = EXAMPLE.matcher(Files.readString(Path.of("README.md")));
    assertThat(example.find()).isTrue();
    Path source = Files.writeString(dir.resolve("Mine.java"), example.group(1));
    JavaCompiler javac = ToolProvider.getSystemJavaCompiler();
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    int exit =
        javac.run(
            null,
            null,
            null,
            "-cp",
            classPath,
            "-d",
            dir.toString(),
            "-proc:none",
            source.toString());
    assertThat(exit).isZero();
    Path jar = dir.resolve("mine.jar");
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
      for (String name : List.of("org/example/Mine.class", "org/example/Mine$1.class")) {
        out.putNextEntry(new JarEntry(name));
        Files.copy(dir.resolve(name), out);
      }
      out.putNextEntry(new JarEntry("META-INF/services/io.homespan.discovery.PeerProviderFactory"));
      out.write("org.example.Mine\n".getBytes(StandardCharsets.UTF_8));
    }
    return jar;
  }
}
