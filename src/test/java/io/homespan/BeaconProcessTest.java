package io.homespan;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes on one host that know nothing of one another but a group and a secret. */
class BeaconProcessTest {
  @TempDir Path dir = Path.of("");
  private final HttpClient http = HttpClient.newHttpClient();

  @Test
  void twoProcessesOfOneHost_becomeOneTier_untilOneDies() throws Exception {
    int group = FreePort.on("0.0.0.0");
    int firstAdmin = FreePort.any();
    int secondAdmin = FreePort.any();
    try (Child first = node(group, firstAdmin);
        Child second = node(group, secondAdmin)) {
      first.awaitReady(http, firstAdmin);
      second.awaitReady(http, secondAdmin);
      Patience.untilAsserted(
          () -> {
            Set<String> tables = new HashSet<>();
            for (int admin : new int[] {firstAdmin, secondAdmin}) {
              JsonObject told = peers(admin);
              assertThat(told.getJsonArray("peers")).as(told.encode()).hasSize(2);
              tables.add(told.getString("table_hash"));
            }
            assertThat(tables).hasSize(1);
          });
      second.kill();
      Patience.untilAsserted(() -> assertThat(peers(firstAdmin).getJsonArray("peers")).hasSize(1));
    }
  }

  private Child node(int group, int admin) throws Exception {
    String conf =
        """
        ingest: { host: 127.0.0.1, port: 0 }
        peer_forwarder:
          discovery_mode: udp
          server: { host: 127.0.0.1, port: %d }
        discovery:
          exchange_interval: 0.5
          udp: { port: %d, interface: lo, interval: 0.2, expire_after: 2, secret: as long as a secret should be }
        drain_delay: 0
        admin: { port: %d }
        """
            .formatted(FreePort.any(), group, admin);
    Path file = Files.writeString(dir.resolve(admin + ".yaml"), conf);
    return Child.start(dir, "run", "-conf", file.toString(), "-instances", "1");
  }

  private JsonObject peers(int admin) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + admin + "/api/peers");
    return new JsonObject(
        http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString()).body());
  }
}
