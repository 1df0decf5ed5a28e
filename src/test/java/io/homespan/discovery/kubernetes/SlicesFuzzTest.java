package io.homespan.discovery.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.homespan.Thrift;
import io.homespan.discovery.Address;
import io.homespan.discovery.LookupException;
import io.homespan.discovery.kubernetes.Census.Fate;
import io.netty.util.NetUtil;
import io.vertx.core.buffer.Buffer;
import java.util.List;

/** Whatever an API answers: a page of a list up to the first zero byte, a watch in pieces after. */
class SlicesFuzzTest {
  @FuzzTest
  void read(byte[] bytes) throws Exception {
    for (String port : List.of("21891", "peer")) {
      Census census = Thrift.with(bytes.length, 1024, () -> read(bytes, port));
      assertThat(census.addresses()).doesNotHaveDuplicates();
      assertThat(census.count(Fate.PEER)).isGreaterThanOrEqualTo(census.addresses().size());
      for (Address each : census.addresses()) {
        assertThat(NetUtil.createByteArrayFromIpAddressString(each.host())).isNotNull();
        assertThat(each.port()).isBetween(1, 65535);
      }
      assertThat(census.summary()).doesNotContain("\n");
      assertThat(census.whyEmpty("a/b", port)).doesNotContain("\n");
    }
  }

  private static Census read(byte[] bytes, String port) {
    Slices slices = new Slices(port, true);
    int end = 0;
    while (end < bytes.length && bytes[end] != 0) end++;
    Buffer all = Buffer.buffer(bytes);
    try {
      slices.page(all.getBuffer(0, end), true);
      Lines lines = new Lines(1 << 20);
      int step = 1 + end % 97;
      for (int at = end + 1; at < bytes.length; at += step) {
        List<Buffer> whole = lines.add(all.getBuffer(at, Math.min(bytes.length, at + step)));
        if (!whole.isEmpty() && slices.lines(whole).gone()) break;
      }
    } catch (LookupException e) {
      assertThat(e.failure()).isIn("malformed", "oversized", "unavailable");
      assertThat(e.getMessage()).hasSizeLessThan(400).doesNotContain("\n");
    }
    return slices.census();
  }
}
