package io.homespan.demo;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Asks the nodes' admin ports whether the tier can be sent to. */
final class Readiness {
  private static final Duration ANSWER_WITHIN = Duration.ofSeconds(2);
  private static final long ASK_AGAIN_MILLIS = 50;

  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(ANSWER_WITHIN)
          .build();

  /**
   * Waits until all nodes are ready and have the same owner table.
   *
   * @return the table's hash, or null if {@code limit} went by
   */
  @Nullable String await(List<DemoNode> nodes, Duration limit) throws InterruptedException {
    long begun = System.nanoTime();
    while (System.nanoTime() - begun < limit.toNanos()) {
      String hash = commonTable(nodes);
      if (hash != null) return hash;
      TimeUnit.MILLISECONDS.sleep(ASK_AGAIN_MILLIS);
    }
    return null;
  }

  private @Nullable String commonTable(List<DemoNode> nodes) throws InterruptedException {
    Set<String> hashes = new HashSet<>();
    for (DemoNode node : nodes) {
      if (get(node.admin().resolve("/ready")) == null) return null;
      String peers = get(node.admin().resolve("/api/peers"));
      if (peers == null) return null;
      hashes.add(new JsonObject(peers).getString("table_hash"));
    }
    return hashes.size() == 1 ? hashes.iterator().next() : null;
  }

  /** The page, or null if there is none, or it says no. */
  private @Nullable String get(URI page) throws InterruptedException {
    try {
      HttpResponse<String> answer =
          client.send(
              HttpRequest.newBuilder(page).timeout(ANSWER_WITHIN).build(),
              HttpResponse.BodyHandlers.ofString());
      return answer.statusCode() == 200 ? answer.body() : null;
    } catch (IOException notYet) {
      return null;
    }
  }
}
