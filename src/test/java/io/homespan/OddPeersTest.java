package io.homespan;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.homespan.otlp.TestSpans;
import io.homespan.sink.ScriptedBackend;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.vertx.core.json.JsonObject;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Peers that are not as they should be. */
class OddPeersTest extends TierTest {
  private final List<ExportTraceServiceRequest> requests =
      Spans.scattered(new TestSpans(7).request(60, 5), 6, 1);
  private final List<Spans.Ref> sent = Spans.in(requests);

  @Test
  void twoNodesOfOneId_areAnError_shownAtBoth() throws Exception {
    Tier tier = in(Tier.listed(dir, 2)).with("PEER_FORWARDER_ADVERTISE", "same.example:21891");
    tier.open();
    for (Member member : tier.members) {
      Patience.untilAsserted(
          () ->
              assertThat(member.peers().getJsonArray("problems"))
                  .anyMatch(
                      problem ->
                          problem.toString().contains("same.example:21891")
                              && problem.toString().contains(tier.others(member).get(0).id())));
    }
  }

  @Test
  void anOtlpReceiverThatIsNoNode_getsItsShare() throws Exception {
    try (ScriptedBackend foreign = new ScriptedBackend(0)) {
      String id = "127.0.0.1:" + foreign.port();
      Tier tier = in(Tier.listed(dir, 2)).list(id);
      startWith(tier, id, "foreign");

      tier.post(requests, tier.members);

      for (Spans.Ref span : sent) {
        List<String> order = tier.member(0).order(span.trace());
        assertThat(Spans.in(foreign.taken).contains(span)).isEqualTo(order.get(0).equals(id));
      }
      assertThat(foreign.taken).isNotEmpty();
      List<Spans.Ref> everywhere = new ArrayList<>(tier.written().keySet());
      everywhere.addAll(Spans.in(foreign.taken));
      assertThat(everywhere).containsExactlyInAnyOrderElementsOf(sent);
    }
  }

  @Test
  void anAddressThatSpeaksGrpcButNotOtlp_losesNothing() throws Exception {
    Server stranger =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .build()
            .start();
    try {
      String id = "127.0.0.1:" + stranger.getPort();
      Tier tier = in(Tier.listed(dir, 2)).list(id);
      startWith(tier, id, "foreign");

      tier.post(requests, tier.members);

      tier.assertKeptByFirst(sent, tier.members);
      assertThat(tier.written()).hasSize(sent.size());
    } finally {
      stranger.shutdownNow().awaitTermination();
    }
  }

  private static void startWith(Tier tier, String odd, String state) throws Exception {
    tier.open();
    Patience.untilAsserted(
        () -> {
          Set<String> hashes = new HashSet<>();
          for (Member member : tier.members) {
            JsonObject told = member.peers();
            assertThat(member.ready()).isTrue();
            assertThat(told.getJsonArray("peers"))
                .hasSize(3)
                .allMatch(peer -> ((JsonObject) peer).getBoolean("in_table"))
                .anyMatch(
                    peer ->
                        ((JsonObject) peer).getString("id").equals(odd)
                            && ((JsonObject) peer).getString("state").equals(state));
            hashes.add(told.getString("table_hash"));
          }
          assertThat(hashes).hasSize(1);
        });
  }
}
