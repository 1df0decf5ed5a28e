package io.homespan.discovery.udp;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.homespan.Thrift;
import io.homespan.discovery.Address;
import java.util.Arrays;
import java.util.Objects;

/** Whatever arrives is judged. With the right seal put under it, it reads as it was written. */
class BeaconFormatFuzzTest {
  private static final int SEAL = 32;

  private final BeaconFormat format = new BeaconFormat("homespan", "a secret for the tests");

  @FuzzTest
  void read(byte[] bytes) throws Exception {
    BeaconFormat.Read read = Thrift.with(bytes.length, 64, () -> format.read(bytes, bytes.length));
    // only chance, or what was recorded, carries the seal
    if (read.beacon() != null) assertThat(format.write(read.beacon())).isEqualTo(bytes);
    if (bytes.length < SEAL) return;
    byte[] sealed = format.sealed(Arrays.copyOf(bytes, bytes.length - SEAL));
    BeaconFormat.Read again = format.read(sealed, sealed.length);
    assertThat(again.heard()).isNotEqualTo(Heard.FORGED);
    if (again.beacon() == null) return;
    Address address = again.beacon().address();
    assertThat(address.port()).isBetween(1, 65535);
    assertThat(address.listed()).isEqualTo(address.listed().strip());
    byte[] written = format.write(again.beacon());
    assertThat(Objects.requireNonNull(format.read(written, written.length).beacon()))
        .isEqualTo(again.beacon());
  }
}
