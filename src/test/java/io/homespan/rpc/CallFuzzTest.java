package io.homespan.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.homespan.Thrift;
import io.homespan.rpc.AnswerHeads.Heads;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.vertx.core.Promise;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Whatever a server answers, a call ends with one reply, and no answer is larger than may be. */
class CallFuzzTest {
  private static final int MOST = 64;

  /**
   * An answer: a byte of flags (1: it ends with its headers, 2: with its data), two bytes of length
   * and lines {@code name: value} as headers, the same for data, and the rest as trailers.
   */
  @FuzzTest
  void answer(byte[] bytes) throws Exception {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    int flags = in.hasRemaining() ? in.get() : 0;
    Http2Headers headers = headers(take(in));
    byte[] data = take(in);
    byte[] rest = new byte[in.remaining()];
    in.get(rest);
    Reply reply = Thrift.with(bytes.length, 256, () -> reply(flags, headers, data, headers(rest)));
    if (reply instanceof Reply.Answered answered) {
      assertThat(answered.body().length()).isLessThanOrEqualTo(MOST);
      assertThat(answered.message().length()).isLessThanOrEqualTo(bytes.length + 100);
      if (answered.retryAfter() != null) {
        assertThat(answered.retryAfter()).isBetween(Duration.ZERO, Duration.ofSeconds(3601));
      }
    }
    assertThat(reply.outcome()).isNotBlank();
  }

  private static Reply reply(int flags, Http2Headers headers, byte[] data, Http2Headers trailers) {
    Call call = new Call("/a.B/C", Map.of(), new Nothing(), 1000, Promise.promise());
    Reply reply = call.heads(Heads.of(headers), (flags & 1) != 0);
    if (reply == null && data.length > 0) {
      ByteBuf half = Unpooled.wrappedBuffer(data, 0, data.length / 2);
      ByteBuf other = Unpooled.wrappedBuffer(data, half.readableBytes(), (data.length + 1) / 2);
      call.bytes(half, half.readableBytes(), MOST, false);
      reply = call.bytes(other, other.readableBytes(), MOST, (flags & 2) != 0);
    }
    return reply == null ? Objects.requireNonNull(call.heads(Heads.of(trailers), true)) : reply;
  }

  /** What a caller's head says. */
  @FuzzTest
  void head(byte[] bytes) throws Exception {
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    UnaryServer.isCall(text);
    Duration timeout = UnaryServer.timeout(text);
    if (timeout != null) assertThat(timeout.toSeconds()).isBetween(0L, 99_999_999L * 3600);
    Duration hint = Thrift.with(bytes.length, 256, () -> RetryHint.inDetails(text));
    if (hint != null) assertThat(hint).isBetween(Duration.ZERO, Duration.ofSeconds(3601));
    assertThat(UnaryServer.encoded(text)).matches("[ -~]*");
  }

  private static byte[] take(ByteBuffer in) {
    int length = in.remaining() < 2 ? 0 : Math.min(in.getShort() & 0xFFFF, in.remaining());
    byte[] taken = new byte[length];
    in.get(taken);
    return taken;
  }

  private static Http2Headers headers(byte[] lines) {
    Http2Headers headers = new DefaultHttp2Headers(false);
    for (String line : new String(lines, StandardCharsets.ISO_8859_1).split("\n", -1)) {
      int colon = line.indexOf(": ");
      if (colon > 0) headers.add(line.substring(0, colon), line.substring(colon + 2));
    }
    return headers;
  }

  private record Nothing() implements Message {
    @Override
    public int size() {
      return 0;
    }

    @Override
    public void writeTo(@Nullable ByteBuffer out) {}
  }
}
