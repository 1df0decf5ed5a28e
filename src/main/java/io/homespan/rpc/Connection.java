package io.homespan.rpc;

import static io.netty.handler.codec.http2.Http2Error.CANCEL;
import static io.netty.handler.codec.http2.Http2Error.FLOW_CONTROL_ERROR;
import static io.netty.handler.codec.http2.Http2Error.INADEQUATE_SECURITY;
import static io.netty.handler.codec.http2.Http2Error.INTERNAL_ERROR;
import static io.netty.handler.codec.http2.Http2Error.NO_ERROR;
import static io.netty.handler.codec.http2.Http2Error.PROTOCOL_ERROR;
import static io.netty.handler.codec.http2.Http2Error.REFUSED_STREAM;
import static io.netty.handler.codec.http2.Http2Exception.connectionError;

import io.homespan.rpc.AnswerHeads.Heads;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import io.netty.util.concurrent.ScheduledFuture;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One HTTP/2 connection (RFC 9113) and the calls on it. Calls wait until the server's SETTINGS have
 * come: until then nothing was sent, so a host that takes connections and does no more costs no
 * doubt. They wait as well while the server allows no further stream, or much waits for the socket.
 * A message that the windows have no room for goes in pieces. Belongs to one event loop.
 */
@SuppressWarnings(
    "FutureReturnValueIgnored") // what fails closes the connection, and is heard there
final class Connection extends ChannelInboundHandlerAdapter implements FrameReader.Listener {
  private static final Logger LOG = LoggerFactory.getLogger(Connection.class);
  private static final long PING_MILLIS = 1000;
  private static final int LARGEST_PAYLOAD = (1 << 24) - 1;
  private static final int LAST_STREAM = Integer.MAX_VALUE - 2;

  /** Of headers and their names in one answer. */
  private static final int MOST_OF_HEADERS = 8192;

  /** The server may send on when it has sent this much; its windows are {@code USUAL_WINDOW}. */
  private static final int WINDOW_STEP = Frames.USUAL_WINDOW / 2;

  /** A message of more DATA frames goes in pieces, as to move it into its frames is a copy. */
  private static final int MOST_FRAMES_AT_ONCE = 4;

  private final Dialer dialer;
  private final String host;
  private final int port;
  private final String name;
  private final int maxAnswerBytes;
  private final long silenceNanos;
  private final Consumer<Connection> gone;
  private final EventLoop loop;
  private final FrameReader reader = new FrameReader(this);
  private final RequestHeads heads;
  private final AnswerHeads answers = new AnswerHeads();
  private final Deadlines deadlines;
  private final IntObjectMap<Call> calls = new IntObjectHashMap<>();
  private final Deque<Call> waiting = new ArrayDeque<>();
  private final Deque<Call> held = new ArrayDeque<>(); // by the windows, their rests
  private final Promise<Void> closed;
  private @Nullable Outbox outbox;
  private @Nullable Channel channel;
  private boolean ready; // the server's SETTINGS have come
  private boolean retired; // takes no new calls
  private boolean failed;
  private String why = "the connection was closed";
  private @Nullable ScheduledFuture<?> pong; // closes if the ping under way is not answered
  private long lastUse;
  private int nextStream = 1;
  private long maxStreams = Integer.MAX_VALUE;
  private int maxPayload = Frames.USUAL_PAYLOAD;
  private int streamWindow = Frames.USUAL_WINDOW;
  private int window = Frames.USUAL_WINDOW;
  private int received; // bytes of answers since the connection's window was opened

  /**
   * Opens nothing yet.
   *
   * @param name for a cover
   * @param gone hears when it takes no calls any more
   */
  Connection(
      Dialer dialer,
      String host,
      int port,
      String name,
      int maxAnswerBytes,
      Duration silence,
      Consumer<Connection> gone) {
    this.name = name;
    this.dialer = dialer;
    this.host = host;
    this.port = port;
    this.maxAnswerBytes = maxAnswerBytes;
    this.silenceNanos = silence.toNanos();
    this.gone = gone;
    this.loop = dialer.loop();
    this.closed = dialer.promise();
    this.heads = new RequestHeads(host, port, dialer.isCovered());
    this.deadlines = new Deadlines(loop, this::timedOut);
  }

  boolean takesCalls() {
    return !retired;
  }

  void open() {
    dialer
        .dial(host, port, name, this)
        .onComplete(
            opened -> {
              channel = opened;
              opened.closeFuture().addListener(end -> ended(why));
              if (retired) opened.close();
              loop.schedule(
                  () -> {
                    if (!ready) opened.close(); // no HTTP/2 is spoken there
                  },
                  dialer.connectMillis(),
                  TimeUnit.MILLISECONDS);
            },
            cause -> ended(text(cause)));
  }

  void call(Call call) {
    long now = System.nanoTime();
    lastUse = now;
    call.deadline = now + TimeUnit.MILLISECONDS.toNanos(call.timeoutMillis);
    deadlines.add(call, now);
    Outbox to = outbox;
    if (to != null && waiting.isEmpty() && admits(to)) begin(to, call);
    else waiting.add(call);
    // the last ids are for those that wait
    if (nextStream + 2L * waiting.size() >= LAST_STREAM) retire();
  }

  /** Ends what is under way. */
  Future<Void> close() {
    retire();
    if (channel != null) channel.close();
    else ended("the connection was closed");
    return closed.future();
  }

  private boolean admits(Outbox to) {
    return ready && calls.size() < maxStreams && to.takesMore();
  }

  private void beginWaiting(Outbox to) {
    while (!waiting.isEmpty() && admits(to)) begin(to, waiting.remove());
  }

  private void begin(Outbox to, Call call) {
    call.stream = nextStream;
    call.window = streamWindow;
    int size = call.message.size();
    long body = (long) Call.PREFIX + size;
    boolean atOnce =
        body <= Math.min(window, call.window) && body <= (long) MOST_FRAMES_AT_ONCE * maxPayload;
    try {
      byte[] block = heads.of(call);
      if (atOnce) {
        to.call(call, block, size, maxPayload);
        window -= (int) body;
        call.window -= (int) body;
      } else {
        call.rest = rest(to, call, size);
        to.headers(call, block, maxPayload);
      }
    } catch (RuntimeException e) {
      heads.notSent();
      end(call, new Reply.NotSent("the message could not be written: " + e));
      return;
    }
    nextStream += 2;
    calls.put(call.stream, call);
    if (call.rest == null) return;
    held.add(call);
    if (held.size() == 1) sendHeld(to);
  }

  private static ByteBuf rest(Outbox to, Call call, int size) {
    ByteBuf rest = to.buffer(Call.PREFIX + size);
    try {
      call.writeTo(rest, 0, size);
      return rest.writerIndex(Call.PREFIX + size);
    } catch (RuntimeException e) {
      rest.release();
      throw e;
    }
  }

  /** As much as the windows allow, each in its turn. */
  private void sendHeld(Outbox to) {
    for (int i = held.size(); i > 0 && window > 0; i--) {
      Call call = held.remove();
      if (call.rest != null) sendSome(to, call, call.rest);
      if (call.rest != null) held.add(call);
    }
  }

  private void sendSome(Outbox to, Call call, ByteBuf rest) {
    while (true) {
      int piece =
          Math.min(Math.min(rest.readableBytes(), maxPayload), Math.min(window, call.window));
      if (piece <= 0) return;
      window -= piece;
      call.window -= piece;
      if (piece == rest.readableBytes()) {
        call.rest = null;
        to.piece(call, rest, true);
        return;
      }
      to.piece(call, rest.readRetainedSlice(piece), false);
    }
  }

  /** However it ends; the first end counts. */
  private void end(Call call, Reply how) {
    if (call.ended()) return;
    deadlines.remove(call);
    if (call.rest != null) {
      call.rest.release();
      call.rest = null;
      held.remove(call);
    }
    call.end(how);
  }

  private void timedOut(Call call) {
    Outbox to = outbox;
    if (call.stream == 0 || to == null) {
      waiting.remove(call);
      end(call, new Reply.NotSent(ready ? "no stream in time" : "no connection in time"));
      return;
    }
    calls.remove(call.stream);
    to.reset(call.stream, CANCEL);
    if (pong == null) {
      to.ping(false, 0);
      pong = loop.schedule(this::disconnect, PING_MILLIS, TimeUnit.MILLISECONDS);
    }
    end(call, new Reply.Lost("no answer in time"));
    afterCall(to);
  }

  /** An answer may come before all was sent; the rest has no reader then. */
  private void answered(Outbox to, Call call, Reply how) {
    calls.remove(call.stream);
    if (call.rest != null) to.reset(call.stream, NO_ERROR);
    end(call, how);
    afterCall(to);
  }

  private void afterCall(Outbox to) {
    if (!waiting.isEmpty()) beginWaiting(to);
    if (retired) closeIfDone();
  }

  private void retire() {
    if (retired) return;
    retired = true;
    gone.accept(this);
  }

  private void closeIfDone() {
    if (calls.isEmpty() && waiting.isEmpty()) disconnect();
  }

  private void disconnect() {
    if (channel != null) channel.close();
  }

  private void ended(String why) {
    retire();
    if (pong != null) pong.cancel(false);
    for (Call call : List.copyOf(waiting)) end(call, new Reply.NotSent(why));
    waiting.clear();
    List<Call> open = List.copyOf(calls.values());
    calls.clear();
    for (Call call : open) end(call, new Reply.Lost(why));
    deadlines.close();
    closed.tryComplete();
  }

  private void closeWhenSilent() {
    long silence = System.nanoTime() - lastUse;
    if (calls.isEmpty() && waiting.isEmpty() && (retired || silence >= silenceNanos)) {
      retire();
      disconnect();
    } else if (channel != null && channel.isActive()) {
      loop.schedule(this::closeWhenSilent, silenceNanos / 2, TimeUnit.NANOSECONDS);
    }
  }

  /** Says why to the server, and ends what is under way. */
  private void fail(Http2Error error) {
    failed = true;
    retire();
    if (outbox != null) {
      outbox.goAway(0, error);
      outbox.flush();
    }
    disconnect();
  }

  private Outbox outbox() {
    Outbox to = outbox;
    if (to == null) throw new IllegalStateException("nothing is open yet");
    return to;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    channel = ctx.channel();
    Outbox to = new Outbox(ctx);
    outbox = to;
    to.begin(MOST_OF_HEADERS);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf in = (ByteBuf) message;
    try {
      if (!failed) reader.read(in);
    } catch (Http2Exception e) {
      fail(e.error());
    } catch (RuntimeException e) {
      fail(INTERNAL_ERROR);
      throw e; // a fault of ours, for the log
    } finally {
      in.release();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (outbox != null) beginWaiting(outbox);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (cause instanceof SSLException) why = "TLS failed: " + text(cause);
    else if (cause.getCause() instanceof SSLException e) why = "TLS failed: " + text(e);
    else if (!(cause instanceof IOException)) LOG.error("a connection broke host={}", host, cause);
    ctx.close();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof SslHandshakeCompletionEvent done && !done.isSuccess()) {
      why = "TLS failed: " + text(done.cause());
    }
    ctx.fireUserEventTriggered(event);
  }

  @Override
  public void setting(int id, long value) throws Http2Exception {
    switch (id) {
      case Frames.HEADER_TABLE_SIZE -> heads.tableSize(value);
      case Frames.MAX_CONCURRENT_STREAMS -> maxStreams = value;
      case Frames.INITIAL_WINDOW_SIZE -> {
        if (value > Integer.MAX_VALUE) throw connectionError(FLOW_CONTROL_ERROR, "a window");
        int more = (int) value - streamWindow;
        streamWindow = (int) value;
        for (Call call : calls.values()) {
          call.window = grown(call.window, more); // it may be less than nothing, 6.9.2
        }
      }
      case Frames.MAX_FRAME_SIZE -> {
        if (value < Frames.USUAL_PAYLOAD || value > LARGEST_PAYLOAD) {
          throw connectionError(PROTOCOL_ERROR, "frames of %d bytes", value);
        }
        maxPayload = (int) value;
      }
      default -> {} // no pushes here; how long our headers may be is advice
    }
  }

  @Override
  public void settingsEnd() {
    Outbox to = outbox();
    to.settingsRead();
    if (!ready) {
      ready = true;
      lastUse = System.nanoTime();
      closeWhenSilent();
    }
    sendHeld(to);
    beginWaiting(to);
  }

  @Override
  public void headers(int stream, ByteBuf in, int size, boolean last) throws Http2Exception {
    known(stream);
    Outbox to = outbox();
    Call call = calls.get(stream);
    Heads read;
    try {
      read = answers.read(stream, in, size);
    } catch (Http2Exception.StreamException e) {
      if (call != null) broken(to, call, e.error(), text(e));
      return;
    }
    if (call == null) return;
    Reply reply = call.heads(read, last);
    if (reply != null) answered(to, call, reply);
  }

  @Override
  public void data(int stream, ByteBuf in, int size, int counted, boolean last)
      throws Http2Exception {
    known(stream);
    Outbox to = outbox();
    received += counted;
    if (received >= WINDOW_STEP) {
      to.window(0, received);
      received = 0;
    }
    Call call = calls.get(stream);
    if (call == null) return;
    Reply reply = call.bytes(in, size, maxAnswerBytes, last);
    if (reply != null) {
      answered(to, call, reply);
      return;
    }
    if (call.isTooLong()) { // the rest would be read for nothing, be it a gigabyte
      broken(to, call, CANCEL, "an answer of more than " + maxAnswerBytes + " bytes");
      return;
    }
    call.received += counted;
    if (call.received >= WINDOW_STEP) {
      to.window(stream, call.received);
      call.received = 0;
    }
  }

  @Override
  public void reset(int stream, long code) {
    Call call = calls.remove(stream);
    if (call == null) return;
    end(
        call,
        code == REFUSED_STREAM.code() // section 8.7: surely not processed
            ? new Reply.NotSent("the stream was refused")
            : new Reply.Lost("the stream was reset with code " + code));
    afterCall(outbox());
  }

  @Override
  public void ping(boolean answer, long data) {
    if (!answer) {
      outbox().ping(true, data);
      return;
    }
    if (pong != null) pong.cancel(false);
    pong = null;
  }

  @Override
  public void goAway(int lastStream, long code) {
    retire();
    String gone =
        code == INADEQUATE_SECURITY.code() ? "the server wants TLS" : "the server went away";
    for (Call call : List.copyOf(waiting)) end(call, new Reply.NotSent(gone));
    waiting.clear();
    for (Call call : List.copyOf(calls.values())) {
      if (call.stream <= lastStream) continue;
      calls.remove(call.stream);
      end(call, new Reply.NotSent(gone)); // section 6.8: surely not processed
    }
    closeIfDone();
  }

  @Override
  public void window(int stream, int more) throws Http2Exception {
    Outbox to = outbox();
    if (stream == 0) {
      if (more == 0) throw connectionError(PROTOCOL_ERROR, "a window grows by nothing");
      window = grown(window, more);
      sendHeld(to);
      return;
    }
    known(stream);
    Call call = calls.get(stream);
    if (call == null) return;
    if (more == 0) {
      broken(to, call, PROTOCOL_ERROR, "its window grows by nothing");
    } else if ((long) call.window + more > Integer.MAX_VALUE) {
      broken(to, call, FLOW_CONTROL_ERROR, "its window grows too large");
    } else {
      call.window += more;
      if (call.rest != null) sendHeld(to);
    }
  }

  private void broken(Outbox to, Call call, Http2Error error, String why) {
    calls.remove(call.stream);
    to.reset(call.stream, error);
    end(call, new Reply.Lost("the stream broke: " + why));
    afterCall(to);
  }

  /** Only we open streams, with odd numbers. */
  private void known(int stream) throws Http2Exception {
    if (stream < nextStream && (stream & 1) == 1) return;
    throw connectionError(PROTOCOL_ERROR, "a stream %d that was never opened", stream);
  }

  private static int grown(int window, int more) throws Http2Exception {
    long grown = (long) window + more;
    if (grown > Integer.MAX_VALUE) throw connectionError(FLOW_CONTROL_ERROR, "a window too large");
    return (int) grown;
  }

  private static String text(@Nullable Throwable cause) {
    if (cause == null) return "unknown";
    return cause.getMessage() == null ? cause.toString() : cause.getMessage();
  }
}
