package io.homespan.chaos;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Several senders of different make, each with requests of its own; the spans of a trace go to all
 * of them. Every request and every attempt at one is written down with its outcome.
 *
 * <pre>
 * java io.homespan.chaos.Senders DIRECTORY SEED BASE SPANS_A_SECOND
 * </pre>
 *
 * {@code {"members": [{"node": 1, "address": "host:port"}, ...]}} says to whom to send, {@code
 * {"stop": true}} to begin nothing new. Every line is answered with what has been done so far.
 */
public final class Senders {
  private static final long TICK_NANOS = 10_000_000;
  private static final int LARGEST = 600;

  private final SpanIds ids;
  private final Random random;
  private final Traffic traffic;
  private final int rate;
  private final Book requests;
  private final Book attempts;
  private final List<Sender> senders = new ArrayList<>();
  private final AtomicLong spans = new AtomicLong();
  private final int[][] open; // the request that each sender is filling
  private final int[] filled;
  private int made;
  private volatile boolean stopped;
  private volatile boolean begun;

  private Senders(Path directory, long seed, long base, int rate) throws Exception {
    ids = new SpanIds(seed);
    random = new Random(seed);
    traffic = new Traffic(random);
    this.rate = rate;
    requests = new Book(directory.resolve("requests.bin"), base);
    attempts = new Book(directory.resolve("attempts.bin"), base);
    List<Exporter> exporters =
        List.of(
            new GrpcExporter(false, 10_000),
            new GrpcExporter(true, 4_000),
            new HttpExporter(false),
            new HttpExporter(true),
            new SdkExporter());
    for (Exporter exporter : exporters) {
      senders.add(new Sender(senders.size(), exporter, attempts, new Random(random.nextLong())));
    }
    open = new int[exporters.size()][];
    filled = new int[exporters.size()];
  }

  /** Runs until its input ends. */
  public static void main(String[] args) throws Exception {
    Senders all =
        new Senders(
            Path.of(args[0]),
            Long.parseLong(args[1]),
            Long.parseLong(args[2]),
            Integer.parseInt(args[3]));
    Thread pacer = new Thread(all::pace, "pacer");
    pacer.setDaemon(true);
    pacer.start();
    Commands.answer(all::command);
    all.flush();
    System.exit(0);
  }

  private JsonObject command(JsonObject line) {
    JsonArray members = line.getJsonArray("members");
    if (members != null) {
      List<Sender.Target> targets = new ArrayList<>();
      for (int i = 0; i < members.size(); i++) {
        JsonObject one = members.getJsonObject(i);
        targets.add(new Sender.Target(one.getInteger("node"), one.getString("address")));
      }
      senders.forEach(sender -> sender.members(targets));
      begun = true;
    }
    if (line.getBoolean("stop", false)) stopped = true;
    flush();
    long waiting = 0;
    long ok = 0;
    JsonArray names = new JsonArray();
    for (Sender sender : senders) {
      waiting += sender.waiting();
      ok += sender.okSpans();
      names.add(sender.name());
    }
    return new JsonObject()
        .put("spans", spans.get())
        .put("ok", ok)
        .put("waiting", waiting)
        .put("senders", names);
  }

  private void flush() {
    requests.flush();
    attempts.flush();
  }

  /** Makes spans at the rate; when every sender is full it makes none, and does not catch up. */
  private void pace() {
    double due = 0;
    long before = System.nanoTime();
    while (!stopped) {
      LockSupport.parkNanos(TICK_NANOS);
      long now = System.nanoTime();
      if (begun) due = Math.min(rate, due + (now - before) * 1e-9 * rate);
      before = now;
      while (due >= 1 && one()) due--;
    }
    for (int i = 0; i < senders.size(); i++) close(i);
  }

  /** Whether a sender had room for a span more. */
  private boolean one() {
    int first = random.nextInt(senders.size());
    for (int i = 0; i < senders.size(); i++) {
      int to = (first + i) % senders.size();
      if (filled[to] == 0 && !senders.get(to).hasRoom()) continue;
      if (open[to] == null || filled[to] == 0) open[to] = new int[sizeOfNext()];
      open[to][filled[to]++] = traffic.next();
      spans.incrementAndGet();
      if (filled[to] == open[to].length) close(to);
      return true;
    }
    return false;
  }

  private int sizeOfNext() {
    return random.nextInt(50) == 0 ? LARGEST : 5 + random.nextInt(95);
  }

  private void close(int sender) {
    if (filled[sender] == 0) return;
    int[] numbers = java.util.Arrays.copyOf(open[sender], filled[sender]);
    filled[sender] = 0;
    Batch batch = new Batch(made++, numbers, ids, "shop-" + sender);
    requests.add(
        to -> {
          to.writeInt(batch.id);
          to.writeByte(sender);
          to.writeInt(numbers.length);
          for (int number : numbers) to.writeInt(number);
        });
    senders.get(sender).take(batch);
  }
}
