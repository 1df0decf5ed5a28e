package io.homespan.heartbeat;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SynSignatureTest {
  /** As measured on Linux 6.18 with a full accept queue. */
  @ParameterizedTest
  @CsvSource({
    "1.03,1", "2.06,2", "3.08,3", "4.10,4", "5.13,5", "7.14,6", "11.21,7", "0.4,0", "0.999,0",
    "1.6,0", "6.5,0"
  })
  void fromLinux65_theFirstWaitsAreEven(double seconds, int lost) {
    assertThat(SynSignature.LINEAR.lost(nanos(seconds))).isEqualTo(lost);
  }

  @ParameterizedTest
  @CsvSource({"1.01,1", "3.02,2", "7.4,3", "2.1,0", "4.1,0"})
  void before_theyDouble(double seconds, int lost) {
    assertThat(SynSignature.DOUBLING.lost(nanos(seconds))).isEqualTo(lost);
  }

  @ParameterizedTest
  @CsvSource({
    "Linux,6.18.44,true",
    "Linux,6.5.0-generic,true",
    "Linux,6.4.9,false",
    "Linux,5.15.0,false",
    "Linux,7.0.1,true",
    "Linux,strange,false",
    "Mac OS X,23.1,false"
  })
  void theKernelTellsWhich(String system, String version, boolean linear) {
    assertThat(SynSignature.ofKernel(system, version))
        .isSameAs(linear ? SynSignature.LINEAR : SynSignature.DOUBLING);
  }

  @Test
  void anInstantConnect_lostNothing() {
    assertThat(SynSignature.LINEAR.lost(0)).isZero();
  }

  private static long nanos(double seconds) {
    return (long) (seconds * TimeUnit.SECONDS.toNanos(1));
  }
}
