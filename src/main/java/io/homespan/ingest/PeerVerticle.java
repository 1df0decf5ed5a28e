package io.homespan.ingest;

import io.homespan.bus.Fate;
import io.homespan.bus.Fates;
import io.homespan.bus.Strain;
import io.homespan.bus.Topics;
import io.homespan.config.Config;
import io.homespan.metrics.Metrics;
import io.homespan.metrics.Metrics.Protocol;
import io.homespan.otlp.ExportResponse;
import io.homespan.otlp.MalformedException;
import io.homespan.otlp.Rejections;
import io.homespan.otlp.RoutingKey;
import io.homespan.rpc.CallServer;
import io.homespan.rpc.Incoming;
import io.homespan.rpc.Remainder;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The port for peers: the same Export call, whose spans are kept here and never passed on, and the
 * identity exchange, and the probes of the ping mesh. What it admits waits for this node's sinks
 * only. An agent has it for the exchange and the probes, and takes no spans. Undeploying says
 * GOAWAY and lets calls finish.
 */
public final class PeerVerticle extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(PeerVerticle.class);

  /** Room for the labels of parts, beyond the largest message that a sender may give a peer. */
  private static final int LABELS = 1 << 20;

  private final Config config;
  private final Metrics metrics;
  private final Gates gates;
  private final LongSupplier nanoClock;
  private final RandomGenerator random;
  private final Strain strain = new Strain();
  private final Ledger ledger;
  private final LateOwners lateOwners;
  private Neighbourhood tier = Neighbourhood.UNKNOWN;
  private @Nullable Delivery delivery;
  private @Nullable Intake intake;
  private @Nullable IdentityService identity;
  private @Nullable MeshService mesh;
  private @Nullable Callers callers;
  private @Nullable HttpServer server;

  /**
   * Made by the root, once an instance.
   *
   * @param gates shared by all instances of both ports
   * @param nanoClock the scale of deadlines
   * @param random spreads retry hints; used on this instance's event loop only
   */
  public PeerVerticle(
      Config config, Metrics metrics, Gates gates, LongSupplier nanoClock, RandomGenerator random) {
    this.config = config;
    this.metrics = metrics;
    this.gates = gates;
    this.nanoClock = nanoClock;
    this.random = random;
    this.ledger = new Ledger(metrics, Metrics.From.PEER);
    this.lateOwners = new LateOwners(new RoutingKey(config.routing().attributes()));
  }

  @Override
  public Future<?> start() {
    delivery = new Delivery(vertx, RoutingKey.TRACE_ID, nanoClock, this::hint);
    intake =
        new Intake(
            vertx, config.ingest().maxMessageBytes() + LABELS, Duration.ofSeconds(1), nanoClock);
    identity = new IdentityService(vertx, config.discovery().exchangeTimeout());
    mesh = new MeshService(vertx);
    Topics.PEERS_CURRENT.hear(vertx, membership -> tier = Neighbourhood.of(membership));
    callers =
        new Callers(
            vertx,
            gates.peers(),
            gates.peerConnections(),
            Duration.ZERO,
            random,
            gates.keyring().peers(),
            gates.keyring().peerFailures());
    server =
        CallServer.create(vertx, Ports.options(), callers, IngestVerticle.EXPORT, this::export)
            .requestHandler(this::handle);
    server.connectionHandler(callers::came);
    server.exceptionHandler(cause -> LOG.debug("a connection failed", cause));
    Config.Server where = config.peerForwarder().server();
    return Ports.listen(server, "peer", where.host(), where.port());
  }

  @Override
  public Future<?> stop() {
    if (server == null) return Future.succeededFuture();
    return server.shutdown(config.peerForwarder().timeOut().toMillis(), TimeUnit.MILLISECONDS);
  }

  /** The port that is really open; the configured one unless that is 0. */
  public int port() {
    return server == null ? 0 : server.actualPort();
  }

  private void handle(HttpServerRequest request) {
    String path = request.path() == null ? "" : request.path();
    if (!Ports.isCall(request)) {
      Remainder.unread(request);
      request
          .response()
          .setStatusCode(415)
          .putHeader("content-type", "text/plain; charset=utf-8")
          .end("this is the port for peers: gRPC only; senders use the ingest port\n")
          .onFailure(cause -> {});
    } else if (path.equals(IdentityService.PATH)) {
      Objects.requireNonNull(identity).handle(request);
    } else if (MeshService.PATHS.contains(path)) {
      Objects.requireNonNull(mesh).handle(request);
    } else {
      Ports.unsupported(request, Protocol.PEER, metrics);
    }
  }

  private void export(Incoming call) {
    GrpcAnswer answer = new GrpcAnswer(call, Protocol.PEER, metrics);
    if (config.role() == Config.Role.AGENT) {
      answer.rejected(Rejection.unsupported("this is an agent: it measures, and takes no spans"));
      return;
    }
    Admission.Ticket ticket = gates.peers().enter(Objects.requireNonNull(callers).load(call));
    if (ticket == null) {
      answer.rejected(Rejection.unavailable("too much of peers is under way", hint()));
      return;
    }
    String theirs = call.header("homespan-table");
    boolean otherTable = theirs != null && !theirs.equals(tier.table().hash());
    if (otherTable) metrics.tableMismatch();
    long now = nanoClock.getAsLong();
    long deadline = Deadlines.of(now, config.ingest().requestTimeout(), call.timeout());
    Objects.requireNonNull(intake)
        .grpc(call, ticket, Deadlines.millisUntil(deadline, now))
        .compose(this::afterWhatFollows)
        .compose(body -> keepAll(answer, body, deadline, otherTable))
        .onComplete(
            outcome -> {
              ticket.close();
              ledger.book(outcome.parts(), outcome.invalid());
              if (outcome.isSpent()) answer.spent();
              answer(answer, outcome);
            },
            cause -> {
              ticket.close();
              answer.rejected(rejection(cause));
            });
  }

  /**
   * Waits for one turn of the event loop. A node that was frozen finds calls in its sockets that
   * their callers have reset and placed elsewhere; the reset is read right behind the call.
   */
  private Future<Buffer> afterWhatFollows(Buffer body) {
    Promise<Buffer> turn = Promise.promise();
    context.runOnContext(go -> turn.complete(body));
    return turn.future();
  }

  private Future<Delivery.Outcome> keepAll(
      Answer answer, Buffer body, long deadline, boolean otherTable) {
    if (answer.isClosed())
      return Future.failedFuture(Rejection.brokenOff("nobody waits for an answer"));
    try {
      Future<Delivery.Outcome> kept = Objects.requireNonNull(delivery).keepAll(body, deadline);
      if (!otherTable) return kept;
      return kept.onSuccess(
          outcome -> metrics.lateOwner(lateOwners.spansIn(body, outcome.parts(), tier)));
    } catch (MalformedException e) {
      return Future.failedFuture(Rejection.malformed(String.valueOf(e.getMessage())));
    }
  }

  private void answer(GrpcAnswer answer, Delivery.Outcome outcome) {
    Verdict verdict = Verdict.of(outcome.parts(), outcome.invalid());
    if (verdict.retryAfter() == null) strain.took();
    if (verdict.retryAfter() != null) {
      answer.rejected(Rejection.unavailable(verdict.message(), verdict.retryAfter()));
    } else if (verdict.rejected() == 0) {
      answer.accepted(verdict);
    } else {
      Buffer partial = ExportResponse.partial(verdict.rejected(), verdict.message());
      answer.message(Rejections.add(partial, rejectedByPart(outcome.parts())));
    }
  }

  private static List<Integer> rejectedByPart(List<Fates> parts) {
    List<Integer> rejected = new ArrayList<>(parts.size());
    for (Fates part : parts) {
      int spans = 0;
      for (Fate fate : part.all()) if (fate instanceof Fate.Dropped d) spans += d.spans();
      rejected.add(spans);
    }
    return rejected;
  }

  private Rejection rejection(Throwable cause) {
    if (cause instanceof Rejection rejection) return rejection;
    LOG.error("a peer's call failed", cause);
    return Rejection.unavailable("an internal fault", hint());
  }

  private Duration hint() {
    return strain.refuse(random.nextDouble());
  }
}
