package io.homespan.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.homespan.Thrift;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.zip.GZIPInputStream;

/** What is said to be gzip gives what the JDK makes of it, and never more than is allowed. */
class GzipFuzzTest {
  @FuzzTest
  void unpack(byte[] packed) throws Exception {
    for (int limit : new int[] {0, 100, 64 << 10, 2 << 20}) {
      Buffer plain;
      try {
        // the room is doubled as it fills, and once more what does not fit
        plain =
            Thrift.with(limit + packed.length, 8, () -> Gzip.unpack(Buffer.buffer(packed), limit));
      } catch (Gzip.TooLargeException e) {
        assertThat(byTheJdk(packed, limit + 1)).hasSize(limit + 1);
        continue;
      } catch (IOException e) {
        continue;
      }
      assertThat(plain.length()).isLessThanOrEqualTo(limit);
      assertThat(plain.getBytes()).isEqualTo(byTheJdk(packed, limit + 1));
      assertThat(Gzip.unpack(Gzip.pack(plain), limit)).isEqualTo(plain);
    }
  }

  private static byte[] byTheJdk(byte[] packed, int most) throws IOException {
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(packed))) {
      return in.readNBytes(most);
    }
  }
}
