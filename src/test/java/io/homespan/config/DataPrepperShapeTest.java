package io.homespan.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.homespan.config.Config.Endpoint;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that people bring along. */
class DataPrepperShapeTest {
  private static final String SSL_LEFT_OUT =
      ".ssl: left out means false here, and true in Data Prepper: peers talk in the clear;"
          + " write ssl: false if that is meant";
  private static Reading reading;

  @BeforeAll
  static void open() {
    reading = new Reading();
  }

  @AfterAll
  static void close() {
    reading.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"prepper", "processor"})
  void theStaticExample_isUsed_andItsTimeOutExplained(String list) {
    String yaml =
        list
            + """
            :
              - peer_forwarder:
                  discovery_mode: "static"
                  static_endpoints: ["data-prepper1", "data-prepper2"]
                  ssl: false
                  time_out: 300
                  span_agg_count: 48
            """;
    assertThat(reading.config(yaml).peerForwarder().staticEndpoints())
        .containsExactly(
            new Endpoint("data-prepper1", 21891), new Endpoint("data-prepper2", 21891));
    assertThat(reading.lines(yaml))
        .containsExactly(
            "warning: "
                + list
                + "[0].peer_forwarder.time_out: 300 is not less than ingest.request_timeout, 8,"
                + " which cuts it: one attempt only; write less than half of it, so that a second"
                + " peer can be tried; Data Prepper read time_out and never applied it");
  }

  @Test
  void inAWholePipelinesFile_theFirstIsRead_andTheTrapsAreNamed() {
    String yaml =
        """
        entry-pipeline:
          delay: "100"
          source: { otel_trace_source: { ssl: true } }
          prepper:
            - other: {}
            - peer_forwarder:
                discovery_mode: DNS
                domain_name: preppers.local
                target_port: 21890
                sslKeyCertChainFile: x.pem
          sink:
            - pipeline: { name: raw-pipeline }
        raw-pipeline:
          source: { pipeline: { name: entry-pipeline } }
          processor: [ { peer_forwarder: { discovery_mode: self } } ]
          sink: [ opensearch: {} ]
        """;
    assertThat(reading.config(yaml).peerForwarder().domainNames())
        .containsExactly("preppers.local");
    String at = "warning: entry-pipeline.prepper[1].peer_forwarder";
    assertThat(reading.lines(yaml))
        .containsExactly(
            at + ": only this is read; the rest of the pipelines has no effect",
            at
                + ".target_port: has no effect; here the key is peer_forwarder.client.port, default"
                + " 21891; never 21890, which is the ingest port, where all that arrives counts as"
                + " sent by a sender",
            at + SSL_LEFT_OUT,
            at
                + ".sslKeyCertChainFile: has no effect while ssl is false; in Data Prepper it said"
                + " whom to trust; here it is this node's own chain, and needs sslKeyFile");
  }

  @Test
  void theServersFile_isUsed_andItsOtherKeysAreOneWarning() {
    assertThat(
            reading.lines(
                """
                ssl: true
                serverPort: 4900
                keyStoreFilePath: x.p12
                peer_forwarder:
                  discovery_mode: local_node
                  port: 4994
                  ssl: false
                """))
        .containsExactly(
            "warning: ssl, serverPort, keyStoreFilePath: without effect here;"
                + " only peer_forwarder is read from here",
            "warning: peer_forwarder.port: has no effect; here the keys are"
                + " peer_forwarder.server.port, to listen at, and peer_forwarder.client.port,"
                + " to call");
  }

  @Test
  void aBarePeerForwarder_withAKeyOfTheirs_countsAsTheirs() {
    assertThat(reading.lines("peer_forwarder: { discovery_mode: self, binary_codec: true }"))
        .containsExactly(
            "warning: peer_forwarder.binary_codec: has no effect;"
                + " peers speak OTLP and nothing else",
            "warning: peer_forwarder" + SSL_LEFT_OUT);
  }

  @Test
  void aTypoInTheirFile_isStillAnError() {
    assertThat(
            reading.lines(
                """
                serverPort: 4900
                sevrerPort: 4900
                peer_forwarder: { discovery_mode: self, ssl: false, span_ag_count: 1, wibble: 2 }
                """))
        .anyMatch(line -> line.startsWith("sevrerPort: unknown key; "))
        .anyMatch(line -> line.startsWith("peer_forwarder.wibble: unknown key; "))
        .contains("peer_forwarder.span_ag_count: unknown key; did you mean span_agg_count?");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{ ssl: true, peer_forwarder: { discovery_mode: self, advertise: \"a:1\" } }",
        "{ ssl: true, ingest: { port: 1 }, peer_forwarder: { discovery_mode: self } }"
      })
  void theirKeysInAFileOfOurs_areAtTheWrongLevel(String yaml) {
    assertThat(reading.lines(yaml))
        .containsExactly(
            "ssl: unknown key; wrong level: did you mean ingest.ssl or peer_forwarder.ssl or"
                + " admin.ssl?");
  }

  @Test
  void keysOfOurs_mayStandBesideTheirList() {
    assertThat(
            reading
                .config("{ ingest: { port: 7 }, processor: [ peer_forwarder: { ssl: false } ] }")
                .ingest()
                .port())
        .isEqualTo(7);
  }

  @Test
  void twoPlacesForPeerForwarder_areRefused() {
    assertThat(
            reading.lines(
                "{ processor: [ peer_forwarder: ], peer_forwarder: { discovery_mode: self } }"))
        .contains(
            "processor[0].peer_forwarder: peer_forwarder stands at the top as well;"
                + " remove one of them");
  }

  @Test
  void pipelinesWithoutPeerForwarder_areRefused() {
    assertThat(reading.lines("p: { source: { x: }, prepper: [ y: ], sink: [ z: ] }"))
        .contains("p: there is no peer_forwarder in it; add - peer_forwarder: {...}");
    assertThat(reading.lines("p: { source: { x: }, processor: [ trace_peer_forwarder: ] }"))
        .contains(
            "p.processor[0]: trace_peer_forwarder has no settings;"
                + " give data-prepper-config.yaml, which has them under peer_forwarder");
  }
}
