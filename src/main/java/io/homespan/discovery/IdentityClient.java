package io.homespan.discovery;

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
import java.time.Duration;
import java.util.Set;

/**
 * Asks one address who is there: the unary gRPC call {@code /homespan.v1.Identity/Exchange} with a
 * JSON object in UTF-8 in both directions. Every call ends within the time limit, whatever is at
 * the other end. Belongs to the context that made it.
 *
 * <p>It frames the one message itself: Vert.x's gRPC client reports an HTTP answer that is no gRPC
 * and a broken connection alike, and here they are different things.
 */
final class IdentityClient {
  static final String PATH = "/homespan.v1.Identity/Exchange";

  /** Room for thousands of members. */
  static final int MAX_MESSAGE = 4 << 20;

  private static final int PREFIX = 5; // whether compressed, and the length
  private static final long CANCEL = 8; // RFC 9113, section 7

  /**
   * By these a node of ours, or what stands before it, says "not now": CANCELLED,
   * DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, INTERNAL, UNAVAILABLE.
   */
  private static final Set<String> NOT_NOW = Set.of("1", "4", "8", "13", "14");

  private final Vertx vertx;
  private final String cluster;
  private final Duration limit;
  private final HttpClient client;

  IdentityClient(Vertx vertx, String cluster, Duration limit) {
    this.vertx = vertx;
    this.cluster = cluster;
    this.limit = limit;
    this.client =
        vertx.createHttpClient(
            new HttpClientOptions()
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setHttp2ClearTextUpgrade(false)
                .setConnectTimeout(Math.toIntExact(limit.toMillis()))
                // not kept from round to round: behind a virtual address a new connection shows it
                .setHttp2KeepAliveTimeout(1));
  }

  /** Never fails: {@link Reply} tells how it went. */
  Future<Reply> ask(Address address, Hello hello) {
    Promise<Reply> reply = Promise.promise();
    long timer =
        vertx.setTimer(
            limit.toMillis(), id -> reply.tryComplete(new Reply.Unanswered("no answer in time")));
    RequestOptions options =
        new RequestOptions()
            .setMethod(HttpMethod.POST)
            .setHost(address.host())
            .setPort(address.port())
            .setURI(PATH)
            .putHeader("content-type", "application/grpc")
            .putHeader("te", "trailers");
    Future.succeededFuture()
        .compose(go -> client.request(options))
        .compose(request -> send(request, hello, reply))
        .otherwise(cause -> new Reply.Unanswered(String.valueOf(cause.getMessage())))
        .onSuccess(reply::tryComplete);
    return reply.future().onComplete(done -> vertx.cancelTimer(timer));
  }

  private Future<Reply> send(HttpClientRequest request, Hello hello, Promise<Reply> reply) {
    // who waits no longer leaves no call open; after the end of the call this does nothing
    reply.future().onComplete(done -> request.reset(CANCEL));
    Buffer message = hello.toJson().toBuffer();
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
        body.length() >= PREFIX
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
    return client.close();
  }
}
