package io.homespan.egress;

import io.homespan.bus.Fate;
import io.homespan.bus.Fates;
import io.homespan.bus.Forward;
import io.homespan.bus.Keep;
import io.homespan.bus.Topic;
import io.homespan.bus.Topics;
import io.homespan.bus.Unanswered;
import io.homespan.config.Config;
import io.homespan.guard.LiveTls;
import io.homespan.mesh.Peer;
import io.homespan.metrics.ForwardStep;
import io.homespan.metrics.KeptAs;
import io.homespan.metrics.Metrics;
import io.homespan.otlp.Batch;
import io.homespan.otlp.PartId;
import io.homespan.otlp.RoutingKey;
import io.homespan.rpc.Message;
import io.homespan.rpc.Reply;
import io.homespan.rpc.UnaryClient;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Answers {@link Topics#SPANS_FORWARD}. Each of several instances has a line to every peer, and its
 * part of the bounds for each peer; all share what is known of who can be reached.
 */
public final class EgressVerticle extends VerticleBase {
  private static final String EXPORT =
      "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
  private static final int MAX_ANSWER = 4 << 20;

  /**
   * A call gathers no further: large calls hold up small ones, and Netty pools no larger buffers.
   */
  private static final long MAX_CALL_BYTES = 256 << 10;

  private final Config config;
  private final Metrics metrics;
  private final Topic<Forward, Fates> asked;
  private final LongSupplier nanoClock;
  private final RandomGenerator random;
  private final int instances;
  private final AtomicLong backlog;
  private final Circuits circuits;
  private final Arrivals arrivals;
  private final Map<PartId, Future<Fates>> underWay = new HashMap<>(); // used with receivers only
  private final boolean toReceivers;
  private final @Nullable LiveTls tls;
  private Map<String, String> metadata;
  private @Nullable Courier courier;
  private @Nullable UnaryClient client;

  /**
   * Made by the root, once an instance.
   *
   * @param asked where this instance is asked
   * @param nanoClock the scale of deadlines
   * @param random spreads retries; used on this instance's event loop only
   * @param instances how many share the bounds for each peer
   * @param backlog bytes that wait in all instances, for the gauge
   * @param circuits shared by all instances
   * @param arrivals shared by all instances; used with receivers only
   */
  public EgressVerticle(
      Config config,
      Metrics metrics,
      Topic<Forward, Fates> asked,
      LongSupplier nanoClock,
      RandomGenerator random,
      int instances,
      AtomicLong backlog,
      Circuits circuits,
      Arrivals arrivals) {
    this(config, metrics, asked, nanoClock, random, instances, backlog, circuits, arrivals, null);
  }

  /**
   * The same.
   *
   * @param tls for calls to peers; null: in the clear
   */
  public EgressVerticle(
      Config config,
      Metrics metrics,
      Topic<Forward, Fates> asked,
      LongSupplier nanoClock,
      RandomGenerator random,
      int instances,
      AtomicLong backlog,
      Circuits circuits,
      Arrivals arrivals,
      @Nullable LiveTls tls) {
    this.tls = tls;
    this.config = config;
    this.metrics = metrics;
    this.asked = asked;
    this.nanoClock = nanoClock;
    this.random = random;
    this.instances = instances;
    this.backlog = backlog;
    this.circuits = circuits;
    this.arrivals = arrivals;
    this.toReceivers = config.role() == Config.Role.GATEWAY;
    this.metadata = metadata("");
  }

  @Override
  public Future<?> start() {
    Config.PeerForwarder keys = config.peerForwarder();
    client =
        new UnaryClient(
            vertx,
            new UnaryClient.Options(
                keys.connectTimeout(), MAX_ANSWER, tls == null ? null : tls.client()));
    Road road = toReceivers ? new ReceiversRoad(new Tarmac(), random) : new Tarmac();
    StandIns standIns = new StandIns(new RoutingKey(config.routing().attributes()));
    Courier made =
        new Courier(road, bounds(keys), keys.timeOut(), circuits, random, standIns, toReceivers);
    courier = made;
    Topics.CONFIG_CURRENT.hear(
        vertx, next -> made.change(bounds(next.peerForwarder()), next.peerForwarder().timeOut()));
    Topics.PEERS_CURRENT.hear(
        vertx,
        membership -> {
          if (!toReceivers) metadata = metadata(membership.table().hash());
          made.members(membership);
        });
    asked.answer(vertx, toReceivers ? this::once : this::forward);
    for (Doubt doubt : Doubt.values()) {
      metrics.count(Doubt.METRIC, Doubt.HELP, 0, "then", doubt.label());
    }
    return Future.succeededFuture();
  }

  private Line.Bounds bounds(Config.PeerForwarder keys) {
    return new Line.Bounds(
        keys.spanAggCount(),
        keys.spanAggWait().toNanos(),
        Math.max(1, keys.maxCallsPerPeer() / instances),
        keys.maxBacklogBytesPerPeer() / instances,
        MAX_CALL_BYTES);
  }

  /**
   * That it has hopped is told to receivers too: one of them may be another gateway by mistake, and
   * spans must not run in circles.
   */
  private Map<String, String> metadata(String tableHash) {
    return toReceivers
        ? Map.of("homespan-hops", "1")
        : Map.of("homespan-hops", "1", "homespan-table", tableHash);
  }

  /** Who asks is stopped before, so nothing is under way. */
  @Override
  public Future<?> stop() {
    return client == null ? Future.succeededFuture() : client.close();
  }

  /** Receivers recognise no repeats, so it is done for them as far as one gateway can. */
  private Future<Fates> once(Forward forward) {
    PartId id = forward.part().id();
    Fates repeated = Fates.of(new Fate.Repeated(forward.part().spans()));
    if (arrivals.has(id, nanoClock.getAsLong())) return Future.succeededFuture(repeated);
    Future<Fates> first = underWay.get(id);
    if (first != null) {
      return first.compose(
          ends -> arrived(ends) ? Future.succeededFuture(repeated) : once(forward));
    }
    Future<Fates> made = forward(forward);
    underWay.put(id, made);
    return made.onComplete(
        ends -> {
          underWay.remove(id);
          if (arrived(ends.result())) arrivals.add(id, nanoClock.getAsLong());
        });
  }

  private static boolean arrived(Fates fates) {
    return fates.all().stream()
        .allMatch(fate -> fate instanceof Fate.Forwarded || fate.spans() == 0);
  }

  private Future<Fates> forward(Forward forward) {
    Promise<Fates> fates = Promise.promise();
    long size = forward.part().size();
    backlog.addAndGet(size);
    Objects.requireNonNull(courier).take(forward, fates::complete);
    return fates.future().onComplete(done -> backlog.addAndGet(-size));
  }

  /** Parts on their way to the socket. */
  private record Cargo(List<Batch.Entry> entries, int size) implements Message {
    static Cargo of(List<Consignment> batch) {
      List<Batch.Entry> entries = new ArrayList<>(batch.size());
      for (Consignment one : batch) entries.add(new Batch.Entry(one.part(), one.standIn()));
      return new Cargo(entries, Batch.size(entries));
    }

    @Override
    public void writeTo(ByteBuffer out) {
      Batch.write(entries, out);
    }
  }

  /** The same without labels, which none but a node reads. */
  private record Goods(List<Consignment> batch, int size) implements Message {
    static Goods of(List<Consignment> batch) {
      long size = 0;
      for (Consignment one : batch) size += one.part().size();
      return new Goods(batch, Math.toIntExact(size));
    }

    @Override
    public void writeTo(ByteBuffer out) {
      for (Consignment one : batch) one.part().writeTo(out);
    }
  }

  /** The world as it is. */
  private final class Tarmac implements Road {
    @Override
    public void call(Peer peer, List<Consignment> batch, Duration timeout, Consumer<Reply> ended) {
      long began = nanoClock.getAsLong();
      Message message = toReceivers ? Goods.of(batch) : Cargo.of(batch);
      Objects.requireNonNull(client)
          .call(
              peer.host(),
              peer.port(),
              tls == null ? peer.host() : tls.nameOf(peer.id()),
              EXPORT,
              metadata,
              message,
              timeout)
          .onSuccess(
              reply -> {
                double seconds = (nanoClock.getAsLong() - began) / 1e9;
                metrics.forwardCall(peer.id(), reply.outcome(), seconds);
                ended.accept(reply);
              });
    }

    @Override
    public void keep(Consignment consignment, KeptAs as, Consumer<Fates> done) {
      long millis = Math.max(1, (consignment.deadline() - now()) / 1_000_000);
      Topics.SPANS_KEEP
          .ask(vertx, new Keep(consignment.part(), as, consignment.deadline()), millis)
          .otherwise(
              cause -> Unanswered.refused(cause, consignment.part().spans(), Duration.ofSeconds(1)))
          .onSuccess(done::accept);
    }

    @Override
    public void stepped(ForwardStep step, int parts) {
      metrics.forwardStep(step, parts);
    }

    @Override
    public void perhapsTwice(Doubt doubt, int spans) {
      metrics.count(Doubt.METRIC, Doubt.HELP, spans, "then", doubt.label());
    }

    @Override
    public void after(Duration time, Runnable then) {
      vertx.setTimer(Math.max(1, time.toMillis()), id -> then.run());
    }

    @Override
    public long now() {
      return nanoClock.getAsLong();
    }
  }
}
