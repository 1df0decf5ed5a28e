package io.homespan.rpc;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Opens TCP connections on one event loop of Vert.x, by Vert.x's transport and name resolver. The
 * only class of the package that knows the inside of Vert.x: {@code NetClient} would bring its own
 * buffers and handlers along, of which the calls to peers have no use.
 */
final class Dialer {
  private final VertxInternal vertx;
  private final ContextInternal context;
  private final int connectMillis;
  private final @Nullable Cover cover;

  /** For the event loop of the caller's context. */
  Dialer(Vertx vertx, Duration connectTimeout, @Nullable Cover cover) {
    this.cover = cover;
    this.vertx = (VertxInternal) vertx;
    this.context = this.vertx.getOrCreateContext();
    this.connectMillis = Math.toIntExact(connectTimeout.toMillis());
  }

  EventLoop loop() {
    return context.nettyEventLoop();
  }

  int connectMillis() {
    return connectMillis;
  }

  /** A promise whose future is heard on the context, wherever it is completed. */
  <T> Promise<T> promise() {
    return context.promise();
  }

  /** Whether there is TLS on each connection. */
  boolean isCovered() {
    return cover != null;
  }

  /** Looks a host up and connects; the cover, if there is one, is for {@code name}. */
  Future<Channel> dial(String host, int port, String name, ChannelHandler handler) {
    return resolve(host)
        .compose(
            address ->
                dial(
                    new InetSocketAddress(address, port),
                    cover == null ? handler : covered(cover, name, port, handler)));
  }

  private static ChannelHandler covered(
      Cover cover, String name, int port, ChannelHandler handler) {
    return new ChannelInitializer<Channel>() {
      @Override
      protected void initChannel(Channel channel) {
        cover.put(channel.pipeline(), name, port);
        channel.pipeline().addLast(handler);
      }
    };
  }

  /** Looks a host up: the hosts file first, then DNS. */
  Future<InetAddress> resolve(String host) {
    return vertx.nameResolver().resolve(host);
  }

  /** Connects. */
  Future<Channel> dial(InetSocketAddress address, ChannelHandler handler) {
    Promise<Channel> connected = promise();
    new Bootstrap()
        .group(loop())
        .channelFactory(vertx.transport().channelFactory(false))
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, connectMillis)
        .option(ChannelOption.TCP_NODELAY, true)
        .handler(handler)
        .connect(address)
        .addListener(
            (ChannelFutureListener)
                done -> {
                  if (done.isSuccess()) connected.complete(done.channel());
                  else connected.fail(done.cause());
                });
    return connected.future();
  }
}
