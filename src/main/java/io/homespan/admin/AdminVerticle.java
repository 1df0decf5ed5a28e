package io.homespan.admin;

import io.homespan.bus.Membership;
import io.homespan.bus.MeshQuestion;
import io.homespan.bus.MeshText;
import io.homespan.bus.Topics;
import io.homespan.config.Config;
import io.homespan.guard.Keyring;
import io.homespan.guard.LiveCredentials;
import io.homespan.guard.LiveTls;
import io.homespan.metrics.MicrometerMetrics;
import io.homespan.otlp.RoutingKey;
import io.homespan.rpc.CallServer;
import io.homespan.rpc.Remainder;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.VerticleBase;
import io.vertx.core.VertxException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves the operator's {@link Pages} over HTTP/1.1. Deploy it before discovery, whose first news
 * it must not miss. One instance is enough.
 */
public final class AdminVerticle extends VerticleBase {
  private static final Logger log = LoggerFactory.getLogger(AdminVerticle.class);

  /** Longer than Prometheus's usual interval, so its connection stays. */
  private static final int IDLE_SECONDS = 75;

  private static final int MAX_WINDOW_SECONDS = 3600;
  private static final int USUAL_WINDOW = 0;

  /** Beyond what the heartbeat gives its peers. */
  private static final Duration MESH_LIMIT = Duration.ofSeconds(5);

  private static final String LATE =
      "The rows were not gathered within " + MESH_LIMIT.toSeconds() + " s: come again.";

  /** At once; each holds a matrix, of megabytes at 200 nodes, until its reader has it. */
  static final int MOST_TOLD = 8;

  private static final int MAX_LINE_BYTES = 2 << 10;
  private static final int MAX_HEADER_BYTES = 8 << 10;

  private final Config.Admin config;
  private final MicrometerMetrics metrics;
  private final @Nullable Keyring keyring;
  private final Pages pages;
  private int told; // how many are at this moment
  private volatile int port;

  /** Opens nothing yet. Port 0 takes a free one. */
  public AdminVerticle(Config.Admin config, RoutingKey routing, MicrometerMetrics metrics) {
    this(config, routing, metrics, null);
  }

  /**
   * The same.
   *
   * @param keyring null: in the clear, and for everybody
   */
  public AdminVerticle(
      Config.Admin config,
      RoutingKey routing,
      MicrometerMetrics metrics,
      @Nullable Keyring keyring) {
    this.config = config;
    this.metrics = metrics;
    this.keyring = keyring;
    this.pages =
        new Pages(System::nanoTime, routing, keyring == null ? List::of : keyring::troubles);
  }

  /** The port that it listens on, once it has started. Any thread may ask. */
  public int port() {
    return port;
  }

  @Override
  public Future<?> start() {
    Topics.PEERS_CURRENT.hear(vertx, this::membership);
    Topics.NODE_PHASE.hear(vertx, pages::now);
    Topics.PROVIDERS_CURRENT.hear(vertx, pages::now);
    HttpServerOptions options =
        new HttpServerOptions()
            .setMaxInitialLineLength(MAX_LINE_BYTES)
            .setMaxHeaderSize(MAX_HEADER_BYTES)
            .setIdleTimeout(IDLE_SECONDS)
            .setHttp2ClearTextEnabled(false);
    LiveTls tls = keyring == null ? null : keyring.admin();
    Visitors visitors =
        new Visitors(config.maxConnections(), metrics, tls == null ? null : tls.server(vertx));
    return CallServer.plain(vertx, options, visitors)
        .requestHandler(router())
        .listen(config.port(), config.host())
        .onSuccess(this::listening)
        .recover(
            cause ->
                Future.failedFuture(
                    VertxException.noStackTrace(
                        "cannot listen on admin "
                            + new Config.Endpoint(config.host(), config.port())
                            + ": "
                            + cause.getMessage(),
                        cause)));
  }

  private void listening(HttpServer server) {
    port = server.actualPort();
    log.info("admin listens host={} port={}", config.host(), port);
  }

  private void membership(Membership membership) {
    pages.now(membership);
    metrics.table(membership.peers().size(), membership.table().hash());
  }

  private Router router() {
    Router router = Router.router(vertx);
    serve(router, "/health", request -> send(request, pages.health()));
    serve(router, "/ready", request -> send(request, pages.ready()));
    router.route().handler(this::known); // all below it
    serve(router, "/metrics", this::scrape);
    serve(router, "/api/peers", request -> send(request, pages.peers()));
    serve(router, "/api/owner", request -> send(request, pages.owner(query(request))));
    serve(
        router,
        "/api/owner/:traceId",
        request -> send(request, pages.owner(request.pathParam("traceId"))));
    serve(router, "/api/mesh", this::mesh);
    router.route().handler(request -> send(request, pages.unknownPath()));
    router.errorHandler(400, request -> send(request, pages.malformed()));
    router.errorHandler(500, this::failed);
    return router;
  }

  /** Health is for everybody: probes have no secrets. */
  private void known(RoutingContext request) {
    LiveCredentials operators = keyring == null ? null : keyring.operators();
    String why =
        operators == null
            ? null
            : operators.unknown(
                request.request().getHeader(HttpHeaders.AUTHORIZATION),
                () -> String.valueOf(request.request().remoteAddress()));
    if (operators == null || why == null) {
      request.next();
      return;
    }
    request.response().putHeader("www-authenticate", operators.challenge());
    send(request, pages.unknownCaller(why));
  }

  private static Map<String, String> query(RoutingContext request) {
    Map<String, String> query = new TreeMap<>();
    request.queryParams().forEach(one -> query.put(one.getKey(), one.getValue()));
    return query;
  }

  private void serve(Router router, String path, Handler<RoutingContext> page) {
    router.get(path).handler(page);
    router.head(path).handler(page);
    router
        .route(path)
        .handler(
            request -> {
              request.response().putHeader(HttpHeaders.ALLOW, "GET, HEAD");
              send(request, pages.methodNotAllowed(request.request().method().name()));
            });
  }

  /** Off the event loop: thousands of series take their time. */
  private void scrape(RoutingContext request) {
    String accept = Objects.requireNonNullElse(request.request().getHeader("accept"), "");
    vertx
        .executeBlocking(() -> metrics.scrape(accept), false)
        .onSuccess(found -> send(request, 200, found.contentType(), Buffer.buffer(found.text())))
        .onFailure(request::fail);
  }

  private void mesh(RoutingContext request) {
    for (String name : request.queryParams().names()) {
      if (name.equals("window") && request.queryParams().getAll(name).size() == 1) continue;
      send(request, pages.badMeshQuery(name));
      return;
    }
    String given = request.request().getParam("window");
    int seconds;
    try {
      seconds = given == null ? USUAL_WINDOW : Integer.parseInt(given);
    } catch (NumberFormatException e) {
      seconds = 0;
    }
    if (given != null && (seconds < 1 || seconds > MAX_WINDOW_SECONDS)) {
      send(request, pages.badWindow(given));
      return;
    }
    if (told >= MOST_TOLD) {
      busy(request, MOST_TOLD + " are being told the mesh at this moment: come again in a second.");
      return;
    }
    told++;
    Topics.MESH_ALL
        .ask(vertx, new MeshQuestion(Duration.ofSeconds(seconds)), MESH_LIMIT.toMillis())
        .transform(
            found ->
                found.succeeded() ? tell(request, found.result()) : notTold(request, found.cause()))
        .onComplete(end -> told--);
  }

  private Future<Void> tell(RoutingContext request, MeshText all) {
    Remainder.unread(request.request());
    HttpServerResponse response =
        request
            .response()
            .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
            .putHeader(HttpHeaders.CACHE_CONTROL, "no-store");
    if (request.request().method().equals(HttpMethod.HEAD)) return response.end();
    return Telling.tell(vertx, response, all.pieces())
        .onFailure(
            cause -> {
              log.debug("admin answer broke off cause={}", cause.getMessage());
              request.request().connection().close(); // half of it must not look whole
            });
  }

  private Future<Void> notTold(RoutingContext request, Throwable cause) {
    if (!(cause instanceof ReplyException reply)) request.fail(cause);
    else if (reply.failureType() == ReplyFailure.NO_HANDLERS) send(request, pages.noMesh());
    else if (reply.failureType() == ReplyFailure.TIMEOUT) busy(request, LATE);
    else if (reply.failureCode() == MeshQuestion.FULL)
      busy(request, String.valueOf(reply.getMessage()));
    else request.fail(cause);
    return Future.succeededFuture();
  }

  private void busy(RoutingContext request, String why) {
    request.response().putHeader("retry-after", "1");
    send(request, pages.busy(why));
  }

  private void failed(RoutingContext request) {
    log.error("admin request failed path={}", request.normalizedPath(), request.failure());
    if (!request.response().headWritten()) send(request, pages.failed());
  }

  private static void send(RoutingContext request, Page page) {
    send(request, page.status(), "application/json", page.body().toBuffer());
  }

  private static void send(RoutingContext request, int status, String contentType, Buffer body) {
    Remainder.unread(request.request());
    request
        .response()
        .setStatusCode(status)
        .putHeader(HttpHeaders.CONTENT_TYPE, contentType)
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
        .putHeader(
            HttpHeaders.CONTENT_LENGTH, Integer.toString(body.length())) // HEAD has none else
        .end(body)
        .onFailure(gone -> log.debug("admin answer not sent cause={}", gone.getMessage()));
  }
}
