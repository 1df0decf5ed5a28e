package io.homespan.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ConfigChangeTest {
  private static final String UDP =
      "{ discovery_mode: udp }\ndiscovery: { udp: { group: 230.0.0.1, interface: lo, secret: %s } }";

  private final Reading reading = new Reading();

  @AfterEach
  void close() {
    reading.close();
  }

  private Loaded read(String yaml) {
    return reading.loaded(yaml, Map.of());
  }

  @Test
  void whereThePeersAre_andHowTheyAreSentTo_changes() {
    Loaded running = read("peer_forwarder: { static_endpoints: [a, b], time_out: 3 }");
    Loaded next =
        read("peer_forwarder: { static_endpoints: [a, c], time_out: 4.5, span_agg_count: 512 }");

    ConfigChange change = ConfigChange.between(running, next);

    assertThat(change.config()).isEqualTo(next.config());
    assertThat(change.taken())
        .containsExactly(
            "peer_forwarder.span_agg_count: 48 -> 512",
            "peer_forwarder.static_endpoints: [a:21891, b:21891] -> [a:21891, c:21891]",
            "peer_forwarder.time_out: 3 -> 4.5");
    assertThat(change.refused()).isEmpty();
  }

  @Test
  void whatCannotChange_staysAsItIs_andSaysSo() {
    Loaded running = read("{ cluster: a, ingest: { port: 1 }, sink: { type: log } }");
    Loaded next =
        read(
            """
            cluster: b
            ingest: { port: 2 }
            sink: { type: file }
            peer_forwarder: { time_out: 1, weight: 2 } # and no more
            """);

    ConfigChange change = ConfigChange.between(running, next);

    assertThat(change.refused())
        .hasSize(4)
        .contains(
            "ingest.port: 1 -> 2 can't be done while the node runs; restart it",
            "cluster: a -> b can't be done while the node runs; restart it")
        .anyMatch(sentence -> sentence.startsWith("sink: "));
    assertThat(change.config().cluster()).isEqualTo("a");
    assertThat(change.config().ingest()).isEqualTo(running.config().ingest());
    assertThat(change.config().sinks()).isEqualTo(running.config().sinks());
    assertThat(change.config().peerForwarder().weight()).isEqualTo(1);
    assertThat(change.config().peerForwarder().timeOut()).isEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void theReceiversOfAGateway_areNotTakenForPeers_byANodeThatRuns() {
    Loaded running = read("peer_forwarder: { static_endpoints: [a, b] }");
    Loaded next = read("{ role: gateway, peer_forwarder: { static_endpoints: [c, d] } }");

    ConfigChange change = ConfigChange.between(running, next);

    assertThat(change.taken()).isEmpty();
    assertThat(change.refused())
        .anyMatch(sentence -> sentence.startsWith("role: "))
        .anyMatch(sentence -> sentence.startsWith("peer_forwarder.static_endpoints: "));
    assertThat(change.config()).isEqualTo(running.config());
  }

  @Test
  void whatWasTakenOver_isNoChangeAnyMore_butWhatWasRefusedIs() {
    Loaded running = read("peer_forwarder: { time_out: 3 }");
    Loaded next = read("{ cluster: b, peer_forwarder: { time_out: 4 } }");

    Loaded then = ConfigChange.between(running, next).running(running, next);

    ConfigChange again = ConfigChange.between(then, next);
    assertThat(again.taken()).isEmpty();
    assertThat(again.refused()).hasSize(1);
    assertThat(ConfigChange.between(then, running).taken())
        .containsExactly("peer_forwarder.time_out: 4 -> 3");
  }

  @Test
  void aProvidersSettingsChange_andItsSecretsAreNotTold() {
    Loaded running = read("peer_forwarder: " + UDP.formatted("0123456789abcdef"));
    Loaded next = read("peer_forwarder: " + UDP.formatted("fedcba9876543210"));

    ConfigChange change = ConfigChange.between(running, next);

    assertThat(change.config().discovery().udp()).isEqualTo(next.config().discovery().udp());
    assertThat(change.taken()).hasSize(1);
    assertThat(change.taken().get(0)).contains("udp.secret").doesNotContain("fedc", "0123");
    Loaded own =
        read("{ peer_forwarder: { discovery_mode: mine }, discovery: { mine: { key: s } } }");
    Loaded other =
        read("{ peer_forwarder: { discovery_mode: mine }, discovery: { mine: { key: t } } }");
    assertThat(ConfigChange.between(own, other).taken())
        .containsExactly("discovery.mine: its settings -> its settings");
    assertThat(ConfigChange.between(running, read("discovery: { max_peers: 7 }")).refused())
        .hasSize(1);
  }
}
