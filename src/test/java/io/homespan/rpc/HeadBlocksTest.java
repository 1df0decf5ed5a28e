package io.homespan.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.homespan.rpc.AnswerHeads.Heads;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Headers;
import io.vertx.core.Promise;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Header blocks of both ways, against another's codec. */
class HeadBlocksTest {
  private static final Message NOTHING =
      new Message() {
        @Override
        public int size() {
          return 0;
        }

        @Override
        public void writeTo(ByteBuffer out) {}
      };

  private final RequestHeads requests = new RequestHeads("::1", 4317, true);
  private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder();

  @Test
  void whateverChanges_theServerReadsWhatIsMeant() throws Exception {
    Random random = new Random(7);
    List<Map<String, String>> metadata =
        List.of(Map.of(), Map.of("a", "1", "b", "x".repeat(300)), Map.of("c", "y".repeat(5000)));
    for (int i = 0; i < 2000; i++) {
      if (random.nextInt(100) == 0) {
        int size = random.nextBoolean() ? 4096 : random.nextInt(4096);
        decoder.configuration().maxHeaderTableSize(size);
        requests.tableSize(size);
      }
      if (random.nextInt(100) == 0) {
        requests.of(call(metadata.get(1), 77)); // whose message could not be written
        requests.notSent();
      }
      Map<String, String> one = metadata.get(random.nextInt(20) < 18 ? 1 : random.nextInt(3));
      long timeout = random.nextInt(10) < 8 ? 3000 : random.nextInt(5000);
      assertThat(read(call(one, timeout))).isEqualTo(expected(one, timeout));
    }
  }

  @Test
  void aTimeoutThatIsOneOff_costsItsDigits_oneThatStays_nothing() throws Exception {
    Map<String, String> metadata = Map.of("homespan-table", "0123456789abcdef");
    read(call(metadata, 2500));
    int byIndex = requests.of(call(metadata, 2500)).length;
    assertThat(requests.of(call(metadata, 2999)).length).isBetween(byIndex + 1, byIndex + 10);
    assertThat(read(call(metadata, 3000))).isEqualTo(expected(metadata, 3000));
    assertThat(read(call(metadata, 3000))).isEqualTo(expected(metadata, 3000)); // now usual
    assertThat(requests.of(call(metadata, 3000))).hasSize(byIndex);
  }

  @Test
  void theSameBytes_meanSomethingElse_onceTheTableHasChanged() throws Exception {
    DefaultHttp2HeadersEncoder encoder = new DefaultHttp2HeadersEncoder();
    AnswerHeads answers = new AnswerHeads();
    Random random = new Random(3);
    for (int i = 0; i < 2000; i++) {
      Http2Headers headers = new DefaultHttp2Headers().status("200");
      // seldom one more code, so that the indexes of the others move
      String status = Integer.toString(random.nextInt(1 + i / 100));
      headers.add("grpc-status", status);
      ByteBuf block = Unpooled.buffer();
      encoder.encodeHeaders(1, headers, block);
      Heads heads = answers.read(1, block, block.readableBytes());
      assertThat(heads).isEqualTo(new Heads(200, Integer.parseInt(status), null, null));
    }
  }

  private static Call call(Map<String, String> metadata, long timeout) {
    return new Call("/a.B/C", metadata, NOTHING, timeout, Promise.promise());
  }

  private Map<String, String> read(Call call) throws Exception {
    Map<String, String> read = new HashMap<>();
    decoder
        .decodeHeaders(1, Unpooled.wrappedBuffer(requests.of(call)))
        .forEach(one -> read.put(one.getKey().toString(), one.getValue().toString()));
    return read;
  }

  private static Map<String, String> expected(Map<String, String> metadata, long timeout) {
    Map<String, String> expected = new HashMap<>(metadata);
    expected.put(":method", "POST");
    expected.put(":scheme", "https");
    expected.put(":path", "/a.B/C");
    expected.put(":authority", "[::1]:4317");
    expected.put("content-type", "application/grpc");
    expected.put("te", "trailers");
    expected.put("grpc-timeout", timeout + "m");
    return expected;
  }
}
