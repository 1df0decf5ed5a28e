package io.homespan.rpc;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.impl.Http1xOrH2CHandler;
import io.vertx.core.http.impl.HttpServerConnection;
import io.vertx.core.http.impl.HttpServerImpl;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.internal.VertxWrapper;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.impl.NetServerImpl;
import io.vertx.core.net.impl.NetServerInternal;
import io.vertx.core.net.impl.NetSocketImpl;
import java.net.InetSocketAddress;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Vert.x's HTTP server with a {@link CallLane} on each connection: the calls of one gRPC method
 * leave the connection's frames before Vert.x makes requests of them. Vert.x has no setting to put
 * something there: this class knows how it builds its servers.
 */
@SuppressWarnings("FutureReturnValueIgnored") // the end of a connection can't fail
public final class CallServer {
  /** Who lets connections in. Any event loop may call, the age's is the server's own. */
  public interface Entrance {
    /** Whether one more may come in; if so, {@link #leave} follows some day. */
    boolean enter();

    void leave();

    /**
     * After how long a connection is asked to go, in milliseconds, drawn for each; 0: never. For
     * HTTP/2 only.
     */
    long ageMillis();

    /** What is put on each connection before its first byte; null: it is in the clear. */
    default @Nullable Cover cover() {
      return null;
    }

    /** TLS was spoken on a connection that has no cover, and which ends. */
    default void tlsCame(String other) {}
  }

  /** Of the memory of messages that is kept for the next ones: bytes, and a share of the heap. */
  private static final long MOST_UNUSED = 4 << 20;

  private static final long UNUSED_OF_HEAP = 64;

  private CallServer() {}

  /**
   * A server that does not listen yet. To be made on the event loop that is to serve.
   *
   * @param entrance lets connections in
   * @param path of the method, with its slash; its calls don't come to the request handler
   * @param calls hears of each call when its headers are here, on the event loop
   */
  public static HttpServer create(
      Vertx vertx,
      HttpServerOptions options,
      Entrance entrance,
      String path,
      Consumer<Incoming> calls) {
    VertxInternal inside = (VertxInternal) vertx;
    ContextInternal context = inside.getOrCreateContext();
    HttpServerOptions own = new HttpServerOptions(options);
    Bodies bodies =
        new Bodies(
            Math.min(
                MOST_UNUSED, unusedOfAll() / (2L * Runtime.getRuntime().availableProcessors())));
    Handler<NetSocket> lanes =
        socket -> {
          ChannelPipeline pipeline = ((NetSocketImpl) socket).channelHandlerContext().pipeline();
          if (!entered(entrance, pipeline)) return;
          open(
              pipeline,
              new CallLane(
                  context,
                  own,
                  bodies,
                  entrance.ageMillis(),
                  path,
                  calls,
                  () -> entrance.tlsCame(CallLane.address(pipeline.channel()))));
          Cover cover = entrance.cover();
          if (cover != null) put(cover, pipeline);
        };
    return new HttpServerImpl(new Sockets(inside, lanes), own);
  }

  /**
   * Vert.x's HTTP server as it is, but for who lets connections in, and their cover. To be made on
   * the event loop that is to serve.
   */
  public static HttpServer plain(Vertx vertx, HttpServerOptions options, Entrance entrance) {
    Handler<NetSocket> covers =
        socket -> {
          ChannelPipeline pipeline = ((NetSocketImpl) socket).channelHandlerContext().pipeline();
          if (!entered(entrance, pipeline)) return;
          Cover cover = entrance.cover();
          if (cover != null) put(cover, pipeline);
        };
    return new HttpServerImpl(
        new Sockets((VertxInternal) vertx, covers), new HttpServerOptions(options));
  }

  private static boolean entered(Entrance entrance, ChannelPipeline pipeline) {
    if (!entrance.enter()) {
      pipeline.channel().close();
      return false;
    }
    pipeline.channel().closeFuture().addListener(closed -> entrance.leave());
    return true;
  }

  private static void put(Cover cover, ChannelPipeline pipeline) {
    if (pipeline.channel().remoteAddress() instanceof InetSocketAddress other) {
      cover.put(pipeline, other.getAddress().getHostAddress(), other.getPort());
    } else {
      pipeline.channel().close(); // it is gone
    }
  }

  /** For two ports on each core together. */
  private static long unusedOfAll() {
    return Runtime.getRuntime().maxMemory() / UNUSED_OF_HEAP;
  }

  /** Who calls by a connection, as its {@link Incoming#caller} is; null if no calls come by it. */
  public static @Nullable Caller caller(HttpConnection connection) {
    return connection instanceof HttpServerConnection ours
        ? ours.channelHandlerContext().pipeline().get(CallLane.class)
        : null;
  }

  /** Right before whoever takes the connection's first bytes as HTTP. */
  private static void open(ChannelPipeline pipeline, CallLane lane) {
    ChannelHandlerContext http = pipeline.context(Http1xOrH2CHandler.class);
    if (http == null) http = pipeline.context(Http2ConnectionHandler.class); // agreed on by TLS
    if (http != null) pipeline.addBefore(http.name(), CallLane.NAME, lane);
  }

  /** Vert.x, but for sockets that are heard of when its HTTP server has set them up. */
  private static final class Sockets extends VertxWrapper {
    private final Handler<NetSocket> then;

    Sockets(VertxInternal vertx, Handler<NetSocket> then) {
      super(vertx);
      this.then = then;
    }

    @Override
    public NetServerInternal createNetServer(NetServerOptions options) {
      return new NetServerImpl(delegate, options.copy()) {
        @Override
        public synchronized NetServerInternal connectHandler(Handler<NetSocket> handler) {
          return super.connectHandler(
              socket -> {
                handler.handle(socket);
                then.handle(socket);
              });
        }
      };
    }
  }
}
