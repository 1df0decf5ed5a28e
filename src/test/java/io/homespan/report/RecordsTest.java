package io.homespan.report;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.homespan.heartbeat.Outcome;
import io.homespan.heartbeat.Probe;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RecordsTest {
  @Test
  void theAgentsRecord_ofASuccess_isTheirsToTheByte() {
    assertThat(new String(Records.agent(TestMeasurement.ok(1)), UTF_8))
        .isEqualTo(
            "{\"fromHostAddr\":\"service-node2:4000\",\"toHostAddr\":\"service-node3:4000\","
                + "\"responseTiming\":5453533,\"isTransmissionSuccess\":true}");
  }

  @ParameterizedTest
  @EnumSource(value = Outcome.class, names = "OK", mode = EnumSource.Mode.EXCLUDE)
  void theAgentsRecord_ofAnyFailure_leavesOutWhatIsZeroOrFalse(Outcome how) {
    assertThat(new String(Records.agent(TestMeasurement.failed(1, how)), UTF_8))
        .isEqualTo(
            "{\"fromHostAddr\":\"service-node2:4000\",\"toHostAddr\":\"service-node3:4000\"}");
  }

  @Test
  void aTimeBeyond32Bits_isTheLongestThatFits_andWholeInV1() {
    var slow = TestMeasurement.of(1, "b:1", "", Probe.GRPC, Outcome.OK, 4_999_999_999L);
    assertThat(new String(Records.agent(slow), UTF_8)).contains("\"responseTiming\":4294967295,");
    assertThat(new String(Records.v1(slow), UTF_8))
        .contains("\"responseTiming\":4294967295,", "\"rttNs\":4999999999,");
  }

  @Test
  void v1_hasAllThatIsKnown_andTheAgentsFieldsFirst() {
    assertThat(new String(Records.v1(TestMeasurement.ok(3)), UTF_8))
        .isEqualTo(
            "{\"fromHostAddr\":\"service-node2:4000\",\"toHostAddr\":\"service-node3:4000\","
                + "\"responseTiming\":5453533,\"isTransmissionSuccess\":true,\"v\":1,"
                + "\"ts\":1763000000003,\"seq\":3,\"kind\":\"grpc\",\"connectNs\":0,"
                + "\"rttNs\":5453533,\"outcome\":\"ok\",\"synRetransmits\":2,\"bytes\":16,"
                + "\"fromId\":\"a:1\",\"toId\":\"b:1\",\"fromZone\":\"east\","
                + "\"toZone\":\"west\",\"generation\":7}");
    assertThat(new String(Records.v1(TestMeasurement.failed(3, Outcome.TIMEOUT)), UTF_8))
        .contains(
            "\"responseTiming\":0,\"isTransmissionSuccess\":false,", "\"outcome\":\"timeout\"");
  }
}
