package io.homespan.heartbeat;

import io.homespan.config.ConfigLoader;
import io.homespan.heartbeat.Measurement.Place;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * Connects many times to a listener of its own, where the network loses packets, and prints what
 * the cells say of it: a line "sent N failed N drop_rate R".
 */
final class LossProbe {
  private static final int TARGETS = 50;
  private static final int ROUNDS = 10;

  private LossProbe() {}

  /** In the network namespace of its caller. */
  public static void main(String[] args) throws Exception {
    Vertx vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true));
    int port =
        vertx
            .createNetServer()
            .connectHandler(open -> {})
            .listen(0, "127.0.0.1")
            .await(20, TimeUnit.SECONDS)
            .actualPort();
    Context context = vertx.getOrCreateContext();
    Promise<Void> done = Promise.promise();
    context.runOnContext(go -> measure(vertx, port).onComplete(done));
    done.future().await(200, TimeUnit.SECONDS);
    System.exit(0);
  }

  private static Future<Void> measure(Vertx vertx, int port) {
    // six SYNs lost in a row, on kernels before 6.5: one test in two thousand
    Map<String, String> env = Map.of("HOMESPAN_HEARTBEAT_CONNECT_TIMEOUT", "40");
    Pinger pinger =
        new Pinger(
            vertx,
            ConfigLoader.defaults(env, 8L << 30).config().heartbeat(),
            SynSignature.ofKernel(
                System.getProperty("os.name", ""), System.getProperty("os.version", "")),
            new Random(1),
            null);
    Cells cells = new Cells();
    Future<Void> rounds = Future.succeededFuture();
    for (int i = 0; i < ROUNDS; i++) rounds = rounds.compose(before -> round(pinger, cells, port));
    return rounds.onSuccess(end -> print(cells));
  }

  private static Future<Void> round(Pinger pinger, Cells cells, int port) {
    List<Future<Void>> all = new ArrayList<>();
    for (int i = 0; i < TARGETS; i++) {
      Target to = new Target(new Place("peer-" + i, ""), "127.0.0.1", port, "peer");
      all.add(
          pinger
              .probe(to, Probe.TCP)
              .map(
                  found -> {
                    cells.add(
                        new Measurement(
                            new Place("self", ""),
                            to.place(),
                            "",
                            "",
                            Probe.TCP,
                            1,
                            0,
                            found.connectNanos(),
                            found.roundTripNanos(),
                            found.outcome(),
                            found.synRetransmits(),
                            0,
                            1),
                        System.nanoTime(),
                        Rota.WARM_UP);
                    return null;
                  }));
    }
    return Future.join(all).mapEmpty();
  }

  private static void print(Cells cells) {
    long hour = TimeUnit.HOURS.toNanos(1);
    int sent = 0;
    int failed = 0;
    double lost = 0;
    for (Row.Cell cell : cells.row(cells.peers(), System.nanoTime(), hour, hour)) {
      sent += cell.sent();
      failed += cell.failed();
      lost += cell.dropRate() * (cell.sent() - cell.failed());
    }
    System.out.println(
        "sent " + sent + " failed " + failed + " drop_rate " + lost / (sent - failed));
  }
}
