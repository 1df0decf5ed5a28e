package io.homespan.discovery.kubernetes;

import io.homespan.config.Config;
import io.homespan.discovery.LookupException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.PemTrustOptions;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Requests for the EndpointSlices of one service. What goes wrong is a {@link LookupException}.
 * Belongs to one context.
 */
final class Api {
  /** Slices in one answer; by default one has up to 100 endpoints, in some 50 kB. */
  static final int PAGE = 10;

  /** Of one answer, or one line of a watch. */
  static final int MAX_BYTES = 8 << 20;

  private static final int MAX_REFUSAL_BYTES = 64 << 10;

  private final Vertx vertx;
  private final Config.Kubernetes settings;
  private @Nullable HttpClient client;
  private Buffer trusted = Buffer.buffer();
  private boolean closed;

  Api(Vertx vertx, Config.Kubernetes settings) {
    this.vertx = vertx;
    this.settings = settings;
  }

  /** One page; {@code next} as the page before said, or "". */
  Future<Buffer> list(Account account, String next) {
    String query = "limit=" + PAGE + (next.isEmpty() ? "" : "&continue=" + encoded(next));
    return within(open(account, query).compose(response -> body(response, MAX_BYTES)));
  }

  /** What changes after {@code version}: an answer that is paused, and that lasts. */
  Future<HttpClientResponse> watch(Account account, String version, long seconds) {
    String query =
        "watch=1&allowWatchBookmarks=true&timeoutSeconds="
            + seconds
            + "&resourceVersion="
            + encoded(version);
    return within(open(account, query));
  }

  private Future<HttpClientResponse> open(Account account, String query) {
    if (closed) return Future.failedFuture("closed");
    String uri =
        "/apis/discovery.k8s.io/v1/namespaces/"
            + account.namespace()
            + "/endpointslices?labelSelector="
            + encoded("kubernetes.io/service-name=" + settings.service())
            + "&"
            + query;
    RequestOptions options =
        new RequestOptions()
            .setMethod(HttpMethod.GET)
            .setHost(settings.api().host())
            .setPort(settings.api().port())
            .setSsl(settings.tls())
            .setURI(uri)
            .putHeader("accept", "application/json")
            .putHeader("user-agent", "homespan");
    if (!account.token().isEmpty()) {
      options.putHeader("authorization", "Bearer " + account.token());
    }
    return client(account)
        .request(options)
        .compose(request -> request.send())
        .compose(
            response -> {
              response.pause();
              int status = response.statusCode();
              if (status == 200) return Future.succeededFuture(response);
              return body(response, MAX_REFUSAL_BYTES)
                  .otherwise(Buffer.buffer()) // the status says enough
                  .compose(
                      said ->
                          Future.failedFuture(
                              status == Refusal.GONE
                                  ? new Gone()
                                  : Refusal.of(
                                      status, said, account.namespace(), settings.tokenFile())));
            });
  }

  /** The API has forgotten what was to be gone on from. */
  static final class Gone extends Exception {
    private static final long serialVersionUID = 1;

    Gone() {
      super("HTTP " + Refusal.GONE, null, false, false);
    }
  }

  private static Future<Buffer> body(HttpClientResponse response, int most) {
    Promise<Buffer> whole = Promise.promise();
    Buffer all = Buffer.buffer();
    response
        .handler(
            piece -> {
              if (piece.length() <= most - all.length()) {
                all.appendBuffer(piece);
              } else if (whole.tryFail(
                  new LookupException(
                      "oversized", "the API's answer has more than " + most + " bytes"))) {
                response.request().reset();
              }
            })
        .exceptionHandler(whole::tryFail)
        .endHandler(end -> whole.tryComplete(all))
        .resume();
    return whole.future();
  }

  private <T> Future<T> within(Future<T> answer) {
    return answer
        .timeout(settings.requestTimeout().toMillis(), TimeUnit.MILLISECONDS)
        .recover(cause -> Future.failedFuture(inWords(cause)));
  }

  Throwable inWords(Throwable cause) {
    if (cause instanceof LookupException || cause instanceof Gone) return cause;
    String at = settings.api().toString();
    if (cause instanceof TimeoutException) {
      return new LookupException(
          "timeout",
          "no answer from the API at " + at + " within discovery.kubernetes.request_timeout");
    }
    Throwable last = cause;
    boolean tls = false;
    for (int i = 0; i < 10 && last != null; i++) {
      tls |= last instanceof SSLException;
      if (last.getCause() == null) break;
      last = last.getCause();
    }
    Throwable root = last == null ? cause : last;
    String why = Json.shown(root.getMessage() == null ? root.toString() : root.getMessage());
    return tls
        ? new LookupException(
            "untrusted",
            "the API at "
                + at
                + " is not whom discovery.kubernetes.ca_file "
                + settings.caFile()
                + " vouches for: "
                + why)
        : new LookupException("unreachable", "the API at " + at + ": " + why);
  }

  private HttpClient client(Account account) {
    HttpClient open = client;
    if (open != null && account.trusted().equals(trusted)) return open;
    reset();
    trusted = account.trusted();
    HttpClientOptions options =
        new HttpClientOptions()
            .setConnectTimeout(Math.toIntExact(settings.requestTimeout().toMillis()));
    if (settings.tls()) {
      options
          .setSsl(true)
          .setVerifyHost(true)
          .setTrustOptions(new PemTrustOptions().addCertValue(account.trusted()));
    }
    HttpClient made = vertx.createHttpClient(options);
    client = made;
    return made;
  }

  /** Ends all that is under way; the next request has a connection of its own. */
  Future<Void> reset() {
    HttpClient open = client;
    client = null;
    return open == null ? Future.succeededFuture() : open.close();
  }

  /** Nothing is asked any more. */
  Future<Void> close() {
    closed = true;
    return reset();
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
