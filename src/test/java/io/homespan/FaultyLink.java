package io.homespan;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import java.util.ArrayDeque;
import java.util.Queue;

/** A TCP way to a port that takes its time, breaks, or lets nothing through. */
final class FaultyLink implements AutoCloseable {
  private final Vertx vertx = Vertx.vertx();
  private final NetServer server =
      vertx.createNetServer(new NetServerOptions().setSoLinger(0)); // a close is a reset
  private final NetClient client = vertx.createNetClient();
  private volatile long delayMillis;
  private volatile boolean mute;
  private volatile boolean breaking;

  /** To this port of 127.0.0.1. */
  FaultyLink(int port) {
    server.connectHandler(
        from -> {
          from.pause();
          client
              .connect(port, "127.0.0.1")
              .onSuccess(to -> join(from, to))
              .onFailure(cause -> from.close());
        });
    Patience.await(server.listen(0, "127.0.0.1"));
  }

  int port() {
    return server.actualPort();
  }

  /** Of each piece of bytes, in each direction. */
  void delay(long millis) {
    delayMillis = millis;
  }

  /** What comes from now on is swallowed, in both directions. */
  void mute() {
    mute = true;
  }

  /** From now on, or no more: the first byte of a connection is answered with a reset. */
  void breaking(boolean is) {
    breaking = is;
  }

  private void join(NetSocket one, NetSocket two) {
    pass(one, two);
    pass(two, one);
    one.resume();
  }

  private void pass(NetSocket from, NetSocket to) {
    Queue<Buffer> late = new ArrayDeque<>(); // timers of one length end in their order
    from.handler(
        bytes -> {
          if (mute) return;
          if (breaking) {
            from.close();
            to.close();
            return;
          }
          if (delayMillis == 0 && late.isEmpty()) {
            to.write(bytes);
            return;
          }
          late.add(bytes);
          vertx.setTimer(
              Math.max(1, delayMillis),
              id -> {
                Buffer next = late.poll();
                if (next != null && !mute) to.write(next);
              });
        });
    from.closeHandler(end -> to.close());
  }

  @Override
  public void close() {
    Patience.await(vertx.close());
  }
}
