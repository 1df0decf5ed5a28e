package io.homespan.ingest;

import io.homespan.guard.Failures;
import io.homespan.guard.LiveTls;
import io.homespan.guard.Reason;
import io.homespan.rpc.CallServer;
import io.homespan.rpc.Caller;
import io.homespan.rpc.Cover;
import io.homespan.rpc.Incoming;
import io.netty.channel.Channel;
import io.netty.channel.MaxMessagesRecvByteBufAllocator;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.flush.FlushConsolidationHandler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.impl.HttpServerConnection;
import java.time.Duration;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The connections on one instance of a port, as far as they are more than Vert.x makes of them.
 * Their answers leave together: Vert.x flushes each answer by itself, but the parts of many
 * requests are confirmed in one turn of the event loop, and each flush is a system call. And a
 * {@link Valve} stops reading from them. Vert.x has no setting for either: this is the only class
 * of the package that knows its inside. Belongs to one event loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // the end of a connection can't fail
final class Callers implements CallServer.Entrance {
  /** So many answers wait for one another at most. */
  private static final int MOST = 64;

  /**
   * So many reads of up to 64 KiB from a connection in one turn of the event loop: with Netty's 16
   * a few connections under load make turns so long that calls to peers wait for them more than for
   * the peers.
   */
  private static final int READS = 4;

  private final IdentityHashMap<Object, Valve.Source> connections = new IdentityHashMap<>();
  private final Set<HttpConnection> old = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Vertx vertx;
  private final Valve valve;
  private final Connections bound;
  private final Duration maxAge;
  private final RandomGenerator random;
  private final @Nullable Cover cover;
  private final Failures failures;

  /**
   * @param connections bounds them, for all instances of the port
   * @param maxAge after about which they are asked to go; zero: never
   * @param random spreads that, so that not all come back together
   * @param tls null: in the clear
   * @param failures hears of TLS where there is none
   */
  Callers(
      Vertx vertx,
      Admission admission,
      Connections connections,
      Duration maxAge,
      RandomGenerator random,
      @Nullable LiveTls tls,
      Failures failures) {
    this.cover = tls == null ? null : tls.server(vertx);
    this.failures = failures;
    this.vertx = vertx;
    this.valve = new Valve(admission, (millis, then) -> vertx.setTimer(millis, id -> then.run()));
    this.bound = connections;
    this.maxAge = maxAge;
    this.random = random;
  }

  @Override
  public boolean enter() {
    return bound.enter();
  }

  @Override
  public void leave() {
    bound.leave();
  }

  @Override
  public long ageMillis() {
    long age = maxAge.toMillis();
    return age == 0 ? 0 : Math.max(1, age - age / 4 + (long) (random.nextDouble() * age / 2));
  }

  @Override
  public @Nullable Cover cover() {
    return cover;
  }

  @Override
  public void tlsCame(String other) {
    failures.tls(Reason.TLS_ON_PLAIN_PORT, other, "ssl is false here");
  }

  /** Whether the answer to a request is to be the last on its connection. */
  boolean isOld(HttpServerRequest request) {
    return old.contains(request.connection());
  }

  /** To be called once, when a connection has come; what is not Vert.x's own stays as it is. */
  void came(HttpConnection connection) {
    if (!(connection instanceof HttpServerConnection ours)) return;
    Channel channel = ours.channelHandlerContext().channel();
    if (channel.config().getRecvByteBufAllocator() instanceof MaxMessagesRecvByteBufAllocator its) {
      its.maxMessagesPerRead(READS);
    }
    // of HTTP/2 the lane says it
    if (channel.pipeline().get(Http2ConnectionHandler.class) == null) ageing(connection, channel);
    channel.pipeline().addBefore("handler", "flushes", new FlushConsolidationHandler(MOST, true));
  }

  private void ageing(HttpConnection connection, Channel channel) {
    long age = ageMillis();
    if (age == 0) return;
    long timer = vertx.setTimer(age, id -> old.add(connection));
    channel
        .closeFuture()
        .addListener(
            closed -> {
              vertx.cancelTimer(timer);
              old.remove(connection);
            });
  }

  /** What a request will hold, on account of its caller. */
  Valve.Load load(HttpServerRequest request) {
    if (request.version() != HttpVersion.HTTP_2) return valve.alone(tap(request));
    Caller caller = CallServer.caller(request.connection());
    if (caller != null) return load(caller);
    Valve.Source known = connections.get(request.connection());
    return (known == null ? source(request.connection()) : known).load();
  }

  /** What a call will hold, on account of its caller. */
  Valve.Load load(Incoming call) {
    return load(call.caller());
  }

  private Valve.Load load(Caller caller) {
    Valve.Source known = connections.get(caller);
    return (known == null ? source(caller) : known).load();
  }

  private Valve.Source source(Caller caller) {
    Valve.Source source =
        valve.source(
            new Valve.Tap() {
              @Override
              public void stop() {
                caller.stopReading();
              }

              @Override
              public void go() {
                caller.readOn();
              }
            });
    connections.put(caller, source);
    caller.whenGone(
        () -> {
          connections.remove(caller);
          source.gone();
        });
    return source;
  }

  private Valve.Source source(HttpConnection connection) {
    Channel channel = ((HttpServerConnection) connection).channelHandlerContext().channel();
    Valve.Source source = valve.source(tap(channel));
    connections.put(connection, source);
    channel
        .closeFuture()
        .addListener(
            closed -> {
              connections.remove(connection);
              source.gone();
            });
    return source;
  }

  /** All streams at once: a stream that is not read alone would use up its connection's window. */
  private static Valve.Tap tap(Channel channel) {
    return new Valve.Tap() {
      @Override
      public void stop() {
        channel.config().setAutoRead(false);
      }

      @Override
      public void go() {
        channel.config().setAutoRead(true);
      }
    };
  }

  private static Valve.Tap tap(HttpServerRequest request) {
    return new Valve.Tap() {
      @Override
      public void stop() {
        request.pause();
      }

      @Override
      public void go() {
        request.resume();
      }
    };
  }
}
