package io.homespan;

import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The SDK's exporters that go on exporting, each in a thread of its own, and export what failed
 * again until it is confirmed. The spans of a trace are scattered over all of them.
 */
final class SdkLoad implements AutoCloseable {
  private static final int SPANS = 9;
  private static final int TRACES_AT_ONCE = 12;
  private static final int SPANS_OF_A_TRACE = 24;
  private static final long BETWEEN_MILLIS = 10; // a steady trickle

  private final Random random;
  private final List<String> traces = new ArrayList<>();
  private int spans;
  private final Set<Spans.Ref> confirmed = ConcurrentHashMap.newKeySet();
  private final AtomicInteger exported = new AtomicInteger();
  private final AtomicInteger failed = new AtomicInteger();
  private final ExecutorService threads;
  private final List<Future<?>> running;
  private volatile boolean ending;

  /** Begins at once. */
  SdkLoad(long seed, List<SpanExporter> exporters) {
    random = new Random(seed);
    for (int i = 0; i < TRACES_AT_ONCE; i++) traces.add(Sdk.id(random, 16));
    threads = Executors.newFixedThreadPool(exporters.size());
    running =
        exporters.stream().<Future<?>>map(one -> threads.submit(() -> exportTo(one))).toList();
  }

  private Void exportTo(SpanExporter exporter) throws InterruptedException {
    while (!ending) {
      List<Spans.Ref> batch = next();
      List<SpanData> spans = batch.stream().map(Sdk::span).toList();
      while (!exporter.export(spans).join(60, TimeUnit.SECONDS).isSuccess()) {
        if (threads.isShutdown()) return null;
        failed.incrementAndGet();
        TimeUnit.MILLISECONDS.sleep(BETWEEN_MILLIS);
      }
      confirmed.addAll(batch);
      exported.incrementAndGet();
      TimeUnit.MILLISECONDS.sleep(BETWEEN_MILLIS);
    }
    return null;
  }

  private synchronized List<Spans.Ref> next() {
    List<Spans.Ref> batch = new ArrayList<>();
    for (int i = 0; i < SPANS; i++) {
      int which = random.nextInt(traces.size());
      batch.add(new Spans.Ref(traces.get(which), Sdk.id(random, 8)));
      if (++spans % SPANS_OF_A_TRACE == 0) traces.set(which, Sdk.id(random, 16));
    }
    return batch;
  }

  /** Waits until so many more exports have been confirmed. */
  void awaitMore(int exports) throws Exception {
    int goal = exported.get() + exports;
    Patience.until(exports + " more exports are confirmed", () -> exported.get() >= goal);
  }

  /** Exports that had to be made again. */
  int failed() {
    return failed.get();
  }

  /** Lets what is under way end; returns all that was confirmed. */
  Set<Spans.Ref> stop() throws Exception {
    ending = true;
    for (Future<?> sender : running) sender.get(60, TimeUnit.SECONDS);
    return confirmed;
  }

  @Override
  public void close() {
    ending = true;
    threads.shutdownNow();
  }
}
