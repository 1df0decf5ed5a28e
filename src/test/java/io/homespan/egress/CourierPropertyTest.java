package io.homespan.egress;

import static org.assertj.core.api.Assertions.assertThat;

import io.homespan.bus.Fate;
import io.homespan.mesh.OwnerTable;
import io.homespan.otlp.ExportResponse;
import io.homespan.otlp.Part;
import io.homespan.otlp.Rejections;
import io.homespan.rpc.GrpcCode;
import io.homespan.rpc.Reply;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Whatever peers do: each part gets its fates, once, for all of its spans, and it comes to rest.
 */
class CourierPropertyTest {
  private static final int ROUNDS = 1500;
  private static final List<String> PEERS = List.of("a", "b", "c");
  private static final List<OwnerTable> TABLES =
      List.of(TestTier.TABLE, TestTier.WITHOUT_A, TestTier.table("a", "b", "c"));

  private record Sent(Part part, List<Fate> fates) {}

  private static final List<Part> PARTS = parts();

  private static List<Part> parts() {
    TestTier tier = new TestTier();
    List<Part> parts = new ArrayList<>();
    for (String owner : PEERS) {
      for (int i = 1; i <= 6; i++) parts.add(tier.mixed(owner, i * i));
    }
    return parts;
  }

  @Test
  void whateverPeersDo_everySpanHasOneFate() {
    for (int round = 0; round < ROUNDS; round++) {
      Random random = new Random(round);
      TestTier tier = new TestTier();
      for (String peer : PEERS) {
        int steps = random.nextInt(30);
        boolean dead = random.nextInt(4) == 0;
        for (int i = 0; i < steps; i++) {
          Reply reply = dead ? ScriptedRoad.refused() : reply(random);
          Duration after = Duration.ofMillis(random.nextInt(10) == 0 ? 4000 : random.nextInt(50));
          tier.road.then(peer, new ScriptedRoad.Step(after, reply));
        }
      }
      List<Sent> sent = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        Part part = PARTS.get(random.nextInt(PARTS.size()));
        Duration deadline = Duration.ofMillis(random.nextInt(8000));
        sent.add(new Sent(part, tier.send(TestTier.ownerOf(part), part, deadline)));
        tier.road.run(Duration.ofMillis(random.nextInt(3) == 0 ? random.nextInt(800) : 0));
        if (random.nextInt(10) == 0) {
          tier.courier.members(TestTier.membership(TABLES.get(random.nextInt(TABLES.size()))));
        }
      }
      tier.road.runOut();
      for (Sent one : sent) {
        assertThat(one.fates().stream().mapToInt(Fate::spans).sum())
            .as("round %d", round)
            .isEqualTo(one.part().spans());
      }
    }
  }

  private static Reply reply(Random random) {
    return switch (random.nextInt(9)) {
      case 0 -> new Reply.NotSent("refused");
      case 1 -> new Reply.Lost("broken");
      case 2 -> ScriptedRoad.fullFor(Duration.ofMillis(random.nextInt(3000)));
      case 3 -> ScriptedRoad.answered(random.nextInt(17));
      case 4 -> ScriptedRoad.answered(GrpcCode.INVALID_ARGUMENT);
      case 5 -> ok(ExportResponse.partial(random.nextInt(100), "bad"));
      case 6 -> ok(Rejections.add(ExportResponse.partial(5, ""), List.of(random.nextInt(9), 0, 7)));
      case 7 -> ok(Buffer.buffer(new byte[] {10, 99}));
      default -> ok(Buffer.buffer());
    };
  }

  private static Reply ok(Buffer body) {
    return new Reply.Answered(GrpcCode.OK, "", null, body);
  }
}
