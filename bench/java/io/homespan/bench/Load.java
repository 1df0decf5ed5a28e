package io.homespan.bench;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Sends OTLP/gRPC requests to a port on loopback, in plain text. Each line on stdin is a run, each
 * run a line on stdout; it ends with its input.
 *
 * <pre>
 * java io.homespan.bench.Load [THREADS]
 *
 * {"port": 21890, "shape": "mixed", "spans": "100-200", "gzip": false, "seconds": 5,
 *  "connections": 4, "inflight": 8}                    8 requests under way on each connection
 * {"port": 21890, ..., "mode": "open", "rate": 2000}   2000 requests a second, come what may
 * </pre>
 *
 * In open loop {@code waiting} (default: what is due in a second) bounds the requests that wait for
 * a free stream; those beyond it are {@code unsent}; {@code latest_send_ns} says how far the load
 * itself was behind its schedule at most. Latencies are of requests answered OK.
 */
public final class Load {
  private static final long CONNECT_SECONDS = 10;
  private static final long SEED = 20_261_121;

  private final List<EventLoop> loops = new ArrayList<>();
  private final Map<Work, List<Corpus>> corpora = new HashMap<>();

  private Load(int threads) {
    EventLoopGroup group = Transport.loops(threads);
    for (int i = 0; i < threads; i++) loops.add(group.next());
  }

  /** Runs until its input ends. */
  public static void main(String[] args) throws Exception {
    Load load = new Load(args.length > 0 ? Integer.parseInt(args[0]) : 1);
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      JsonObject report;
      try {
        report = load.run(new JsonObject(line));
      } catch (RuntimeException | ExecutionException | TimeoutException e) {
        report = new JsonObject().put("error", String.valueOf(e));
      }
      System.out.println(report.encode());
    }
    System.exit(0);
  }

  private JsonObject run(JsonObject command) throws Exception {
    Work work = Work.of(command);
    Schedule schedule = Schedule.of(command);
    List<Corpus> parts = corpora.computeIfAbsent(work, this::corpora);
    List<LoadRun> runs = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      runs.add(new LoadRun(loops.get(i), parts.get(i), schedule.share(i, parts.size())));
    }
    try {
      all(runs.stream().map(LoadRun::connect).toList()).get(CONNECT_SECONDS, TimeUnit.SECONDS);
      List<CompletableFuture<LoadRun.Result>> results = runs.stream().map(LoadRun::run).toList();
      all(results).get();
      return report(results);
    } finally {
      all(runs.stream().map(LoadRun::close).toList()).get();
    }
  }

  private List<Corpus> corpora(Work work) {
    List<Corpus> parts = new ArrayList<>();
    for (int i = 0; i < loops.size(); i++) parts.add(new Corpus(work, SEED + i));
    return parts;
  }

  private static CompletableFuture<Void> all(List<? extends CompletableFuture<?>> futures) {
    return CompletableFuture.allOf(futures.toArray(new CompletableFuture<?>[0]));
  }

  private static JsonObject report(List<CompletableFuture<LoadRun.Result>> results) {
    Tally tally = new Tally();
    double window = 0;
    double seconds = 0;
    for (CompletableFuture<LoadRun.Result> future : results) {
      LoadRun.Result result = future.join();
      tally.add(result.tally());
      window = Math.max(window, result.window());
      seconds = Math.max(seconds, result.seconds());
    }
    return tally.report(window, seconds);
  }
}
