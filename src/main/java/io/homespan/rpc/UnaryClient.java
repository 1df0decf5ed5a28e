package io.homespan.rpc;

import io.netty.channel.EventLoop;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Calls unary gRPC methods with raw bytes: one HTTP/2 connection (prior knowledge, or TLS) to each
 * host and port, opened when it is needed, closed after a minute of silence. It keeps no queue but
 * for a server that allows fewer streams at once than are wanted, or that does not read what it is
 * sent: whoever calls bounds what is under way.
 *
 * <p>It speaks HTTP/2 itself, on Vert.x's event loop: a call by Netty's codec costs more, one by
 * Vert.x's {@code HttpClient} several times as much, with two more copies.
 *
 * <p>A call that is not answered in time makes it ping the connection; one that does not answer the
 * ping either is closed, since a host that vanished leaves connections behind that look alive.
 *
 * <p>One for each verticle instance, made on its event loop; to be used there.
 */
public final class UnaryClient {
  /**
   * How it calls.
   *
   * @param maxAnswerBytes the largest answer that is read; OTLP recommends 4 MiB
   * @param cover put on each connection; null: it is in the clear
   * @param silence after so long without a call a connection is closed
   */
  public record Options(
      Duration connectTimeout, int maxAnswerBytes, @Nullable Cover cover, Duration silence) {
    private static final Duration SILENCE = Duration.ofMinutes(1);

    /** A connection is closed after a minute without a call. */
    public Options(Duration connectTimeout, int maxAnswerBytes, @Nullable Cover cover) {
      this(connectTimeout, maxAnswerBytes, cover, SILENCE);
    }

    /** In the clear. */
    public Options(Duration connectTimeout, int maxAnswerBytes) {
      this(connectTimeout, maxAnswerBytes, null, SILENCE);
    }
  }

  private record Target(String host, int port, String name) {}

  private final Dialer dialer;
  private final EventLoop loop;
  private final int maxAnswerBytes;
  private final Duration silence;
  private final Map<Target, Connection> connections = new HashMap<>();
  private boolean closed;

  /** Opens nothing yet. */
  public UnaryClient(Vertx vertx, Options options) {
    this.dialer = new Dialer(vertx, options.connectTimeout(), options.cover());
    this.loop = dialer.loop();
    this.maxAnswerBytes = options.maxAnswerBytes();
    this.silence = options.silence();
  }

  /**
   * Calls once. The future never fails: {@link Reply} tells how it went.
   *
   * @param host a name or an address, IPv6 without brackets
   * @param fullMethod "/package.Service/Method"
   * @param metadata in lower case; the same map for the same metadata spares work
   * @param message what is sent; it is asked for its bytes when the call is written
   * @param timeout until when there must be an answer, connecting included; sent as deadline
   */
  public Future<Reply> call(
      String host,
      int port,
      String fullMethod,
      Map<String, String> metadata,
      Message message,
      Duration timeout) {
    return call(host, port, host, fullMethod, metadata, message, timeout);
  }

  /**
   * The same.
   *
   * @param name what the cover is told that it leads to, wherever that is dialled
   */
  public Future<Reply> call(
      String host,
      int port,
      String name,
      String fullMethod,
      Map<String, String> metadata,
      Message message,
      Duration timeout) {
    Promise<Reply> reply = dialer.promise();
    Call call = new Call(fullMethod, metadata, message, Math.max(1, timeout.toMillis()), reply);
    Target to = new Target(host, port, name);
    if (loop.inEventLoop()) begin(to, call);
    else loop.execute(() -> begin(to, call));
    return reply.future();
  }

  /** Ends what is under way and closes the connections. */
  public Future<Void> close() {
    Promise<Void> done = dialer.promise();
    loop.execute(
        () -> {
          closed = true;
          List<Future<?>> all = new ArrayList<>();
          for (Connection one : List.copyOf(connections.values())) all.add(one.close());
          connections.clear();
          Future.join(all).<Void>mapEmpty().onComplete(ended -> done.complete());
        });
    return done.future();
  }

  private void begin(Target to, Call call) {
    if (closed) {
      call.end(new Reply.NotSent("the node is stopping"));
      return;
    }
    Connection connection = connections.get(to);
    if (connection == null || !connection.takesCalls()) {
      connection =
          new Connection(
              dialer, to.host(), to.port(), to.name(), maxAnswerBytes, silence, this::forget);
      connections.put(to, connection);
      connection.open();
    }
    connection.call(call);
  }

  private void forget(Connection connection) {
    connections.values().remove(connection);
  }
}
