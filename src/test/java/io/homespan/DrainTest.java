package io.homespan;

import static org.assertj.core.api.Assertions.assertThat;

import io.homespan.otlp.TestSpans;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Nodes leave and come back while senders go on. */
class DrainTest extends TierTest {
  @Test
  void aNodeThatLeavesUnderLoad_losesNothingThatWasAnsweredOk() throws Exception {
    Tier tier = in(Tier.listed(dir, 3)).with("DRAIN_DELAY", "1").start();
    Member leaver = tier.member(1);
    List<String> everybody = tier.members.stream().map(Member::ingest).toList();
    Set<Spans.Ref> confirmed;
    try (Load load = new Load(tier.http, new TestSpans(8), everybody)) {
      load.awaitMore(300);
      long began = Pulse.now();
      Patience.await(leaver.stop());
      assertThat(Pulse.since(began)).isLessThan(leaver.config().shutdownTimeout());
      for (Member other : tier.others(leaver)) {
        assertThat(tells(other, leaver)).as("in the table when it stopped").isFalse();
      }
      leaver.close();
      load.awaitMore(300);
      confirmed = load.stop();
    }
    assertThat(Spans.missing(confirmed, tier.everWritten())).isEmpty();
  }

  @Test
  void everyNodeRestartedInTurn_underLoad_losesNothingThatWasAnsweredOk() throws Exception {
    Tier tier = in(Tier.listed(dir, 3)).with("DRAIN_DELAY", "0.5");
    for (Member member : tier.members) { // senders know one address
      member.settings.put("INGEST_PORT", Integer.toString(FreePort.any()));
    }
    tier.start();
    List<String> everybody = tier.members.stream().map(Member::ingest).toList();
    Set<Spans.Ref> confirmed;
    try (Load load = new Load(tier.http, new TestSpans(9), everybody)) {
      for (Member member : tier.members) {
        load.awaitMore(100);
        Patience.await(member.stop());
        assertThat(member.books().balanced()).as("%s of %s", member.books(), member).isTrue();
        member.close();
        load.awaitMore(100);
        tier.start();
      }
      load.awaitMore(100);
      confirmed = load.stop();
    }
    assertThat(Spans.missing(confirmed, tier.everWritten())).isEmpty();
  }

  /** Whether the other stands in this one's table. */
  private static boolean tells(Member member, Member other) throws Exception {
    return member.peers().getJsonArray("peers").stream()
        .map(JsonObject.class::cast)
        .anyMatch(peer -> peer.getString("id").equals(other.id()) && peer.getBoolean("in_table"));
  }
}
