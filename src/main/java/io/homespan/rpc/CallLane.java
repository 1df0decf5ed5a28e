package io.homespan.rpc;

import static io.netty.handler.codec.http2.Http2Error.ENHANCE_YOUR_CALM;
import static io.netty.handler.codec.http2.Http2Error.FLOW_CONTROL_ERROR;
import static io.netty.handler.codec.http2.Http2Error.INTERNAL_ERROR;
import static io.netty.handler.codec.http2.Http2Error.NO_ERROR;
import static io.netty.handler.codec.http2.Http2Error.PROTOCOL_ERROR;
import static io.netty.handler.codec.http2.Http2Error.REFUSED_STREAM;
import static io.netty.handler.codec.http2.Http2Error.STREAM_CLOSED;
import static io.netty.handler.codec.http2.Http2Exception.connectionError;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import io.netty.util.concurrent.Future;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.net.impl.ShutdownEvent;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the calls of one method out of a connection's HTTP/2 frames (RFC 9113), before Vert.x's
 * codec, and lets all else go on to it. Vert.x stays the connection's master: preface, settings,
 * pings, GOAWAY, other streams and HTTP/1 are its own. A general codec makes a stream, a request, a
 * response and several copies of each call, and these calls are all alike.
 *
 * <p>Two codecs on one connection have little to agree on. Header blocks are all read here, as
 * their table is one, and go on as literals; those written here don't touch the table. Each side
 * opens the windows for what it has read. The caller's window for the whole connection is counted
 * here, and lent to Vert.x in parts. A GOAWAY names the last stream of either, and the connection
 * closes when both are done. Belongs to one event loop.
 */
@SuppressWarnings(
    "FutureReturnValueIgnored") // what fails closes the connection, and is heard there
final class CallLane extends ChannelDuplexHandler implements Caller {
  static final String NAME = "calls";

  private static final Logger LOG = LoggerFactory.getLogger(CallLane.class);
  private static final int MOST_OF_HEADERS = 8192;
  private static final int MOST_OF_A_BLOCK = 16 << 10;
  private static final int USUAL_PART = 1 << 10;
  private static final int MOST_EMPTY_FRAMES = 100;

  /** Streams that were stopped, on which more may be on its way. */
  private static final int MOST_STOPPED = 1 << 10;

  /** Of the connection's window, however wide it is, it opens no more than this at once. */
  private static final int MOST_OF_A_STEP = 1 << 20;

  /** Between saying that a connection ends and ending it, in ms: the longest of round trips. */
  private static final long A_MOMENT = 300;

  /** For what Vert.x has under way then, in seconds. */
  private static final long MOST_OF_AN_END = 10;

  /** Who does not read answers for so long is let go. */
  private static final long UNREAD_NANOS = TimeUnit.SECONDS.toNanos(30);

  private static final byte TLS_HANDSHAKE = 0x16;

  /** Clients that speak TLS say of this what it is. */
  private static final ByteBuf NO_TLS =
      Unpooled.unreleasableBuffer(
          Unpooled.copiedBuffer(
              "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
              StandardCharsets.US_ASCII));

  private static final byte[] TOO_LARGE =
      new HeaderBlock().literal(false, 8, "431").toByteArray(); // :status

  private final ContextInternal context;
  private final Bodies bodies;
  private final HttpServerOptions options;
  private final int windowStep;
  private final long ageMillis; // 0: never asked to go
  private final String path;
  private final Consumer<Incoming> calls;
  private final Runnable tlsCame;
  private final KnownBlocks<Opening> blocks =
      new KnownBlocks<>(new DefaultHttp2HeadersDecoder(true, MOST_OF_HEADERS), Opening::of);
  private final IntObjectMap<Incoming> open = new IntObjectHashMap<>();
  private final Stopped stopped = new Stopped(MOST_STOPPED);
  private final List<Runnable> whenGone = new ArrayList<>(1);
  private final ByteBuf part = Unpooled.buffer(0, Frames.HEAD + Frames.USUAL_PAYLOAD);
  private final ByteBuf block = Unpooled.buffer(0, MOST_OF_A_BLOCK);
  private @Nullable ChannelHandlerContext ctx;
  private @Nullable Outbox outbox;
  private @Nullable Answers answers;
  private @Nullable Http2ConnectionHandler vertx;
  private int prefaced; // bytes of the preface that are here
  private boolean settled; // the caller's first SETTINGS are here
  private boolean failed;
  private boolean gone;
  private int blockStream; // 0: no block is under way
  private boolean blockEnds;
  private int dataLeft; // bytes of a call's DATA frame that are still to come
  private int dataStream;
  private boolean dataEnds;
  private int emptyFrames; // in a row
  private int received; // bytes of bodies since the connection's window was opened
  private boolean lending;
  private int lastStream; // the highest that the caller has opened
  private int lastCall; // of those, the highest that was a call
  private int unanswered;
  private @Nullable Future<?> age;
  private boolean goingDown; // no more calls are wanted
  private boolean leaving; // nor taken: GOAWAY named the last
  private boolean leavingAtOnce;
  private @Nullable ChannelPromise closing;
  private int frameLeft; // bytes of the frame that Vert.x is writing
  private long resetsSince;
  private int resets;
  private boolean readingStopped; // by who takes the calls
  private boolean unwritable;
  private long unwritableSince;
  private boolean watched;

  CallLane(
      ContextInternal context,
      HttpServerOptions options,
      Bodies bodies,
      long ageMillis,
      String path,
      Consumer<Incoming> calls,
      Runnable tlsCame) {
    this.tlsCame = tlsCame;
    this.context = context;
    this.bodies = bodies;
    this.options = options;
    this.ageMillis = ageMillis;
    int window = Math.max(Frames.USUAL_WINDOW, options.getHttp2ConnectionWindowSize());
    this.windowStep = Math.min(MOST_OF_A_STEP, window / 2);
    this.path = path;
    this.calls = calls;
  }

  @Override
  public String address() {
    return address(ctx().channel());
  }

  static String address(Channel channel) {
    return channel.remoteAddress() instanceof InetSocketAddress other
        ? other.getAddress().getHostAddress() + ":" + other.getPort()
        : "unknown";
  }

  /** Memory for the messages of its calls. */
  Bodies bodies() {
    return bodies;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    this.ctx = ctx;
    Outbox out = new Outbox(ctx);
    this.outbox = out;
    this.answers = new Answers(out, this::sent);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (!(message instanceof ByteBuf in)) {
      ctx.fireChannelRead(message);
      return;
    }
    try {
      context.dispatch(in, this::bytes);
    } finally {
      in.release();
    }
  }

  private void bytes(ByteBuf in) {
    if (failed) return;
    try {
      if (prefaced < preface().readableBytes() && !isHttp2(in)) return;
      while (in.isReadable() && !failed) frames(in);
    } catch (Http2Exception e) {
      fail(e);
    } catch (RuntimeException e) {
      LOG.error("a connection broke", e);
      fail(connectionError(INTERNAL_ERROR, e, "a fault of ours"));
    }
  }

  private static ByteBuf preface() {
    return Http2CodecUtil.connectionPrefaceBuf();
  }

  /** Lets the preface through; steps aside if it is none. */
  private boolean isHttp2(ByteBuf in) {
    ByteBuf preface = preface();
    int more = Math.min(in.readableBytes(), preface.readableBytes() - prefaced);
    for (int i = 0; i < more; i++) {
      if (in.getByte(in.readerIndex() + i) == preface.getByte(prefaced + i)) continue;
      ChannelHandlerContext here = ctx();
      if (prefaced + i == 0 && in.getByte(in.readerIndex()) == TLS_HANDSHAKE) {
        in.skipBytes(in.readableBytes());
        failed = true;
        tlsCame.run();
        here.writeAndFlush(NO_TLS.duplicate()).addListener(ChannelFutureListener.CLOSE);
        return false;
      }
      here.fireChannelRead(in.readRetainedSlice(in.readableBytes()));
      here.pipeline().remove(this);
      return false;
    }
    prefaced += more;
    ctx().fireChannelRead(in.readRetainedSlice(more));
    if (prefaced == preface.readableBytes() && ageMillis > 0) {
      ShutdownEvent old = new ShutdownEvent(MOST_OF_AN_END, TimeUnit.SECONDS);
      age = ctx().executor().schedule(() -> goingDown(old), ageMillis, TimeUnit.MILLISECONDS);
    }
    return true;
  }

  private void frames(ByteBuf in) throws Http2Exception {
    if (dataLeft > 0) {
      piece(in, Math.min(dataLeft, in.readableBytes()));
    } else if (!part.isReadable() && in.readableBytes() >= Frames.HEAD && begunData(in)) {
      return; // the body comes in pieces
    } else if (!part.isReadable() && in.readableBytes() >= Frames.needed(in)) {
      frame(in);
    } else {
      int missing = Frames.needed(part) - part.readableBytes();
      part.writeBytes(in, Math.min(missing, in.readableBytes()));
      if (part.readableBytes() == Frames.HEAD && begunData(part)) part.clear();
      if (part.readableBytes() < Frames.needed(part)) return;
      frame(part);
      part.clear();
      if (part.capacity() > USUAL_PART) part.capacity(0);
    }
  }

  /** Whether this is the head of a call's DATA frame; then it is taken. */
  private boolean begunData(ByteBuf in) throws Http2Exception {
    int at = in.readerIndex();
    int flags = in.getUnsignedByte(at + 4);
    if (in.getByte(at + 3) != Frames.DATA || (flags & Frames.PADDED) != 0 || blockStream != 0) {
      return false;
    }
    int stream = in.getInt(at + 5) & Integer.MAX_VALUE;
    if (!isCalls(stream)) return false;
    int size = Frames.needed(in) - Frames.HEAD;
    in.skipBytes(Frames.HEAD);
    dataBegins(stream, size, (flags & Frames.END_STREAM) != 0);
    return true;
  }

  /** Streams that Vert.x does not know: calls, and those that were calls. */
  private boolean isCalls(int stream) {
    if (stream == 0 || stream > lastStream) return false;
    return open.get(stream) != null || vertx().connection().stream(stream) == null;
  }

  private void dataBegins(int stream, int size, boolean last) throws Http2Exception {
    dataStream = stream;
    dataLeft = size;
    dataEnds = last;
    Incoming call = open.get(stream);
    if (call == null ? !stopped.has(stream) : call.ended) over(stream);
    if (size > 0) {
      emptyFrames = 0;
    } else if (last) {
      dataEnds();
    } else if (++emptyFrames > MOST_EMPTY_FRAMES) {
      throw connectionError(ENHANCE_YOUR_CALM, "empty frames without end");
    }
  }

  private void piece(ByteBuf in, int size) throws Http2Exception {
    dataLeft -= size;
    taken(size);
    Incoming call = open.get(dataStream);
    if (call == null) {
      in.skipBytes(size);
      stopped.came(dataStream, size);
    } else {
      call.take(in, size);
      call.unread += size;
      if (call.isAnswered()) {
        if (!dataEnds) stop(call);
      } else if (call.unread >= streamWindow() / 2 && !call.isClosed()) {
        outbox().window(call.stream, call.unread);
        call.unread = 0;
      }
    }
    if (dataLeft == 0 && dataEnds) dataEnds();
  }

  /** How much of a message may be on its way. */
  private int streamWindow() {
    return options.getInitialSettings().getInitialWindowSize();
  }

  /**
   * It was refused, and its message is still coming: nobody wants the rest (RFC 9113, section 8.1).
   * Not said before a piece comes that is not the last, as most messages are one piece, which is
   * right behind the headers. Its window stays as it is.
   */
  private void stop(Incoming call) {
    open.remove(call.stream);
    stopped.add(call.stream, Math.max(Frames.USUAL_WINDOW, streamWindow()) - call.unread);
    outbox().reset(call.stream, NO_ERROR);
  }

  /** So many bytes of the connection's window are free again. */
  private void taken(int bytes) {
    received += bytes;
    if (received < windowStep) return;
    outbox().window(0, received);
    received = 0;
  }

  private void dataEnds() {
    Incoming call = open.get(dataStream);
    if (call != null) ended(call);
    else stopped.remove(dataStream);
  }

  /** Something came on a stream that its caller had ended, RFC 9113, section 5.1. */
  private void over(int stream) throws Http2Exception {
    outbox().reset(stream, STREAM_CLOSED);
    reset(stream);
  }

  private void ended(Incoming call) {
    call.end();
    if (call.isAnswered() && call.rest == null) open.remove(call.stream);
  }

  /** A whole frame, at the reader index. */
  private void frame(ByteBuf in) throws Http2Exception {
    int begin = in.readerIndex();
    int size = in.readUnsignedMedium();
    int type = in.readUnsignedByte();
    int flags = in.readUnsignedByte();
    int stream = in.readInt() & Integer.MAX_VALUE;
    int end = in.readerIndex() + size;
    if (blockStream != 0 && (type != Frames.CONTINUATION || stream != blockStream)) {
      throw connectionError(
          PROTOCOL_ERROR, "a block of headers is cut by a frame of type %d", type);
    }
    if (!settled && type != Frames.SETTINGS) {
      throw connectionError(PROTOCOL_ERROR, "a caller begins by a frame of type %d", type);
    }
    boolean ours = isCalls(stream);
    switch (type) {
      case Frames.HEADERS -> headers(in, size, flags, stream);
      case Frames.CONTINUATION -> continued(in, size, flags, stream);
      case Frames.PRIORITY_FRAME -> { // obsolete, RFC 9113, section 5.3.2, but for its form
        Frames.check(size == 5, type);
        if (stream == 0) throw connectionError(PROTOCOL_ERROR, "a priority of no stream");
        priority(in, stream);
      }
      case Frames.SETTINGS -> {
        outbox().flush(); // what was written goes by the settings before, and its ACK is Vert.x's
        pass(in, begin, end);
        settled = true;
        if ((flags & Frames.ACK) == 0 && stream == 0 && size % 6 == 0) settings(in, end);
      }
      case Frames.WINDOW_UPDATE -> {
        Frames.check(size == 4, type);
        int more = in.readInt() & Integer.MAX_VALUE;
        if (ours) window(stream, more);
        else if (stream == 0 && more > 0) connectionWindow(more);
        else pass(in, begin, end);
      }
      case Frames.RST_STREAM -> {
        Frames.check(size == 4, type);
        if (ours) reset(stream);
        else pass(in, begin, end);
      }
      case Frames.DATA -> {
        if (ours) padded(in, size, flags, stream);
        else pass(in, begin, end);
      }
      // begun without an end, it would leave Vert.x within a block that is none here
      case Frames.PUSH_PROMISE -> throw connectionError(PROTOCOL_ERROR, "a caller pushes");
      default -> pass(in, begin, end);
    }
    in.readerIndex(end);
  }

  private void padded(ByteBuf in, int size, int flags, int stream) throws Http2Exception {
    int piece = size - Frames.padding(in, size, flags, Frames.DATA);
    taken(size - piece);
    Incoming call = open.get(stream);
    if (call != null) call.unread += size - piece;
    else stopped.came(stream, size - piece);
    dataBegins(stream, piece, (flags & Frames.END_STREAM) != 0);
    if (piece > 0) piece(in, piece);
  }

  private void headers(ByteBuf in, int size, int flags, int stream) throws Http2Exception {
    if ((stream & 1) == 0) throw connectionError(PROTOCOL_ERROR, "a caller's stream %d", stream);
    int piece = size - Frames.padding(in, size, flags, Frames.HEADERS);
    if ((flags & Frames.PRIORITY) != 0) {
      piece -= 5;
      Frames.check(piece >= 0, Frames.HEADERS);
      priority(in, stream);
    }
    boolean last = (flags & Frames.END_STREAM) != 0;
    if ((flags & Frames.END_HEADERS) != 0) {
      headers(stream, in, piece, last);
      return;
    }
    block.clear().writeBytes(in, piece);
    blockStream = stream;
    blockEnds = last;
  }

  private static void priority(ByteBuf in, int stream) throws Http2Exception {
    if ((in.readInt() & Integer.MAX_VALUE) == stream) {
      throw connectionError(PROTOCOL_ERROR, "stream %d depends on itself", stream);
    }
    in.skipBytes(1); // its weight
  }

  private void continued(ByteBuf in, int size, int flags, int stream) throws Http2Exception {
    if (blockStream == 0) throw connectionError(PROTOCOL_ERROR, "nothing is continued");
    boolean whole = (flags & Frames.END_HEADERS) != 0;
    if (size > block.maxWritableBytes() || (size == 0 && !whole)) {
      throw connectionError(ENHANCE_YOUR_CALM, "headers without end");
    }
    block.writeBytes(in, size);
    if (!whole) return;
    blockStream = 0;
    headers(stream, block, block.readableBytes(), blockEnds);
    block.clear().capacity(0); // few have such
  }

  private void headers(int stream, ByteBuf in, int size, boolean last) throws Http2Exception {
    boolean known = stream <= lastStream;
    Opening opening;
    try {
      opening = blocks.read(stream, in, size);
    } catch (Http2Exception.StreamException e) {
      lastStream = Math.max(lastStream, stream);
      if (!known && e instanceof Http2Exception.HeaderListSizeException) {
        answers().headers(stream, TOO_LARGE);
      }
      outbox().reset(stream, e.error());
      if (open.get(stream) != null) reset(stream);
      else if (known && !isCalls(stream)) passReset(stream);
      return;
    }
    Incoming call = open.get(stream);
    if (call != null) {
      if (call.ended) {
        over(stream);
      } else if (last) {
        ended(call);
      } else {
        outbox().reset(stream, PROTOCOL_ERROR);
        reset(stream);
      }
    } else if (known) {
      if (last && stopped.remove(stream)) return; // trailers
      if (isCalls(stream)) over(stream);
      else pass(stream, opening, last);
    } else {
      lastStream = stream;
      if (!path.equals(opening.path())) pass(stream, opening, last);
      else if (!leaving) begin(stream, opening, last);
    }
  }

  private void begin(int stream, Opening opening, boolean last) {
    lastCall = stream;
    if (open.size() >= options.getInitialSettings().getMaxConcurrentStreams()) {
      outbox().reset(stream, REFUSED_STREAM);
      return;
    }
    Incoming call = new Incoming(this, stream, opening, answers().streamWindow());
    open.put(stream, call);
    unanswered++;
    calls.accept(call);
    if (last) ended(call);
  }

  private void pass(ByteBuf in, int begin, int end) {
    ctx().fireChannelRead(in.retainedSlice(begin, end - begin));
  }

  private void pass(int stream, Opening opening, boolean last) {
    byte[] block = opening.block();
    ByteBuf frames = ctx().alloc().buffer(block.length + 10 * Frames.HEAD);
    Outbox.headers(frames, block, stream, Frames.USUAL_PAYLOAD, last);
    ctx().fireChannelRead(frames);
  }

  private void passReset(int stream) {
    ByteBuf frame = ctx().alloc().buffer(Frames.HEAD + 4);
    Frames.head(frame, 4, Frames.RST_STREAM, 0, stream);
    ctx().fireChannelRead(frame.writeInt((int) PROTOCOL_ERROR.code()));
  }

  private void settings(ByteBuf in, int end) throws Http2Exception {
    long last = -1; // of many, which would each cost a walk over all calls
    while (in.readerIndex() < end) {
      int id = in.readUnsignedShort();
      long value = in.readUnsignedInt();
      if (id == Frames.HEADER_TABLE_SIZE) answers().tableSize(value);
      if (id == Frames.INITIAL_WINDOW_SIZE && value <= Integer.MAX_VALUE) last = value;
    }
    if (last < 0) return;
    // a copy, as answers that leave take their calls out
    answers().streamWindow((int) last, List.copyOf(open.values()));
    closeIfDone();
  }

  private void window(int stream, int more) throws Http2Exception {
    Incoming call = open.get(stream);
    if (call == null) return;
    if (more == 0 || (long) call.window + more > Integer.MAX_VALUE) {
      outbox().reset(stream, more == 0 ? PROTOCOL_ERROR : FLOW_CONTROL_ERROR);
      reset(stream);
      return;
    }
    call.window += more;
    answers().grew(call);
    closeIfDone();
  }

  private void connectionWindow(int more) throws Http2Exception {
    answers().grow(more);
    lend();
    closeIfDone();
  }

  /** To Vert.x, of the connection's window. */
  private void lend() {
    lending = false;
    int more = answers().lend();
    if (more == 0) return;
    ByteBuf frame = ctx().alloc().buffer(Frames.HEAD + 4);
    Frames.head(frame, 4, Frames.WINDOW_UPDATE, 0, 0);
    ctx().fireChannelRead(frame.writeInt(more));
  }

  private void lendLater() {
    if (lending || !answers().isLentLittle()) return;
    lending = true;
    ctx()
        .executor()
        .execute(
            () -> {
              if (gone) return;
              lend();
              ctx().fireChannelReadComplete(); // or Vert.x flushes nothing until more is read
            });
  }

  /** The caller has ended it, or we have. */
  private void reset(int stream) throws Http2Exception {
    if (stopped.remove(stream)) return; // both at once
    long now = System.nanoTime();
    long window =
        options
            .getHttp2RstFloodWindowDurationTimeUnit()
            .toNanos(options.getHttp2RstFloodWindowDuration());
    if (now - resetsSince > window) {
      resetsSince = now;
      resets = 0;
    }
    if (++resets > options.getHttp2RstFloodMaxRstFramePerWindow()) {
      throw connectionError(ENHANCE_YOUR_CALM, "too many calls are reset");
    }
    Incoming call = open.remove(stream);
    if (call == null) return;
    boolean waited = !call.isAnswered();
    answers().drop(call);
    call.close("the call was reset");
    if (waited) unanswered--;
    closeIfDone();
  }

  /** A message and OK. */
  void answer(Incoming call, ByteBuf message) {
    answers().answer(call, message);
    answered(call);
  }

  /** An error. */
  void refuse(Incoming call, Map<String, String> headers) {
    answers().refuse(call, headers);
    answered(call);
  }

  private void sent(Incoming call) {
    if (call.ended) open.remove(call.stream);
  }

  private void answered(Incoming call) {
    if (call.ended && call.rest == null) open.remove(call.stream);
    unanswered--;
    closeIfDone();
  }

  private void closeIfDone() {
    ChannelPromise promise = closing;
    if (promise == null || unanswered > 0 || answers().isHolding()) return;
    closing = null;
    outbox().flush();
    ctx().close(promise);
  }

  /** Calls have their deadlines; answers that the caller opens no window for have none. */
  private void closeAfter(long nanos) {
    ctx()
        .executor()
        .schedule(
            () -> {
              if (closing == null) return;
              if (unanswered > 0) closeAfter(nanos);
              else ctx().close(closing);
            },
            nanos,
            TimeUnit.NANOSECONDS);
  }

  /**
   * Says that no more is wanted, and only after a moment, which calls that are on their way need,
   * where the end is (RFC 9113, section 6.8).
   */
  private void goingDown(ShutdownEvent event) {
    if (gone || failed || goingDown) return;
    goingDown = true;
    outbox().goAway(Integer.MAX_VALUE, NO_ERROR);
    ctx()
        .executor()
        .schedule(() -> ctx().fireUserEventTriggered(event), A_MOMENT, TimeUnit.MILLISECONDS);
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof ShutdownEvent end && settled && !goingDown) goingDown(end);
    else ctx.fireUserEventTriggered(event);
  }

  /** Netty's codec asks for the next bytes even of who is not to be read from. */
  @Override
  public void read(ChannelHandlerContext ctx) {
    if (ctx.channel().config().isAutoRead()) ctx.read();
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
    if (message instanceof ByteBuf out) look(out);
    ctx.write(message, promise);
  }

  /**
   * For what Vert.x takes of the window, and for its GOAWAY, which does not know of calls. It
   * writes heads of frames whole.
   */
  private void look(ByteBuf out) {
    int at = out.readerIndex();
    int end = out.writerIndex();
    while (at < end) {
      int skipped = Math.min(frameLeft, end - at);
      frameLeft -= skipped;
      at += skipped;
      if (end - at < Frames.HEAD) return;
      frameLeft = out.getUnsignedMedium(at);
      if (out.getByte(at + 3) == Frames.HEADERS) answers().othersSentHeaders();
      if (out.getByte(at + 3) == Frames.DATA) {
        answers().othersSent(frameLeft);
        lendLater();
      }
      if (out.getByte(at + 3) == Frames.RST_STREAM && end - at >= Frames.HEAD + 4) {
        // it forgets streams that it ends, and what comes on them yet comes to calls
        stopped.add(out.getInt(at + 5) & Integer.MAX_VALUE, streamWindow());
      }
      if (out.getByte(at + 3) == Frames.GOAWAY && end - at >= Frames.HEAD + 8) {
        leaving = true;
        leavingAtOnce |= out.getInt(at + Frames.HEAD + 4) != 0;
        int last = out.getInt(at + Frames.HEAD);
        out.setInt(at + Frames.HEAD, Math.max(last, lastCall));
      }
      at += Frames.HEAD;
    }
  }

  /** Waits for calls under way, unless it is the second time or in anger. */
  @Override
  public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
    ChannelPromise first = closing;
    boolean wait = leaving && !leavingAtOnce && first == null;
    if (wait && (unanswered > 0 || answers().isHolding())) {
      closing = promise;
      closeAfter(UNREAD_NANOS);
      return;
    }
    closing = null;
    outbox().flush();
    ctx.close(promise);
    if (first != null) ctx.channel().closeFuture().addListener(done -> first.trySuccess());
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    context.dispatch(this::gone);
    ctx.fireChannelInactive();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    gone();
  }

  private void gone() {
    if (gone) return;
    gone = true;
    if (age != null) age.cancel(false);
    failed = true;
    List<Incoming> left = List.copyOf(open.values());
    open.clear();
    answers().clear();
    for (Incoming call : left) call.close("the connection was closed");
    whenGone.forEach(Runnable::run);
    whenGone.clear();
  }

  /** By Vert.x, who says GOAWAY and closes. */
  private void fail(Http2Exception e) {
    failed = true;
    ctx().fireExceptionCaught(e);
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    boolean now = !ctx.channel().isWritable();
    if (now && !unwritable) unwritableSince = System.nanoTime();
    unwritable = now;
    readOrNot();
    if (unwritable && !watched) watch(UNREAD_NANOS);
    ctx.fireChannelWritabilityChanged();
  }

  private void watch(long nanos) {
    watched = true;
    ctx()
        .executor()
        .schedule(
            () -> {
              watched = false;
              long left = UNREAD_NANOS - (System.nanoTime() - unwritableSince);
              if (!unwritable) return;
              if (left > 0) watch(left);
              else ctx().close();
            },
            nanos,
            TimeUnit.NANOSECONDS);
  }

  @Override
  public void stopReading() {
    readingStopped = true;
    readOrNot();
  }

  @Override
  public void readOn() {
    readingStopped = false;
    readOrNot();
  }

  /** All streams at once: one that is not read alone would use up its connection's window. */
  private void readOrNot() {
    ctx().channel().config().setAutoRead(!readingStopped && !unwritable);
  }

  @Override
  public void whenGone(Runnable listener) {
    if (gone) listener.run();
    else whenGone.add(listener);
  }

  private ChannelHandlerContext ctx() {
    ChannelHandlerContext here = ctx;
    if (here == null) throw new IllegalStateException("it is on no connection yet");
    return here;
  }

  private Outbox outbox() {
    Outbox to = outbox;
    if (to == null) throw new IllegalStateException("it is on no connection yet");
    return to;
  }

  private Answers answers() {
    Answers all = answers;
    if (all == null) throw new IllegalStateException("it is on no connection yet");
    return all;
  }

  private Http2ConnectionHandler vertx() {
    Http2ConnectionHandler its = vertx;
    if (its == null) {
      its = ctx().pipeline().get(Http2ConnectionHandler.class);
      vertx = its;
    }
    return its;
  }
}
