package io.homespan.discovery;

import io.homespan.guard.LiveTls;
import io.homespan.guard.Reason;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.SocketAddress;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Asks one address who is there: the unary gRPC call {@code /homespan.v1.Identity/Exchange} with a
 * JSON object in UTF-8 in both directions; or whether anybody is, by an Export without spans, which
 * every OTLP receiver answers. Every call ends within the time limit, whatever is at the other end.
 * Belongs to the context that made it.
 *
 * <p>It frames the one message itself: Vert.x's gRPC client reports an HTTP answer that is no gRPC
 * and a broken connection alike, and here they are different things.
 */
final class IdentityClient {
  static final String PATH = "/homespan.v1.Identity/Exchange";

  private static final String EXPORT =
      "/opentelemetry.proto.collector.trace.v1.TraceService/Export";

  /** Room for thousands of members. */
  static final int MAX_MESSAGE = 4 << 20;

  /** After so many without a call nobody asks there any more. */
  private static final int ROUNDS_OF_SILENCE = 4;

  private static final int PREFIX = 5; // whether compressed, and the length
  private static final long CANCEL = 8; // RFC 9113, section 7

  /**
   * By these a node of ours, or what stands before it, says "not now": CANCELLED,
   * DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, INTERNAL, UNAVAILABLE.
   */
  private static final Set<String> NOT_NOW = Set.of("1", "4", "8", "13", "14");

  private static final Reply LATE = new Reply.Unanswered("no answer in time");

  private final Vertx vertx;
  private final String cluster;
  private final Duration limit;
  private final Duration interval;
  private final @Nullable LiveTls tls;
  private Clients clients;
  private boolean closed;

  /**
   * Of one set of certificates.
   *
   * @param brief keeps no connection from round to round: behind a virtual address a new one shows
   *     it
   * @param lasting keeps each as long as it is used in every few rounds
   * @param version of the certificates
   */
  private record Clients(HttpClient brief, HttpClient lasting, @Nullable Object version) {
    Future<Void> close() {
      return Future.join(brief.close(), lasting.close()).mapEmpty();
    }
  }

  /**
   * Opens nothing yet.
   *
   * @param limit of each call
   * @param interval between calls to one address over a connection that is kept
   * @param tls null: in the clear
   */
  IdentityClient(
      Vertx vertx, String cluster, Duration limit, Duration interval, @Nullable LiveTls tls) {
    this.vertx = vertx;
    this.cluster = cluster;
    this.limit = limit;
    this.interval = interval;
    this.tls = tls;
    this.clients = made();
  }

  private Clients made() {
    Object version = tls == null ? null : tls.version(); // first: it may change meanwhile
    long silence = Math.max(1, interval.multipliedBy(ROUNDS_OF_SILENCE).toSeconds());
    return new Clients(made(1), made(Math.toIntExact(silence)), version);
  }

  private HttpClient made(int keepAliveSeconds) {
    HttpClientOptions options =
        new HttpClientOptions()
            .setProtocolVersion(HttpVersion.HTTP_2)
            .setHttp2ClearTextUpgrade(false)
            .setConnectTimeout(Math.toIntExact(limit.toMillis()))
            .setHttp2KeepAliveTimeout(keepAliveSeconds);
    return vertx.createHttpClient(tls == null ? options : tls.on(options));
  }

  /** New ones once certificates have changed; those before end when their calls have. */
  private Clients present() {
    if (tls == null || closed || tls.version() == clients.version()) return clients;
    Clients before = clients;
    vertx.setTimer(2 * limit.toMillis(), id -> before.close());
    clients = made();
    return clients;
  }

  /** Never fails: {@link Reply} tells how it went. Over a new connection. */
  Future<Reply> ask(Address address, Hello hello) {
    return call(address, PATH, hello.toJson().toBuffer(), false);
  }

  /**
   * The same over a connection that is kept, which with TLS saves most of what an exchange costs. A
   * connection that turns out to be gone says nothing of who is there: a new one does.
   */
  Future<Reply> askAgain(Address address, Hello hello) {
    Buffer message = hello.toJson().toBuffer();
    return call(address, PATH, message, true)
        .compose(
            reply ->
                reply instanceof Reply.Unanswered && reply != LATE && !closed
                    ? call(address, PATH, message, false)
                    : Future.succeededFuture(reply));
  }

  /** The same, of receivers: {@code Foreign} is all that they can be, if they answer. */
  Future<Reply> touch(Address address) {
    return call(address, EXPORT, Buffer.buffer(), false)
        .map(reply -> reply instanceof Reply.Unanswered ? reply : new Reply.Foreign());
  }

  private Future<Reply> call(Address address, String path, Buffer message, boolean kept) {
    Promise<Reply> reply = Promise.promise();
    long timer = vertx.setTimer(limit.toMillis(), id -> reply.tryComplete(LATE));
    RequestOptions options =
        new RequestOptions()
            .setMethod(HttpMethod.POST)
            .setHost(address.host())
            .setPort(address.port())
            .setURI(path)
            .putHeader("content-type", "application/grpc")
            .putHeader("te", "trailers");
    if (tls != null) {
      options.setServer(SocketAddress.inetSocketAddress(address.port(), address.host()));
      options.setHost(tls.nameOf(address.listed())); // which its certificate must be for
    }
    Future.succeededFuture()
        .compose(go -> (kept ? present().lasting() : present().brief()).request(options))
        .compose(request -> send(request, message, reply))
        .otherwise(cause -> new Reply.Unanswered(why(address, cause)))
        .onSuccess(reply::tryComplete);
    return reply.future().onComplete(done -> vertx.cancelTimer(timer));
  }

  private String why(Address address, Throwable cause) {
    if (tls == null || !Reason.isTls(cause)) return String.valueOf(cause.getMessage());
    tls.failed(address.host() + ":" + address.port(), cause);
    return "TLS failed: " + Reason.of(cause).text();
  }

  private Future<Reply> send(HttpClientRequest request, Buffer message, Promise<Reply> reply) {
    reply
        .future()
        .onSuccess(
            how -> {
              // who waits no longer leaves no call open; after the end of the call this does
              // nothing
              request.reset(CANCEL);
              // what vanished hosts leave behind looks like a connection for a long time
              if (how == LATE) request.connection().close();
            });
    Buffer framed = Buffer.buffer(PREFIX + message.length());
    framed.appendByte((byte) 0).appendInt(message.length()).appendBuffer(message);
    return request.send(framed).compose(this::read);
  }

  private Future<Reply> read(HttpClientResponse response) {
    Buffer body = Buffer.buffer();
    response.handler(
        bytes -> {
          if (body.length() <= MAX_MESSAGE) body.appendBuffer(bytes);
        });
    return response
        .end()
        .map(
            ended -> {
              String status = response.getTrailer("grpc-status");
              if (status == null) status = response.getHeader("grpc-status"); // trailers only
              if (status != null && NOT_NOW.contains(status)) {
                return new Reply.Unanswered("grpc-status " + status);
              }
              return "0".equals(status) ? parse(body) : new Reply.Foreign();
            });
  }

  private Reply parse(Buffer body) {
    boolean whole =
        body.length() > PREFIX
            && body.getByte(0) == 0
            && body.getInt(1) == body.length() - PREFIX
            && body.length() <= MAX_MESSAGE;
    if (!whole) return new Reply.Foreign();
    try {
      JsonObject json = new JsonObject(body.getBuffer(PREFIX, body.length()));
      String theirs = Hello.clusterOf(json);
      if (!theirs.equals(cluster)) return new Reply.OtherCluster(theirs);
      return new Reply.Answered(Hello.from(json));
    } catch (DecodeException | IllegalArgumentException e) {
      return new Reply.Foreign();
    }
  }

  Future<Void> close() {
    closed = true;
    return clients.close();
  }
}
