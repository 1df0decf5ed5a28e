package io.homespan.meshcost;

import io.homespan.rpc.ConnectTimer;
import io.homespan.rpc.GrpcCode;
import io.homespan.rpc.Message;
import io.homespan.rpc.Reply;
import io.homespan.rpc.UnaryClient;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.SocketAddress;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Peers of a mesh, all on one port of all addresses of loopback: each connection has an address of
 * its own at the node. They say who they are, answer pings, payloads and exports, and say of all
 * else that they don't know it. Asked to, they probe a node: by three kinds of probe in each
 * interval, evenly spread.
 *
 * <pre>
 * java io.homespan.meshcost.Neighbours
 *
 * {"do": "probe", "port": 21891, "peers": 200, "interval": 10, "payload": 16384}
 * {"do": "count"}                                      what was answered and found until now
 * </pre>
 */
public final class Neighbours {
  private static final Duration LIMIT = Duration.ofSeconds(5);

  private final Vertx vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true));
  private final AtomicLong connections = new AtomicLong();
  private final AtomicLong pings = new AtomicLong();
  private final AtomicLong echoes = new AtomicLong();
  private final AtomicLong exports = new AtomicLong();
  private final AtomicLong probed = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();
  private volatile String lastFailure = "";

  private Neighbours() {}

  /** Runs until its input ends. */
  public static void main(String[] args) throws Exception {
    Neighbours all = new Neighbours();
    System.out.println(new JsonObject().put("port", all.listen().actualPort()).encode());
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      JsonObject command = new JsonObject(line);
      if ("probe".equals(command.getString("do"))) {
        new Probing(
                all.vertx,
                command.getInteger("port"),
                command.getInteger("peers"),
                command.getInteger("payload"),
                all)
            .every(command.getDouble("interval"));
      }
      System.out.println(all.count().encode());
    }
    System.exit(0);
  }

  private HttpServer listen() throws Exception {
    return vertx
        .createHttpServer()
        .connectionHandler(opened -> connections.incrementAndGet())
        .requestHandler(this::answer)
        .listen(0, "0.0.0.0")
        .await(10, TimeUnit.SECONDS);
  }

  private JsonObject count() {
    return new JsonObject()
        .put("connections", connections.get())
        .put("pings", pings.get())
        .put("echoes", echoes.get())
        .put("exports", exports.get())
        .put("probed", probed.get())
        .put("failed", failed.get())
        .put("last_failure", lastFailure);
  }

  private void answer(HttpServerRequest request) {
    String path = request.path();
    if (path.endsWith("/Echo")) {
      echoes.incrementAndGet();
      request.body().onSuccess(same -> answer(request, same)); // a frame for the same frame
    } else if (path.endsWith("/Ping")) {
      pings.incrementAndGet();
      request.body().onSuccess(none -> answer(request, Buffer.buffer(new byte[5])));
    } else if (path.endsWith("/Export")) {
      exports.incrementAndGet();
      request.body().onSuccess(spans -> answer(request, Buffer.buffer(new byte[5])));
    } else if (path.endsWith("/Exchange")) {
      request.body().onSuccess(hello -> answer(request, identity(request.localAddress())));
    } else {
      request
          .response()
          .putHeader("content-type", "application/grpc")
          .putHeader("grpc-status", "12")
          .end();
    }
  }

  /** Each stands under the address that it is called at. */
  private static Buffer identity(SocketAddress at) {
    Buffer hello =
        new JsonObject()
            .put("cluster", "homespan")
            .put("id", at.host() + ":" + at.port())
            .put("instance", at.host())
            .toBuffer();
    return Buffer.buffer().appendByte((byte) 0).appendInt(hello.length()).appendBuffer(hello);
  }

  private static void answer(HttpServerRequest request, Buffer frame) {
    request
        .response()
        .putHeader("content-type", "application/grpc")
        .putTrailer("grpc-status", "0")
        .end(frame);
  }

  /** A node is probed as if by so many others, each of which it knows by an address. */
  private static final class Probing {
    private final Vertx vertx;
    private final Context context;
    private final int port;
    private final int peers;
    private final Bytes payload;
    private final Neighbours counts;
    private ConnectTimer connects;
    private UnaryClient client;
    private int next;

    Probing(Vertx vertx, int port, int peers, int payload, Neighbours counts) {
      this.vertx = vertx;
      this.context = vertx.getOrCreateContext();
      this.port = port;
      this.peers = peers;
      this.counts = counts;
      byte[] bytes = new byte[payload];
      new Random(7).nextBytes(bytes);
      this.payload = new Bytes(bytes);
      this.connects = new ConnectTimer(vertx, LIMIT);
      this.client = new UnaryClient(vertx, new UnaryClient.Options(LIMIT, 128 << 10));
    }

    void every(double seconds) {
      context.runOnContext(
          go -> {
            connects = new ConnectTimer(vertx, LIMIT);
            client = new UnaryClient(vertx, new UnaryClient.Options(LIMIT, 128 << 10));
            long begin = System.nanoTime();
            double nanos = seconds * 1e9 / peers;
            one(begin, nanos, 0);
          });
    }

    private void one(long begin, double nanos, long sent) {
      long due = begin + (long) (nanos * sent);
      long wait = Math.max(1, (due - System.nanoTime()) / 1_000_000);
      vertx.setTimer(
          wait,
          id -> {
            visit(next++);
            one(begin, nanos, sent + 1);
          });
    }

    /** As a node does, one probe after the other. */
    private void visit(int number) {
      int peer = number % peers;
      String host = "127.1." + peer / 250 + "." + (1 + peer % 250);
      counted(connects.connect(host, port).map(true).otherwise(false))
          .compose(ok -> counted(call(host, "Ping", new Bytes(new byte[0]))))
          .compose(ok -> counted(call(host, "Echo", payload)));
    }

    private Future<Boolean> counted(Future<Boolean> found) {
      return found.onSuccess(ok -> (ok ? counts.probed : counts.failed).incrementAndGet());
    }

    private Future<Boolean> call(String host, String method, Message message) {
      return client
          .call(host, port, "/homespan.v1.Mesh/" + method, Map.of(), message, LIMIT)
          .map(
              reply -> {
                if (reply instanceof Reply.Answered is && is.status() == GrpcCode.OK) return true;
                counts.lastFailure = method + " " + reply;
                return false;
              });
    }
  }

  private static final class Bytes implements Message {
    private final byte[] bytes;

    Bytes(byte[] bytes) {
      this.bytes = bytes;
    }

    @Override
    public int size() {
      return bytes.length;
    }

    @Override
    public void writeTo(ByteBuffer out) {
      out.put(bytes);
    }
  }
}
