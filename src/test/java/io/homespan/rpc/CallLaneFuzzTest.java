package io.homespan.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2ConnectionHandlerBuilder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameAdapter;
import io.netty.handler.codec.http2.Http2Headers;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.net.impl.ShutdownEvent;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/**
 * Whatever a client sends, calls and other requests get no answer but their own, within the
 * client's windows and memory that is bounded and given back; and while the connection stands, the
 * next call on it is answered.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what fails closes the channel, which is seen there
class CallLaneFuzzTest {
  private static final String CALL = "/a.B/C";
  private static final int STREAMS = 8;
  private static final int LARGE = 40_000; // bytes of an answer
  private static final int PAGE = 20_000;
  private static final int MOST_MESSAGE = 1 << 20;

  /** Answers that wait for windows, those of the codec behind, and buffers half full. */
  private static final long MOST_MEMORY = STREAMS * (LARGE + PAGE) + (1 << 20);

  private static Vertx vertx;

  @BeforeAll
  static void open() {
    vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
  }

  @AfterAll
  static void close() {
    vertx.close().await();
  }

  /**
   * What a client does, one step after the other; the first byte says in pieces of which size the
   * bytes of each step come, 0: in one. A step is a byte that says what, flags, a stream, a length
   * and so many bytes: frames of these types, and what {@link Conversation#step} has besides.
   */
  @FuzzTest
  void talk(byte[] script) throws Exception {
    if (script.length == 0) return;
    Map<Integer, String> whole = heard(script, Integer.MAX_VALUE);
    if (script[0] == 0) return;
    Map<Integer, String> pieces = heard(script, script[0] & 0xFF);
    // of windows it depends on the pieces what finds no stream free, but what is said does not
    whole.keySet().retainAll(pieces.keySet());
    pieces.keySet().retainAll(whole.keySet());
    assertThat(pieces).isEqualTo(whole);
  }

  /** The messages by their streams, if the connection stands until the end. */
  private static Map<Integer, String> heard(byte[] script, int piece) throws Exception {
    Conversation one = new Conversation(piece);
    boolean stands;
    try {
      ByteBuffer in = ByteBuffer.wrap(script, 1, script.length - 1);
      while (in.remaining() >= 4) one.step(in);
      stands = one.goesOn();
    } finally {
      one.end();
    }
    one.check();
    return stands ? one.messages() : new LinkedHashMap<>();
  }

  /** One connection. */
  private static final class Conversation {
    private final int piece;
    private final UnpooledByteBufAllocator memory = new UnpooledByteBufAllocator(true);
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final WatchedClient client = new WatchedClient();
    private final ByteBuf unread = Unpooled.buffer(); // while it is not read from
    private final List<Heard> calls = new ArrayList<>();
    private final Deque<Heard> later = new ArrayDeque<>();
    private final List<Throwable> faults = new ArrayList<>();
    private final Http2ConnectionHandler codec;
    private boolean probing;

    Conversation(int piece) {
      this.piece = piece;
      ContextInternal context = ((VertxInternal) vertx).createEventLoopContext();
      context.exceptionHandler(faults::add);
      Http2Settings settings =
          new Http2Settings()
              .setInitialWindowSize(Frames.USUAL_WINDOW)
              .setMaxConcurrentStreams(STREAMS);
      HttpServerOptions options = new HttpServerOptions().setInitialSettings(settings);
      Others others = new Others();
      codec =
          new Http2ConnectionHandlerBuilder()
              .server(true)
              .initialSettings(
                  new io.netty.handler.codec.http2.Http2Settings()
                      .initialWindowSize(Frames.USUAL_WINDOW)
                      .maxConcurrentStreams(STREAMS))
              .frameListener(others)
              .build();
      others.encoder = codec.encoder();
      channel.freezeTime();
      channel.config().setAllocator(memory);
      CallLane lane =
          new CallLane(context, options, new Bodies(1 << 20), 20_000, CALL, this::begins, () -> {});
      channel.pipeline().addLast(lane, codec, new Behind());
      byte[] preface = ScriptedClient.PREFACE.getBytes(StandardCharsets.US_ASCII);
      comes(Unpooled.wrappedBuffer(preface));
    }

    void step(ByteBuffer in) throws Exception {
      int what = in.get() & 0x1F;
      int flags = in.get() & 0xFF;
      int stream = in.get() & 0xFF;
      if (stream > 250) stream = Integer.MAX_VALUE - (stream - 251);
      int length = in.get() & 0xFF;
      if (what == 13) { // much
        frame(Frames.DATA, flags, stream, new byte[length * 64]);
      } else if (what >= 16 && what < 24) {
        happens(what, length);
      } else {
        byte[] bytes = new byte[Math.min(length, in.remaining())];
        in.get(bytes);
        switch (what) {
          case 10 -> frame(Frames.HEADERS, flags | Frames.END_HEADERS, stream, opens(CALL, bytes));
          case 11 -> frame(Frames.HEADERS, flags | Frames.END_HEADERS, stream, opens("/x", bytes));
          case 12 -> {
            byte[] prefix = {0, 0, 0, 0, (byte) bytes.length};
            frame(Frames.DATA, flags & ~Frames.PADDED, stream, joined(prefix, bytes));
          }
          case 14 -> sends(bytes); // no frame
          default -> frame(what, flags, stream, bytes);
        }
      }
      turn();
    }

    private void happens(int what, int length) {
      switch (what) {
        case 16 -> answerFirst();
        case 17 -> {
          channel.advanceTimeBy(length * 100L, TimeUnit.MILLISECONDS);
          channel.runScheduledPendingTasks();
        }
        case 18 -> writable(false);
        case 19 -> writable(true);
        case 20 ->
            channel.pipeline().fireUserEventTriggered(new ShutdownEvent(10, TimeUnit.SECONDS));
        case 21 -> calls.stream().limit(1).forEach(heard -> heard.call.caller().stopReading());
        case 22 -> calls.stream().limit(1).forEach(heard -> heard.call.caller().readOn());
        default -> channel.unsafe().close(channel.newPromise());
      }
    }

    private void writable(boolean now) {
      ChannelOutboundBuffer waits = channel.unsafe().outboundBuffer();
      if (waits != null) waits.setUserDefinedWritability(1, now);
    }

    private static byte[] opens(String path, byte[] more) {
      HeaderBlock block = new HeaderBlock();
      block.number(0x80, 7, 3); // :method: POST
      block.number(0x80, 7, 6); // :scheme: http
      block.literal(false, 4, path).literal(false, 31, "application/grpc");
      return joined(block.toByteArray(), more);
    }

    private static byte[] joined(byte[] some, byte[] more) {
      byte[] all = Arrays.copyOf(some, some.length + more.length);
      System.arraycopy(more, 0, all, some.length, more.length);
      return all;
    }

    private void frame(int type, int flags, int stream, byte... payload) {
      sends(ScriptedEnd.bytes(type, flags, stream, payload));
    }

    private void sends(byte[] bytes) {
      client.sends(bytes);
      unread.writeBytes(bytes);
      reads();
    }

    private void reads() {
      while (unread.isReadable() && channel.isOpen() && channel.config().isAutoRead()) {
        ByteBuf next = unread.readSlice(Math.min(piece, unread.readableBytes()));
        comes(next);
      }
      unread.discardReadBytes();
    }

    private void comes(ByteBuf bytes) {
      channel.writeInbound(memory.buffer(bytes.readableBytes()).writeBytes(bytes));
    }

    /** All that is due is done, and the client reads. */
    private void turn() throws Http2Exception {
      channel.runPendingTasks();
      reads();
      for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
        try {
          client.receives(out);
        } finally {
          out.release();
        }
      }
      channel.checkException();
      long used = memory.metric().usedDirectMemory() + memory.metric().usedHeapMemory();
      assertThat(used).as("bytes in use").isLessThan(MOST_MEMORY);
      assertThat(faults).isEmpty();
    }

    private void begins(Incoming call) {
      Heard heard = new Heard(call);
      calls.add(heard);
      call.receive(heard);
    }

    private void answerFirst() {
      Heard first = later.poll();
      if (first != null) first.answer();
    }

    /** Whether it stands; if so, calls and other requests go on. */
    boolean goesOn() throws Http2Exception {
      if (!channel.isOpen() || client.isToldToGo() || !client.isBetweenFrames()) return false;
      writable(true);
      happens(22, 0);
      while (!later.isEmpty()) answerFirst();
      turn();
      if (!channel.isOpen() || client.isToldToGo()) return false;
      // half of a window here, half there
      assertThat(client.kept()).isLessThanOrEqualTo(Frames.USUAL_WINDOW);
      if (client.last() > Integer.MAX_VALUE - 4 || !client.hasSettled()) return true;
      probing = true;
      int stream = (client.last() + 1) | 1;
      if (client.narrow() > 0) {
        frame(Frames.WINDOW_UPDATE, 0, 0, ScriptedEnd.number(client.narrow()));
      }
      long busy = calls.stream().filter(Heard::isBusy).count();
      ends(stream, CALL);
      if (busy < STREAMS) {
        assertThat(client.answerOn(stream).isOk()).as("the last call is answered").isTrue();
        assertThat(client.answerOn(stream).body()).isEqualTo(ScriptedEnd.message(20));
      } else {
        assertThat(client.answerOn(stream).isReset()).isTrue();
      }
      boolean free = codec.connection().remote().numActiveStreams() < STREAMS;
      ends(stream + 2, "/x");
      if (free && !client.answerOn(stream + 2).isReset()) {
        assertThat(client.answerOn(stream + 2).has("200")).as("the last request").isTrue();
      }
      return true;
    }

    private void ends(int stream, String path) throws Http2Exception {
      frame(Frames.HEADERS, Frames.END_HEADERS, stream, opens(path, new byte[0]));
      int more = Math.min(Frames.USUAL_WINDOW, client.narrowOfNew());
      if (more > 0) frame(Frames.WINDOW_UPDATE, 0, stream, ScriptedEnd.number(more));
      frame(Frames.DATA, Frames.END_STREAM, stream, ScriptedEnd.message(20));
      turn();
    }

    void end() {
      channel.unsafe().close(channel.newPromise());
      channel.runPendingTasks();
      channel.advanceTimeBy(5, TimeUnit.MINUTES);
      channel.runScheduledPendingTasks();
      channel.finishAndReleaseAll();
      while (!later.isEmpty()) answerFirst();
    }

    void check() {
      assertThat(faults).isEmpty();
      for (Heard heard : calls) {
        assertThat(heard.call.isClosed() || heard.ends > 0).isTrue();
        WatchedClient.Answer answer = client.answerOn(heard.call.stream);
        if (answer.isOk()) assertThat(answer.body()).isEqualTo(heard.answer);
        if (client.isToldToGo()) {
          assertThat(heard.call.stream).isLessThanOrEqualTo(client.lastTaken());
        }
      }
      long left = memory.metric().usedDirectMemory() + memory.metric().usedHeapMemory();
      assertThat(left).as("bytes not given back").isZero();
    }

    Map<Integer, String> messages() {
      Map<Integer, String> all = new LinkedHashMap<>();
      for (Heard heard : calls) {
        if (heard.what != null) all.put(heard.call.stream, heard.what);
      }
      return all;
    }

    /** Hears of one call, and answers by the number of its stream. */
    private final class Heard implements Incoming.Receiver {
      private final Incoming call;
      private final int manner;
      private @Nullable String what;
      private byte @Nullable [] message;
      private byte @Nullable [] answer;
      private int ends;

      Heard(Incoming call) {
        this.call = call;
        this.manner = probing ? 0 : call.stream >> 1 & 3;
      }

      /** Whether it takes one of the streams there are. */
      boolean isBusy() {
        boolean done = call.ended && call.isAnswered() && call.rest == null;
        return !call.isClosed() && !done;
      }

      void answer() {
        byte[] body = manner == 2 ? new byte[LARGE] : Objects.requireNonNull(message);
        byte[] prefix = ByteBuffer.allocate(Incoming.PREFIX).putInt(1, body.length).array();
        answer = joined(prefix, body);
        call.answer(Buffer.buffer(body));
      }

      private void ends(String how) {
        what = how;
        if (++ends > 1) faults.add(new AssertionError("a call ended twice, at last by " + how));
      }

      @Override
      public void announced(long bytes) {
        if (bytes <= MOST_MESSAGE && (manner != 3 || bytes < 100)) return;
        ends("refused");
        call.refuse(GrpcCode.RESOURCE_EXHAUSTED, "too large", null);
      }

      @Override
      public void came(int bytes) {}

      @Override
      public void whole(Buffer whole, boolean packed) {
        byte[] bytes = whole.getBytes();
        ends(packed + " " + ByteBufUtil.hexDump(bytes));
        message = bytes;
        call.spent();
        if (manner == 1) later.add(this);
        else answer();
      }

      @Override
      public void malformed(String why) {
        ends(why);
        call.refuse(GrpcCode.INVALID_ARGUMENT, why, null);
      }

      @Override
      public void brokenOff(String why) {
        ends("broken off");
      }
    }
  }

  /** Stands for Vert.x's HTTP: a page for each request. */
  private static final class Others extends Http2FrameAdapter {
    private @Nullable Http2ConnectionEncoder encoder;

    @Override
    public void onHeadersRead(
        ChannelHandlerContext ctx,
        int stream,
        Http2Headers headers,
        int streamDependency,
        short weight,
        boolean exclusive,
        int padding,
        boolean last) {
      if (last) answer(ctx, stream);
    }

    @Override
    public void onHeadersRead(
        ChannelHandlerContext ctx, int stream, Http2Headers headers, int padding, boolean last) {
      if (last) answer(ctx, stream);
    }

    @Override
    public int onDataRead(
        ChannelHandlerContext ctx, int stream, ByteBuf data, int padding, boolean last) {
      int size = data.readableBytes() + padding;
      if (last) answer(ctx, stream);
      return size;
    }

    private void answer(ChannelHandlerContext ctx, int stream) {
      Http2ConnectionEncoder to = encoder;
      if (to == null) throw new IllegalStateException("it is not built yet");
      Http2Headers head = new DefaultHttp2Headers().status("200").add("x-stream", "" + stream % 9);
      to.writeHeaders(ctx, stream, head, 0, false, ctx.newPromise());
      ByteBuf page = ctx.alloc().buffer(PAGE).writeZero((stream & 4) == 0 ? 10 : PAGE);
      to.writeData(ctx, stream, page, 0, true, ctx.newPromise());
    }
  }

  /** Hears of all that goes wrong; a fault of ours goes on to the end, where it is seen. */
  private static final class Behind extends ChannelInboundHandlerAdapter {
    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event instanceof ShutdownEvent) ctx.channel().close();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      if (!(cause instanceof ClosedChannelException)) ctx.fireExceptionCaught(cause);
    }
  }
}
