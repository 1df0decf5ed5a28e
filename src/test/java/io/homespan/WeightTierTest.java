package io.homespan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.Test;

/** What nodes tell one another of themselves, between whole nodes. */
class WeightTierTest extends TierTest {
  @Test
  void aNodesWeight_isItsShare_atEveryNode() throws Exception {
    Tier tier = in(Tier.listed(dir, 3));
    tier.member(1).settings.put("PEER_FORWARDER_WEIGHT", "2");
    tier.start(); // with equal tables

    for (Member asked : tier.members) {
      assertThat(share(asked, tier.member(0))).isCloseTo(0.25, within(0.005));
      assertThat(share(asked, tier.member(1))).isCloseTo(0.50, within(0.01));
      assertThat(share(asked, tier.member(2))).isCloseTo(0.25, within(0.005));
    }
  }

  @Test
  void tablesThatStayDifferent_areTold_withWhoDisagrees() throws Exception {
    Tier tier = in(Tier.listed(dir, 2));
    String third = "127.0.0.1:" + FreePort.any();
    // one of them knows somebody whom the other does not
    String list = tier.member(0).id() + "," + tier.member(1).id() + "," + third;
    tier.member(0).settings.put("PEER_FORWARDER_STATIC_ENDPOINTS", list);
    tier.open();

    for (Member member : tier.members) {
      String other = tier.others(member).get(0).id();
      Patience.untilAsserted(
          () -> {
            JsonObject told = member.peers();
            assertThat(told.getJsonArray("problems"))
                .as(told.encode())
                .anyMatch(
                    one -> one.toString().contains("table") && one.toString().contains(other));
            assertThat(member.metric("homespan_discovery_problems_total", "tables_differ"))
                .isPositive();
          });
    }
  }

  private static double share(Member asked, Member of) throws Exception {
    return asked.peers().getJsonArray("peers").stream()
        .map(JsonObject.class::cast)
        .filter(one -> one.getString("id").equals(of.id()))
        .mapToDouble(one -> one.getDouble("share"))
        .sum();
  }
}
