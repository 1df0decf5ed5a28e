package io.homespan.ingest;

import io.homespan.metrics.Metrics;
import io.homespan.metrics.Metrics.Protocol;
import io.homespan.rpc.Gzip;
import io.homespan.rpc.Remainder;
import io.homespan.rpc.UnaryServer;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * To an OTLP/HTTP request, with protobuf or JSON.
 *
 * @param last whether the connection is to end with it
 */
record HttpAnswer(HttpServerRequest request, Protocol protocol, boolean last, Metrics metrics)
    implements Answer {
  private static final long LINGER_MILLIS = 1000;
  private static final Pattern GZIP =
      Pattern.compile("\\s*(?:gzip|\\*)\\s*(?:;\\s*q\\s*=\\s*(?:(0(?:\\.0*)?)|[0-9.]+)\\s*)?");

  @Override
  public void accepted(Verdict verdict) {
    if (protocol == Protocol.HTTP_JSON) http(200, "application/json", json(verdict));
    else http(200, "application/x-protobuf", Answer.message(verdict));
  }

  @Override
  public void spent() {} // its memory is Vert.x's

  @Override
  public boolean isClosed() {
    return request.response().closed();
  }

  @Override
  public void rejected(Rejection rejection) {
    if (isClosed()) { // who called has gone
      metrics.request(protocol, "499");
      return;
    }
    HttpServerResponse response = request.response();
    if (rejection.challenge() != null) {
      response.putHeader("www-authenticate", rejection.challenge());
    }
    if (rejection.retryAfter() != null) {
      long seconds = Math.max(1, (rejection.retryAfter().toMillis() + 999) / 1000);
      response.putHeader("retry-after", Long.toString(seconds));
    }
    Remainder.unread(request);
    if (protocol == Protocol.HTTP_JSON) {
      JsonObject status = JsonObject.of("code", rejection.grpc(), "message", rejection.text());
      http(rejection.http(), "application/json", status.toBuffer());
    } else {
      Buffer status =
          UnaryServer.status(rejection.grpc(), rejection.text(), rejection.retryAfter());
      http(rejection.http(), "application/x-protobuf", status);
    }
  }

  private void http(int code, String type, Buffer body) {
    metrics.request(protocol, Integer.toString(code));
    HttpServerResponse response = request.response();
    if (response.ended() || response.closed()) return; // who called has gone
    response.setStatusCode(code).putHeader("content-type", type);
    if (last) {
      response.putHeader("connection", "close");
      request.connection().shutdown(LINGER_MILLIS, TimeUnit.MILLISECONDS).onFailure(gone -> {});
    }
    Buffer sent = body;
    if (body.length() > 0 && takesGzip()) {
      response.putHeader("content-encoding", "gzip");
      sent = Gzip.pack(body);
    }
    response.end(sent).onFailure(cause -> {});
  }

  private boolean takesGzip() {
    for (String value : request.headers().getAll("accept-encoding")) {
      for (String choice : value.toLowerCase(Locale.ROOT).split(",", -1)) {
        Matcher matcher = GZIP.matcher(choice);
        if (matcher.matches()) return matcher.group(1) == null; // RFC 9110: q=0 is a no
      }
    }
    return false;
  }

  private static Buffer json(Verdict verdict) {
    JsonObject answer = new JsonObject();
    if (verdict.rejected() > 0 || !verdict.message().isEmpty()) {
      answer.put(
          "partialSuccess",
          JsonObject.of(
              "rejectedSpans",
              Integer.toString(verdict.rejected()),
              "errorMessage",
              verdict.message()));
    }
    return answer.toBuffer();
  }
}
