package io.homespan.heartbeat;

import io.homespan.rpc.Cover;
import io.homespan.rpc.GrpcCode;
import io.homespan.rpc.Reply;
import io.homespan.rpc.UnaryClient;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Asks members for their rows over the peer port, a few at a time, all within one time limit. Who
 * does not tell in time, or tells nonsense, has no row. Distributed-trace agents are not asked, as
 * they have none. Belongs to the event loop that made it.
 */
final class Rows {
  static final String METHOD = "/homespan.v1.Mesh/Row";

  /** Of one row: 10,000 cells. */
  static final int MOST_BYTES = 4 << 20;

  private static final int AT_ONCE = 32;

  private final Vertx vertx;
  private final UnaryClient client;
  private final Duration limit;

  /** One gathering; the slots of {@link #AT_ONCE} take the next member each. */
  private final class Gathering {
    final Iterator<Target> next;
    final Map<String, String> ids = new HashMap<>();
    final Payload question;
    final long endNanos = System.nanoTime() + limit.toNanos();
    final Map<String, Row> rows = new HashMap<>();
    final Set<String> mute = new HashSet<>();
    final Promise<Told> done = Promise.promise();
    int busy;

    Gathering(List<Target> all, Collection<String> members, Payload question) {
      this.next = all.iterator();
      this.question = question;
      for (String id : members) ids.put(id, id);
    }

    void go() {
      while (busy < AT_ONCE && next.hasNext()) ask(next.next());
      if (busy == 0) done.tryComplete(new Told(rows, mute));
    }

    void ask(Target to) {
      Duration left = Duration.ofNanos(endNanos - System.nanoTime());
      if (left.toMillis() < 1) { // it is not to blame
        mute.add(to.place().id());
        return;
      }
      busy++;
      client
          .call(to.host(), to.port(), to.name(), METHOD, Map.of(), question, left)
          .compose(reply -> row(to, reply))
          .onComplete(
              row -> {
                busy--;
                if (row != null) rows.put(to.place().id(), row);
                go();
              },
              cause -> {
                busy--;
                go();
              });
    }

    /** Null: none that can be used. */
    Future<@Nullable Row> row(Target from, Reply reply) {
      if (!(reply instanceof Reply.Answered answer)) return Future.succeededFuture();
      if (answer.status() == GrpcCode.UNIMPLEMENTED) mute.add(from.place().id());
      if (answer.status() != GrpcCode.OK) return Future.succeededFuture();
      // milliseconds each, and there may be a thousand: not on the loop that measures
      return vertx.executeBlocking(() -> read(from, answer.body()), false);
    }

    private @Nullable Row read(Target from, Buffer body) {
      try {
        // whoever answers there speaks for the member that we know by this address
        return Row.from(new JsonObject(body)).of(from.place(), ids);
      } catch (DecodeException | IllegalArgumentException e) {
        return null; // a silent row, as far as this node can tell
      }
    }
  }

  Rows(Vertx vertx, Duration connectTimeout, Duration limit, @Nullable Cover cover) {
    this.vertx = vertx;
    this.client =
        new UnaryClient(vertx, new UnaryClient.Options(connectTimeout, MOST_BYTES, cover));
    this.limit = limit;
  }

  /**
   * What was told.
   *
   * @param rows by the ids of who measured
   * @param mute the ids of those who have no row to tell, agents of another kind, and of those whom
   *     there was no time to ask
   */
  record Told(Map<String, Row> rows, Set<String> mute) {}

  /**
   * Never fails.
   *
   * @param others who are asked
   * @param members ids of all whom a row may speak of
   */
  Future<Told> of(List<Target> others, Collection<String> members, Duration window) {
    JsonObject question = new JsonObject().put("window_seconds", window.toSeconds());
    List<Target> able = others.stream().filter(one -> one.tongue().isHomespan()).toList();
    Gathering gathering = new Gathering(able, members, new Payload(question.toBuffer().getBytes()));
    for (Target one : others) {
      if (!one.tongue().isHomespan()) gathering.mute.add(one.place().id());
    }
    gathering.go();
    return gathering.done.future();
  }

  Future<Void> close() {
    return client.close();
  }
}
