package io.homespan.rpc;

import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.net.InetSocketAddress;
import java.time.Duration;

/**
 * Opens TCP connections to see how long that takes, each with a source port of its own, and closes
 * them without a byte. One for each verticle instance, made on its event loop; to be used there.
 */
@SuppressWarnings("FutureReturnValueIgnored") // the end of a connection can't fail
public final class ConnectTimer {
  private static final Idle IDLE = new Idle();

  private final Dialer dialer;

  /** Sends and expects nothing. */
  @Sharable
  private static final class Idle extends ChannelInboundHandlerAdapter {}

  /** Opens nothing yet. */
  public ConnectTimer(Vertx vertx, Duration connectTimeout) {
    this.dialer = new Dialer(vertx, connectTimeout, null);
  }

  /**
   * Connects once, after the name was looked up.
   *
   * @return nanoseconds from the first SYN until the event loop knows that the connection is open;
   *     fails as connecting does: {@link java.net.UnknownHostException}, {@link
   *     java.net.ConnectException} and its subclass for the time limit
   */
  public Future<Long> connect(String host, int port) {
    return dialer
        .resolve(host)
        .compose(
            address -> {
              long before = System.nanoTime();
              return dialer
                  .dial(new InetSocketAddress(address, port), IDLE)
                  .map(
                      open -> {
                        long took = System.nanoTime() - before;
                        open.close();
                        return took;
                      });
            });
  }
}
