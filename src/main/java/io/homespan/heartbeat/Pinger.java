package io.homespan.heartbeat;

import io.homespan.config.Config;
import io.homespan.rpc.ConnectTimer;
import io.homespan.rpc.Cover;
import io.homespan.rpc.GrpcCode;
import io.homespan.rpc.Reply;
import io.homespan.rpc.UnaryClient;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Makes probes, each within its time limit. Calls go over a connection to each peer that is the
 * mesh's own; if it has to be opened first, by a call that is not measured. Belongs to the event
 * loop that made it.
 */
final class Pinger {
  static final String PING = "/homespan.v1.Mesh/Ping";
  static final String ECHO = "/homespan.v1.Mesh/Echo";

  /** The longest payload, whatever is configured. */
  static final int MOST_PAYLOAD = 64 << 10;

  /** Longer than it takes in a tier of hundreds until a peer's turn comes again. */
  private static final Duration SILENCE = Duration.ofMinutes(3);

  /** Later its connection may have been closed. */
  private static final long WARM_NANOS = SILENCE.minusSeconds(10).toNanos();

  private static final int FRAME = 1 << 10;

  private final ConnectTimer connects;
  private final UnaryClient client;
  private final UnaryClient plain;
  private final Duration timeOut;
  private final SynSignature signature;
  private final Payload payload;
  private final Map<Target, Long> warm = new HashMap<>();

  /**
   * What a probe found; see {@link Measurement}.
   *
   * @param able whether the peer knows this kind of probe at all
   */
  record Found(
      boolean able,
      Outcome outcome,
      long connectNanos,
      long roundTripNanos,
      int synRetransmits,
      int bytes) {
    /** Nothing was asked. */
    private static final Found UNABLE = new Found(false, Outcome.OK, 0, 0, 0, 0);

    private static Found failed(Outcome outcome) {
      return new Found(true, outcome, 0, 0, 0, 0);
    }
  }

  /**
   * For the event loop of the caller.
   *
   * @param random fills the payload, so that nothing on the way makes it smaller
   * @param cover of calls; null: in the clear. Connects are timed without
   */
  Pinger(
      Vertx vertx,
      Config.Heartbeat config,
      SynSignature signature,
      RandomGenerator random,
      @Nullable Cover cover) {
    this.connects = new ConnectTimer(vertx, config.connectTimeout());
    this.client = client(vertx, config, cover);
    this.plain = cover == null ? client : client(vertx, config, null);
    this.timeOut = config.timeOut();
    this.signature = signature;
    byte[] bytes = new byte[Math.min(config.payloadBytes(), MOST_PAYLOAD)];
    random.nextBytes(bytes);
    this.payload = new Payload(bytes);
  }

  private static UnaryClient client(Vertx vertx, Config.Heartbeat config, @Nullable Cover cover) {
    return new UnaryClient(
        vertx,
        new UnaryClient.Options(config.connectTimeout(), MOST_PAYLOAD + FRAME, cover, SILENCE));
  }

  /** Never fails. */
  Future<Found> probe(Target to, Probe probe) {
    return switch (probe) {
      case TCP -> tcp(to);
      case GRPC -> call(to, ping(to));
      case PAYLOAD ->
          to.tongue().isHomespan()
              ? call(to, new Question(ECHO, payload))
              : Future.succeededFuture(Found.UNABLE);
    };
  }

  /** What is asked. */
  private record Question(String method, Payload message) {
    boolean isAnsweredBy(Buffer body) {
      return switch (method) {
        case ECHO -> message.cameBackAs(body);
        case AgentPing.METHOD -> AgentPing.isSuccess(body);
        default -> true;
      };
    }
  }

  private static Question ping(Target to) {
    return to.tongue() == Target.Tongue.NODE
        ? new Question(PING, Payload.NONE)
        : new Question(AgentPing.METHOD, AgentPing.question(to.address()));
  }

  private Future<Found> tcp(Target to) {
    return connects
        .connect(to.host(), to.port())
        .map(nanos -> new Found(true, Outcome.OK, nanos, nanos, signature.lost(nanos), 0))
        .otherwise(cause -> Found.failed(outcome(cause, cause.toString())));
  }

  private Future<Found> call(Target to, Question question) {
    Long last = warm.get(to);
    if (last != null && System.nanoTime() - last < WARM_NANOS) return measured(to, question);
    return one(to, ping(to))
        .compose(
            reply -> {
              if (!(reply instanceof Reply.Answered)) {
                return Future.succeededFuture(Found.failed(outcome(reply)));
              }
              return measured(to, question);
            });
  }

  private Future<Found> measured(Target to, Question question) {
    long before = System.nanoTime();
    return one(to, question)
        .map(
            reply -> {
              long now = System.nanoTime();
              if (!(reply instanceof Reply.Answered answer)) {
                warm.remove(to);
                return Found.failed(outcome(reply));
              }
              warm.put(to, now);
              return answered(answer, now - before, question);
            });
  }

  private static Found answered(Reply.Answered answer, long nanos, Question question) {
    boolean echo = question.method.equals(ECHO);
    if (answer.status() == GrpcCode.OK && question.isAnsweredBy(answer.body())) {
      return new Found(true, Outcome.OK, 0, nanos, 0, echo ? question.message.size() : 0);
    }
    boolean noAgent = question.method.equals(AgentPing.METHOD);
    if (noAgent || answer.status() != GrpcCode.UNIMPLEMENTED) {
      return Found.failed(Outcome.UNEXPECTED);
    }
    // another receiver, or an older node: that it does not know the call took a round trip as well
    return new Found(!echo, Outcome.OK, 0, nanos, 0, 0);
  }

  private Future<Reply> one(Target to, Question question) {
    UnaryClient by = to.tongue().isHomespan() ? client : plain;
    return by.call(
        to.host(), to.port(), to.name(), question.method, Map.of(), question.message, timeOut);
  }

  private static Outcome outcome(Reply reply) {
    if (reply instanceof Reply.NotSent not) return outcome(null, not.cause());
    if (reply instanceof Reply.Lost lost) return outcome(null, lost.cause());
    return Outcome.UNEXPECTED;
  }

  /** By the words of the JDK's, Netty's and our own causes: types are gone when they come here. */
  static Outcome outcome(@Nullable Throwable cause, String text) {
    String words = text.toLowerCase(Locale.ROOT);
    if (cause instanceof UnknownHostException || words.contains("failed to resolve")) {
      return Outcome.UNRESOLVED;
    }
    // before the others: Netty's words end with the host's name, which may be that of a TLS proxy
    if (words.contains("no route to host")
        || words.contains("unreachable")
        || words.contains("host is down")) {
      return Outcome.TIMEOUT;
    }
    if (words.contains("timed out") || words.contains("timeout") || words.contains("in time")) {
      return Outcome.TIMEOUT;
    }
    if (words.contains("refused")) return Outcome.REFUSED;
    if (words.contains("ssl") || words.contains("tls") || words.contains("certificate")) {
      return Outcome.TLS;
    }
    if (words.contains("went away") || words.contains("closed") || words.contains("reset")) {
      return Outcome.RESET;
    }
    return Outcome.UNEXPECTED;
  }

  /** Forgets all others. */
  void retain(Collection<Target> targets) {
    warm.keySet().retainAll(targets);
  }

  Future<Void> close() {
    return client == plain ? client.close() : Future.join(client.close(), plain.close()).mapEmpty();
  }
}
