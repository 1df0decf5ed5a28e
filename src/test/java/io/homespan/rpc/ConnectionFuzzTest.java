package io.homespan.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Whatever frames a server sends, each call gets one reply and nothing else happens. */
class ConnectionFuzzTest {
  private static final int MOST = 1000;

  private static Vertx vertx;
  private static Dialer dialer;

  @BeforeAll
  static void open() throws Exception {
    vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    Promise<Dialer> made = Promise.promise();
    vertx.runOnContext(go -> made.complete(new Dialer(vertx, Duration.ofSeconds(1), null)));
    dialer = made.future().toCompletionStage().toCompletableFuture().get(100, TimeUnit.SECONDS);
  }

  @AfterAll
  static void close() {
    vertx.close().await();
  }

  /** All that a server sends; the first byte says in pieces of which size, 0: in one. */
  @FuzzTest
  void read(byte[] bytes) throws Exception {
    if (bytes.length == 0) return;
    byte[] sent = Arrays.copyOfRange(bytes, 1, bytes.length);
    assertThat(heard(sent, 1)).isEqualTo(heard(sent, Math.max(1, sent.length)));
    int piece = bytes[0] == 0 ? Math.max(1, sent.length) : bytes[0] & 0xFF;
    EventLoop loop = dialer.loop();
    try {
      loop.submit(() -> talk(sent, piece)).get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Error error) throw error;
      throw e;
    }
  }

  /** Calls under way on a connection that nothing but these bytes come from. */
  private static void talk(byte[] sent, int piece) {
    Connection connection =
        new Connection(dialer, "a", 1, "a", MOST, Duration.ofMinutes(1), gone -> {});
    EmbeddedChannel channel = new EmbeddedChannel(connection);
    List<Promise<Reply>> replies = new ArrayList<>();
    for (int size : new int[] {0, 10, 40_000, 100_000}) {
      Promise<Reply> reply = Promise.promise();
      replies.add(reply);
      connection.call(new Call("/a.B/C", Map.of("x", "y"), new Zeros(size), 60_000, reply));
    }
    try {
      for (int at = 0; at < sent.length; at += piece) {
        ByteBuf in = Unpooled.wrappedBuffer(sent, at, Math.min(piece, sent.length - at));
        // not by the pipeline: what it throws must come here
        connection.channelRead(channel.pipeline().firstContext(), in);
        channel.runPendingTasks();
      }
      connection.goAway(0, 0); // whatever is under way ends
      for (Promise<Reply> reply : replies) {
        assertThat(reply.future().isComplete()).isTrue();
        Reply how = reply.future().result();
        if (how instanceof Reply.Answered answered) {
          assertThat(answered.body().length()).isLessThanOrEqualTo(MOST);
        }
      }
    } finally {
      channel.runPendingTasks();
      for (Object out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
        ReferenceCountUtil.release(out);
      }
      channel.finishAndReleaseAll();
    }
  }

  private record Zeros(int size) implements Message {
    @Override
    public void writeTo(ByteBuffer out) {
      out.put(new byte[size]);
    }
  }

  private static List<String> heard(byte[] sent, int piece) {
    Heard heard = new Heard();
    FrameReader reader = new FrameReader(heard);
    try {
      for (int at = 0; at < sent.length; at += piece) {
        reader.read(Unpooled.wrappedBuffer(sent, at, Math.min(piece, sent.length - at)));
      }
    } catch (Http2Exception e) {
      heard.all.add(e.error() + " " + e.getMessage());
    }
    return heard.all;
  }

  /** Writes down what it hears. */
  private static final class Heard implements FrameReader.Listener {
    private final List<String> all = new ArrayList<>();

    private void add(Object... what) {
      all.add(Arrays.toString(what));
    }

    private static String hex(ByteBuf in, int size) {
      return ByteBufUtil.hexDump(in, in.readerIndex(), size);
    }

    @Override
    public void setting(int id, long value) {
      add("setting", id, value);
    }

    @Override
    public void settingsEnd() {
      add("settings");
    }

    @Override
    public void headers(int stream, ByteBuf in, int size, boolean last) {
      add("headers", stream, hex(in, size), last);
    }

    @Override
    public void data(int stream, ByteBuf in, int size, int counted, boolean last) {
      add("data", stream, hex(in, size), counted, last);
    }

    @Override
    public void reset(int stream, long code) {
      add("reset", stream, code);
    }

    @Override
    public void ping(boolean answer, long data) {
      add("ping", answer, data);
    }

    @Override
    public void goAway(int lastStream, long code) {
      add("goAway", lastStream, code);
    }

    @Override
    public void window(int stream, int more) {
      add("window", stream, more);
    }
  }
}
