package io.homespan.rpc;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Calls unary gRPC methods with raw bytes: one HTTP/2 connection (h2c, prior knowledge) to each
 * host and port, opened when it is needed, closed after a minute of silence. It keeps no queue:
 * whoever calls bounds what is under way.
 *
 * <p>A call that is not answered in time makes it ping the connection; one that does not answer the
 * ping either is closed, since a host that vanished leaves connections behind that look alive.
 *
 * <p>One for each verticle instance; to be used on its event loop.
 */
public final class UnaryClient {
  /**
   * How it calls.
   *
   * @param maxAnswerBytes the largest answer that is read; OTLP recommends 4 MiB
   */
  public record Options(Duration connectTimeout, int maxAnswerBytes) {}

  private static final int PREFIX = 5; // gRPC over HTTP/2: compressed flag, four bytes of length
  private static final long CANCEL = 8; // RFC 9113, section 7
  private static final long PING_MILLIS = 1000;
  private static final int WINDOW = 1 << 20;

  private final Vertx vertx;
  private final int maxAnswerBytes;
  private final HttpClient http;

  /** Opens nothing yet. */
  public UnaryClient(Vertx vertx, Options options) {
    this.vertx = vertx;
    this.maxAnswerBytes = options.maxAnswerBytes();
    this.http =
        vertx.createHttpClient(
            new HttpClientOptions()
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setHttp2ClearTextUpgrade(false)
                .setInitialSettings(new Http2Settings().setInitialWindowSize(WINDOW))
                .setHttp2ConnectionWindowSize(WINDOW)
                .setConnectTimeout(Math.toIntExact(options.connectTimeout().toMillis())),
            new PoolOptions().setHttp2MaxSize(1));
  }

  /**
   * Calls once. The future never fails: {@link Reply} tells how it went.
   *
   * @param host a name or an address, IPv6 without brackets
   * @param fullMethod "/package.Service/Method"
   * @param metadata in lower case
   * @param message segments that together are the request
   * @param timeout until when there must be an answer, connecting included; sent as deadline
   */
  public Future<Reply> call(
      String host,
      int port,
      String fullMethod,
      Map<String, String> metadata,
      List<Buffer> message,
      Duration timeout) {
    long millis = Math.max(1, timeout.toMillis());
    RequestOptions options =
        new RequestOptions()
            .setMethod(HttpMethod.POST)
            .setHost(host)
            .setPort(port)
            .setURI(fullMethod)
            .setConnectTimeout(millis) // of the wait for a connection; it must not outlive the call
            .putHeader("content-type", "application/grpc")
            .putHeader("te", "trailers")
            .putHeader("grpc-timeout", millis + "m");
    metadata.forEach(options::putHeader);
    Call call = new Call();
    long timer = vertx.setTimer(millis, id -> call.timedOut());
    Future.succeededFuture()
        .compose(go -> http.request(options))
        .compose(request -> call.send(request, framed(message)))
        .compose(this::read)
        .otherwise(cause -> call.request == null ? notSent(cause) : new Reply.Lost(text(cause)))
        .onSuccess(call.reply::tryComplete);
    return call.reply.future().onComplete(done -> vertx.cancelTimer(timer));
  }

  /** Ends what is under way and closes the connections. */
  public Future<Void> close() {
    return http.close();
  }

  private static Reply notSent(Throwable cause) {
    return new Reply.NotSent(text(cause));
  }

  private static String text(Throwable cause) {
    return cause.getMessage() == null ? cause.toString() : cause.getMessage();
  }

  private static Buffer framed(List<Buffer> segments) {
    int length = 0;
    for (Buffer segment : segments) length = Math.addExact(length, segment.length());
    Buffer framed = Buffer.buffer(PREFIX + length).appendByte((byte) 0).appendInt(length);
    for (Buffer segment : segments) framed.appendBuffer(segment);
    return framed;
  }

  private Future<Reply> read(HttpClientResponse response) {
    Buffer body = Buffer.buffer();
    response.handler(
        bytes -> {
          if (body.length() <= PREFIX + maxAnswerBytes) body.appendBuffer(bytes);
        });
    return response.end().map(end -> answered(response, body));
  }

  private Reply answered(HttpClientResponse response, Buffer body) {
    String status = field(response, "grpc-status");
    Duration hint = RetryHint.inDetails(field(response, RetryHint.DETAILS));
    if (status == null) {
      // not gRPC: a proxy's page, perhaps; these codes mean "not now"
      int http = response.statusCode();
      boolean notNow = http == 429 || (http >= 502 && http <= 504);
      return new Reply.Answered(
          notNow ? GrpcCode.UNAVAILABLE : GrpcCode.UNKNOWN,
          "HTTP " + http + " without grpc-status",
          hint,
          Buffer.buffer());
    }
    int code = code(status);
    String message = field(response, "grpc-message");
    if (code != GrpcCode.OK) {
      return new Reply.Answered(
          code, message == null ? "" : decoded(message), hint, Buffer.buffer());
    }
    boolean whole =
        body.length() >= PREFIX
            && body.getByte(0) == 0
            && body.getInt(1) == body.length() - PREFIX
            && body.length() <= PREFIX + maxAnswerBytes;
    return whole
        ? new Reply.Answered(GrpcCode.OK, "", null, body.getBuffer(PREFIX, body.length()))
        : new Reply.Lost("an OK whose message can't be read");
  }

  private static int code(String status) {
    try {
      return Integer.parseInt(status.strip());
    } catch (NumberFormatException e) {
      return GrpcCode.UNKNOWN;
    }
  }

  private static String decoded(String percent) {
    try {
      return URLDecoder.decode(percent.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return percent;
    }
  }

  /** Trailers, or headers where the answer is Trailers-Only. */
  private static @Nullable String field(HttpClientResponse response, String name) {
    String trailer = response.getTrailer(name);
    return trailer != null ? trailer : response.getHeader(name);
  }

  /** One call under way. */
  private final class Call {
    final Promise<Reply> reply = Promise.promise();
    @Nullable HttpClientRequest request;

    Future<HttpClientResponse> send(HttpClientRequest opened, Buffer framed) {
      if (reply.future().isComplete()) { // it took too long to connect
        opened.reset(CANCEL).onFailure(cause -> {});
        return Future.failedFuture("timed out");
      }
      request = opened;
      opened.exceptionHandler(cause -> {}); // the futures tell; Vert.x would log it as an error
      return opened.send(framed);
    }

    void timedOut() {
      HttpClientRequest sent = request;
      if (sent == null) {
        reply.tryComplete(new Reply.NotSent("no connection in time"));
        return;
      }
      if (!reply.tryComplete(new Reply.Lost("no answer in time"))) return;
      sent.reset(CANCEL).onFailure(cause -> {});
      probe(sent.connection());
    }

    private void probe(HttpConnection connection) {
      long timer = vertx.setTimer(PING_MILLIS, id -> connection.close());
      connection
          .ping(Buffer.buffer(new byte[8]))
          .onComplete(pong -> vertx.cancelTimer(timer), cause -> vertx.cancelTimer(timer));
    }
  }
}
