package io.homespan.ingest;

import io.homespan.bus.Deliver;
import io.homespan.bus.Delivered;
import io.homespan.bus.Fates;
import io.homespan.bus.Forward;
import io.homespan.bus.Phase;
import io.homespan.bus.Strain;
import io.homespan.bus.Topic;
import io.homespan.bus.Topics;
import io.homespan.config.Config;
import io.homespan.guard.LiveCredentials;
import io.homespan.metrics.Metrics;
import io.homespan.metrics.Metrics.Protocol;
import io.homespan.otlp.MalformedException;
import io.homespan.otlp.RoutingKey;
import io.homespan.rpc.CallServer;
import io.homespan.rpc.Incoming;
import io.homespan.rpc.Remainder;
import io.homespan.rpc.UnaryServer;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The port for senders: OTLP/gRPC, OTLP/HTTP, gRPC health, and readiness for balancers. As many
 * instances as there are cores share the port. Undeploying says GOAWAY and lets requests finish.
 */
public final class IngestVerticle extends VerticleBase {
  static final String EXPORT = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";

  private static final Logger LOG = LoggerFactory.getLogger(IngestVerticle.class);
  private static final String TRACES = "/v1/traces";
  private static final String AUTHORIZATION = "authorization";

  private final Config config;
  private final Metrics metrics;
  private final Gates gates;
  private final Topic<Forward, Fates> egress;
  private final LongSupplier nanoClock;
  private final RandomGenerator random;
  private final Strain strain = new Strain();
  private final Ledger ledger;
  private final Ledger journaled;
  private Neighbourhood tier = Neighbourhood.UNKNOWN;
  private Phase phase = Phase.SERVING;
  private @Nullable Delivery delivery;
  private @Nullable Intake intake;
  private @Nullable HealthService health;
  private @Nullable Callers callers;
  private @Nullable HttpServer server;

  /**
   * Made by the root, once an instance.
   *
   * @param gates shared by all instances of both ports
   * @param egress who brings parts to peers
   * @param nanoClock the scale of deadlines
   * @param random spreads retry hints; used on this instance's event loop only
   */
  public IngestVerticle(
      Config config,
      Metrics metrics,
      Gates gates,
      Topic<Forward, Fates> egress,
      LongSupplier nanoClock,
      RandomGenerator random) {
    this.config = config;
    this.metrics = metrics;
    this.gates = gates;
    this.egress = egress;
    this.nanoClock = nanoClock;
    this.random = random;
    this.ledger = new Ledger(metrics, Metrics.From.SENDER);
    this.journaled = new Ledger(metrics, Metrics.From.JOURNAL);
  }

  @Override
  public Future<?> start() {
    RoutingKey routing = new RoutingKey(config.routing().attributes());
    delivery = new Delivery(vertx, routing, nanoClock, this::hint);
    intake = new Intake(vertx, config.ingest().maxMessageBytes(), Duration.ofSeconds(1), nanoClock);
    health = new HealthService(vertx, () -> unready() == null && phase == Phase.SERVING);
    Topics.PEERS_CURRENT.hear(vertx, membership -> tier = Neighbourhood.of(membership));
    Topics.NODE_PHASE.hear(vertx, told -> phase = told);
    if (config.journal().used()) Topics.JOURNAL_DELIVER.answer(vertx, this::again);
    callers =
        new Callers(
            vertx,
            gates.senders(),
            gates.senderConnections(),
            config.ingest().maxConnectionAge(),
            random,
            gates.keyring().ingest(),
            gates.keyring().ingestFailures());
    server =
        CallServer.create(vertx, Ports.options(), callers, EXPORT, this::call)
            .requestHandler(this::handle);
    server.connectionHandler(callers::came);
    server.exceptionHandler(cause -> LOG.debug("a connection failed", cause));
    return Ports.listen(server, "ingest", config.ingest().host(), config.ingest().port());
  }

  @Override
  public Future<?> stop() {
    if (server == null) return Future.succeededFuture();
    return server.shutdown(config.ingest().requestTimeout().toMillis(), TimeUnit.MILLISECONDS);
  }

  /** The port that is really open; the configured one unless that is 0. */
  public int port() {
    return server == null ? 0 : server.actualPort();
  }

  private void handle(HttpServerRequest request) {
    String type = request.getHeader("content-type");
    String path = request.path() == null ? "" : request.path();
    if (Ports.isCall(request)) {
      if (HealthService.serves(path) && health != null) health.handle(request);
      else Ports.unsupported(request, Protocol.GRPC, metrics);
    } else if (path.equals(TRACES)) {
      traces(request, type);
    } else if (path.equals("/health") || path.equals("/ready")) {
      probe(request, path);
    } else if (path.equals(EXPORT) || HealthService.serves(path)) {
      notGrpc(request, type);
    } else {
      plain(request, 404, "no " + path + " here; POST " + TRACES + ", GET /ready, GET /health");
    }
  }

  private void traces(HttpServerRequest request, @Nullable String type) {
    String media = type == null ? "" : type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    if (!HttpMethod.POST.equals(request.method())) {
      request.response().putHeader("allow", "POST");
      plain(request, 405, request.method() + " on " + TRACES + ": POST is taken");
    } else if (media.equals("application/x-protobuf")) {
      post(request, Protocol.HTTP_PROTOBUF);
    } else if (media.equals("application/json")) {
      post(request, Protocol.HTTP_JSON);
    } else {
      plain(
          request,
          415,
          "content-type "
              + (type == null ? "is missing" : type)
              + ": application/x-protobuf and application/json are taken");
    }
  }

  private void notGrpc(HttpServerRequest request, @Nullable String type) {
    if (HttpMethod.POST.equals(request.method())) {
      plain(request, 415, "content-type " + type + ": gRPC over HTTP/2 is spoken here");
    } else {
      request.response().putHeader("allow", "POST");
      plain(request, 405, request.method() + " on a gRPC method: POST is taken");
    }
  }

  private void call(Incoming call) {
    export(
        new GrpcAnswer(call, Protocol.GRPC, metrics),
        Objects.requireNonNull(callers).load(call),
        call.timeout(),
        call.header("homespan-hops") != null,
        stranger(() -> call.header(AUTHORIZATION), () -> call.caller().address()),
        (ticket, patience) -> Objects.requireNonNull(intake).grpc(call, ticket, patience));
  }

  private void post(HttpServerRequest request, Protocol protocol) {
    boolean json = protocol == Protocol.HTTP_JSON;
    export(
        new HttpAnswer(request, protocol, Objects.requireNonNull(callers).isOld(request), metrics),
        Objects.requireNonNull(callers).load(request),
        UnaryServer.timeout(request.getHeader("grpc-timeout")),
        request.getHeader("homespan-hops") != null,
        stranger(
            () -> request.getHeader(AUTHORIZATION), () -> String.valueOf(request.remoteAddress())),
        (ticket, patience) -> Objects.requireNonNull(intake).http(request, ticket, patience, json));
  }

  /** Before any work; null: the caller is known, or nobody is asked. */
  private @Nullable Rejection stranger(
      Supplier<@Nullable String> authorization, Supplier<String> address) {
    LiveCredentials known = gates.keyring().senders();
    if (known == null) return null;
    String why = known.unknown(authorization.get(), address);
    return why == null ? null : Rejection.unauthenticated(why, known.challenge());
  }

  private interface Body {
    Future<Buffer> read(Admission.Ticket ticket, long patienceMillis);
  }

  /**
   * @param given how long the caller waits, if it says so
   * @param hopped whether a peer has brought it
   * @param stranger set if the caller is not known
   */
  private void export(
      Answer answer,
      Valve.Load load,
      @Nullable Duration given,
      boolean hopped,
      @Nullable Rejection stranger,
      Body body) {
    if (stranger != null) {
      load.ended();
      answer.rejected(stranger);
      return;
    }
    String unready = unready();
    if (unready != null) {
      load.ended();
      answer.rejected(Rejection.unavailable(unready, hint()));
      return;
    }
    Admission.Ticket ticket = gates.senders().enter(load);
    if (ticket == null) {
      answer.rejected(Rejection.unavailable("too much is under way", hint()));
      return;
    }
    long now = nanoClock.getAsLong();
    long deadline = Deadlines.of(now, config.ingest().requestTimeout(), given);
    body.read(ticket, Deadlines.millisUntil(deadline, now))
        .compose(message -> deliver(answer, hopped, message, deadline))
        .onComplete(
            outcome -> {
              ticket.close();
              ledger.book(outcome.parts(), outcome.invalid());
              if (outcome.isSpent()) answer.spent();
              Verdict verdict = Verdict.of(outcome.parts(), outcome.invalid());
              if (verdict.retryAfter() == null) strain.took();
              if (verdict.retryAfter() == null) answer.accepted(verdict);
              else answer.rejected(Rejection.unavailable(verdict.message(), verdict.retryAfter()));
            },
            cause -> {
              ticket.close();
              answer.rejected(rejection(cause));
            });
  }

  private Future<Delivery.Outcome> deliver(
      Answer answer, boolean hopped, Buffer body, long deadline) {
    if (answer.isClosed()) {
      return Future.failedFuture(Rejection.brokenOff("nobody waits for an answer"));
    }
    if (body.length() == 0) return Future.succeededFuture(new Delivery.Outcome(List.of(), 0));
    if (!tier.ready()) { // no more, since the request began
      return Future.failedFuture(Rejection.unavailable("no peers are known any more", hint()));
    }
    Delivery to = Objects.requireNonNull(delivery);
    try {
      // from a peer that lists this port as a peer port: kept, or it might run in circles
      if (hopped && config.role() == Config.Role.GATEWAY) return Future.failedFuture(hopsNoMore());
      // anybody may come here, so labels of parts count for nothing: a false one would have
      // other senders' spans taken for repeats
      if (hopped) return to.keepWhole(body, deadline);
      return config.journal().used()
          ? to.store(body, tier, deadline)
          : to.scatter(body, tier, egress, deadline);
    } catch (MalformedException e) {
      return Future.failedFuture(Rejection.malformed(String.valueOf(e.getMessage())));
    }
  }

  /** Final, so that who called goes on to the next receiver. */
  private static Rejection hopsNoMore() {
    return Rejection.unsupported("this is a gateway, and what another one sends hops no further");
  }

  /** For the journal, in whose name it is booked. */
  private Future<Delivered> again(Deliver stored) {
    if (!tier.ready()) return Future.failedFuture("no peers are known any more");
    try {
      return Objects.requireNonNull(delivery).again(stored, tier, egress, journaled);
    } catch (MalformedException e) {
      return Future.failedFuture(e);
    }
  }

  /** Ours if it is no rejection: then trying again can help, so it is no INTERNAL either. */
  private Rejection rejection(Throwable cause) {
    if (cause instanceof Rejection rejection) return rejection;
    LOG.error("a request failed", cause);
    return Rejection.unavailable("an internal fault", hint());
  }

  private void probe(HttpServerRequest request, String path) {
    if (!HttpMethod.GET.equals(request.method()) && !HttpMethod.HEAD.equals(request.method())) {
      request.response().putHeader("allow", "GET, HEAD");
      plain(request, 405, request.method() + " on " + path + ": GET is taken");
      return;
    }
    String unready = path.equals("/health") ? null : unready();
    if (unready == null && path.equals("/ready") && phase != Phase.SERVING) unready = "leaving";
    if (unready == null) plain(request, 200, "ok");
    else plain(request, 503, unready);
  }

  private @Nullable String unready() {
    if (phase == Phase.CLOSING) return "the node is stopping";
    return tier.ready() ? null : "no peers are known yet";
  }

  private Duration hint() {
    return strain.refuse(random.nextDouble());
  }

  private static void plain(HttpServerRequest request, int code, String text) {
    Remainder.unread(request);
    request
        .response()
        .setStatusCode(code)
        .putHeader("content-type", "text/plain; charset=utf-8")
        .end(text + "\n")
        .onFailure(cause -> {});
  }
}
