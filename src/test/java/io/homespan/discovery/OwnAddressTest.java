package io.homespan.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OwnAddressTest {
  @ParameterizedTest
  @CsvSource({
    "10.1.2.3, 127.0.0.1 10.0.0.5,                      10.1.2.3:7",
    "0.0.0.0,  127.0.0.1 2001:db8::5 169.254.1.1 10.0.0.5, 10.0.0.5:7",
    "'::',     ::1 fe80::1 2001:db8::5,                 [2001:db8::5]:7",
    "0.0.0.0,  127.0.0.1,                               127.0.0.1:7",
  })
  void itIsWhereOthersReachThePort(String boundTo, String interfaces, String expected) {
    var addresses =
        Stream.of(interfaces.split(" ", -1))
            .map(NetUtil::createInetAddressFromIpAddressString)
            .map(InetAddress.class::cast)
            .toList();
    assertThat(OwnAddress.of(boundTo, 7, addresses)).hasToString(expected);
  }
}
