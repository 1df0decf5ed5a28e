package io.homespan.rpc;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http2.DefaultHttp2Connection;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2EventAdapter;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import io.netty.util.concurrent.ScheduledFuture;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/2 connection and the calls on it. Calls wait until the server's SETTINGS have come:
 * until then nothing was sent, so a host that takes connections and does no more costs no doubt.
 * What was written in one turn of the event loop is flushed together at its end. Belongs to one
 * event loop.
 */
@SuppressWarnings(
    "FutureReturnValueIgnored") // what fails closes the connection, and is heard there
final class Connection extends Http2EventAdapter {
  private static final long SILENCE_NANOS = TimeUnit.SECONDS.toNanos(60);
  private static final long PING_MILLIS = 1000;
  private static final int LAST_STREAM = Integer.MAX_VALUE - 2;

  private final Dialer dialer;
  private final String host;
  private final int port;
  private final int maxAnswerBytes;
  private final Consumer<Connection> gone;
  private final EventLoop loop;
  private final RequestHeads heads;
  private final Http2Connection http2 = new DefaultHttp2Connection(false);
  private final Http2ConnectionHandler handler;
  private final IntObjectMap<Call> calls = new IntObjectHashMap<>();
  private final Deque<Call> waiting = new ArrayDeque<>();
  private final Promise<Void> closed;
  private @Nullable ChannelHandlerContext ready; // once the server's SETTINGS have come
  private @Nullable Channel channel;
  private boolean retired; // takes no new calls
  private boolean flushing;
  private @Nullable ScheduledFuture<?> pong; // closes if the ping under way is not answered
  private long lastUse;

  /**
   * Opens nothing yet.
   *
   * @param gone hears when it takes no calls any more
   */
  Connection(Dialer dialer, String host, int port, int maxAnswerBytes, Consumer<Connection> gone) {
    this.dialer = dialer;
    this.host = host;
    this.port = port;
    this.maxAnswerBytes = maxAnswerBytes;
    this.gone = gone;
    this.loop = dialer.loop();
    this.closed = dialer.promise();
    this.heads = new RequestHeads(host, port);
    http2.addListener(this);
    this.handler = Http2.client(http2, this);
  }

  boolean takesCalls() {
    return !retired;
  }

  void open() {
    dialer
        .dial(host, port, handler)
        .onComplete(
            opened -> {
              channel = opened;
              opened.closeFuture().addListener(end -> ended("the connection was closed"));
              if (retired) opened.close();
              loop.schedule(
                  () -> {
                    if (ready == null) opened.close(); // no HTTP/2 is spoken there
                  },
                  dialer.connectMillis(),
                  TimeUnit.MILLISECONDS);
            },
            cause -> ended(text(cause)));
  }

  void call(Call call) {
    call.timer = loop.schedule(() -> timedOut(call), call.timeoutMillis, TimeUnit.MILLISECONDS);
    if (ready == null) waiting.add(call);
    else write(ready, call);
  }

  /** Ends what is under way. */
  Future<Void> close() {
    retire();
    if (channel != null) channel.close();
    else ended("the connection was closed");
    return closed.future();
  }

  private void write(ChannelHandlerContext ctx, Call call) {
    lastUse = System.nanoTime();
    int id = http2.local().incrementAndGetNextStreamId();
    if (id >= LAST_STREAM) retire();
    call.stream = id;
    calls.put(id, call);
    ByteBuf framed;
    try {
      framed = call.framed(ctx.alloc());
    } catch (RuntimeException e) {
      calls.remove(id);
      call.end(new Reply.NotSent("the message could not be written: " + e));
      return;
    }
    handler
        .encoder()
        .writeHeaders(ctx, id, heads.of(call), 0, false, ctx.newPromise())
        .addListener(done -> written(call, done));
    handler
        .encoder()
        .writeData(ctx, id, framed, 0, true, ctx.newPromise())
        .addListener(done -> written(call, done));
    flush(ctx);
  }

  private void written(Call call, io.netty.util.concurrent.Future<?> done) {
    if (done.isSuccess() || call.ended()) return;
    calls.remove(call.stream);
    Throwable cause = done.cause();
    boolean never = http2.stream(call.stream) == null && !http2.streamMayHaveExisted(call.stream);
    call.end(never ? new Reply.NotSent(text(cause)) : new Reply.Lost(text(cause)));
  }

  /** Once at the end of this turn of the event loop, however many calls there are. */
  private void flush(ChannelHandlerContext ctx) {
    if (flushing) return;
    flushing = true;
    loop.execute(
        () -> {
          flushing = false;
          handler.flush(ctx); // and so all that the windows allow
        });
  }

  private void timedOut(Call call) {
    if (call.ended()) return;
    ChannelHandlerContext ctx = ready;
    if (call.stream == 0 || ctx == null) {
      waiting.remove(call);
      call.end(new Reply.NotSent("no connection in time"));
      return;
    }
    boolean sent = http2.stream(call.stream) != null; // else it waits for a stream
    calls.remove(call.stream);
    call.end(sent ? new Reply.Lost("no answer in time") : new Reply.NotSent("no stream in time"));
    handler.encoder().writeRstStream(ctx, call.stream, Http2Error.CANCEL.code(), ctx.newPromise());
    if (sent) probe(ctx);
    flush(ctx);
  }

  private void probe(ChannelHandlerContext ctx) {
    if (pong != null) return;
    handler.encoder().writePing(ctx, false, 0, ctx.newPromise());
    pong = loop.schedule(() -> ctx.channel().close(), PING_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void retire() {
    if (retired) return;
    retired = true;
    gone.accept(this);
  }

  private void ended(String why) {
    retire();
    for (Call call : List.copyOf(waiting)) call.end(new Reply.NotSent(why));
    waiting.clear();
    List<Call> open = List.copyOf(calls.values());
    calls.clear();
    for (Call call : open) call.end(new Reply.Lost(why));
    closed.tryComplete();
  }

  private void closeWhenSilent(ChannelHandlerContext ctx) {
    long silence = System.nanoTime() - lastUse;
    if (calls.isEmpty() && (retired || silence >= SILENCE_NANOS)) {
      retire();
      ctx.close();
    } else if (ctx.channel().isActive()) {
      loop.schedule(() -> closeWhenSilent(ctx), SILENCE_NANOS / 2, TimeUnit.NANOSECONDS);
    }
  }

  @Override
  public void onSettingsRead(ChannelHandlerContext ctx, Http2Settings settings) {
    if (ready != null) return;
    ready = ctx;
    lastUse = System.nanoTime();
    closeWhenSilent(ctx);
    for (Call call = waiting.poll(); call != null; call = waiting.poll()) write(ctx, call);
  }

  @Override
  public void onHeadersRead(
      ChannelHandlerContext ctx,
      int streamId,
      Http2Headers headers,
      int streamDependency,
      short weight,
      boolean exclusive,
      int padding,
      boolean endOfStream) {
    onHeadersRead(ctx, streamId, headers, padding, endOfStream);
  }

  @Override
  public void onHeadersRead(
      ChannelHandlerContext ctx,
      int streamId,
      Http2Headers headers,
      int padding,
      boolean endOfStream) {
    Call call = calls.get(streamId);
    if (call == null) return;
    call.heads(headers, endOfStream);
    if (call.ended()) answered(ctx, call);
  }

  @Override
  public int onDataRead(
      ChannelHandlerContext ctx, int streamId, ByteBuf data, int padding, boolean endOfStream) {
    int size = data.readableBytes() + padding;
    Call call = calls.get(streamId);
    if (call == null) return size;
    call.bytes(data, maxAnswerBytes, endOfStream);
    if (call.ended()) answered(ctx, call);
    return size;
  }

  /** An answer may come before all was sent; the rest has no reader then. */
  private void answered(ChannelHandlerContext ctx, Call call) {
    calls.remove(call.stream);
    Http2Stream stream = http2.stream(call.stream);
    if (stream != null && stream.state().localSideOpen()) {
      handler
          .encoder()
          .writeRstStream(ctx, call.stream, Http2Error.NO_ERROR.code(), ctx.newPromise());
      flush(ctx);
    }
    if (retired) closeIfDone(ctx);
  }

  @Override
  public void onRstStreamRead(ChannelHandlerContext ctx, int streamId, long errorCode) {
    Call call = calls.remove(streamId);
    if (call == null) return;
    call.end(
        errorCode == Http2Error.REFUSED_STREAM.code() // RFC 9113, 8.7: surely not processed
            ? new Reply.NotSent("the stream was refused")
            : new Reply.Lost("the stream was reset with code " + errorCode));
  }

  @Override
  public void onPingAckRead(ChannelHandlerContext ctx, long data) {
    if (pong != null) pong.cancel(false);
    pong = null;
  }

  /** Heard before the codec closes the streams that the server will not look at. */
  @Override
  public void onGoAwayReceived(int lastStreamId, long errorCode, ByteBuf debugData) {
    retire();
    for (Call call : List.copyOf(calls.values())) {
      if (call.stream <= lastStreamId) continue;
      calls.remove(call.stream);
      call.end(new Reply.NotSent("the server went away")); // RFC 9113, 6.8: surely not processed
    }
  }

  @Override
  public void onGoAwayRead(
      ChannelHandlerContext ctx, int lastStreamId, long errorCode, ByteBuf debugData) {
    closeIfDone(ctx);
  }

  private void closeIfDone(ChannelHandlerContext ctx) {
    if (calls.isEmpty()) ctx.close();
  }

  private static String text(@Nullable Throwable cause) {
    if (cause == null) return "unknown";
    return cause.getMessage() == null ? cause.toString() : cause.getMessage();
  }
}
