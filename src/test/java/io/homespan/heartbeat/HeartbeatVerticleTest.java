package io.homespan.heartbeat;

import static org.assertj.core.api.Assertions.assertThat;

import io.homespan.bus.MeshQuestion;
import io.homespan.bus.MeshText;
import io.homespan.bus.Topic;
import io.homespan.bus.Topics;
import io.homespan.config.Config;
import io.homespan.config.ConfigLoader;
import io.homespan.metrics.MicrometerMetrics;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.ReplyException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a node is asked of its mesh, over the bus. */
@Timeout(120)
class HeartbeatVerticleTest {
  private final Vertx node = Vertx.vertx();
  private final Vertx own = Vertx.vertx();
  private final MicrometerMetrics metrics = new MicrometerMetrics();

  @AfterEach
  void close() throws Exception {
    own.close().await(60, TimeUnit.SECONDS);
    node.close().await(60, TimeUnit.SECONDS);
    metrics.close();
  }

  @Test
  void moreWindowsThanAreKept_areRefused_untilOthersAreForgotten() throws Exception {
    start();
    List<Throwable> refused = new ArrayList<>();
    while (refused.isEmpty()) { // at once, but for a machine that stands still for a second
      List<Future<MeshText>> all = new ArrayList<>();
      for (int seconds = 1; seconds <= 20; seconds++) all.add(ask(seconds));
      Future.join(all).otherwiseEmpty().await(60, TimeUnit.SECONDS);
      assertThat(all).anyMatch(Future::succeeded);
      for (Future<MeshText> one : all) if (one.failed()) refused.add(one.cause());
    }
    assertThat(refused)
        .allSatisfy(
            cause ->
                assertThat(cause)
                    .isInstanceOfSatisfying(
                        ReplyException.class,
                        why -> assertThat(why.failureCode()).isEqualTo(MeshQuestion.FULL))
                    .hasMessageStartingWith("8 windows are asked for at this moment"));
    Future<MeshText> again = ask(20);
    while (again.failed() || !again.isComplete()) {
      again = ask(20);
      Future.join(List.of(again)).otherwiseEmpty().await(60, TimeUnit.SECONDS);
    }
  }

  private Future<MeshText> ask(int seconds) {
    return Topics.MESH_ALL.ask(node, new MeshQuestion(Duration.ofSeconds(seconds)), 60_000);
  }

  private void start() throws Exception {
    Topic.register(node);
    Config config =
        ConfigLoader.defaults(
                Map.of(
                    "HOMESPAN_HEARTBEAT_ENABLED",
                    "true",
                    "HOMESPAN_PEER_FORWARDER_DISCOVERY_MODE",
                    "self"),
                8L << 30)
            .config();
    HeartbeatVerticle heartbeat =
        new HeartbeatVerticle(node, config, metrics, new Random(1), null, List.of());
    own.deployVerticle(heartbeat).await(60, TimeUnit.SECONDS);
  }
}
