package io.homespan;

import io.homespan.otlp.TestSpans;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/**
 * Senders that go on sending, at each node in turn, and send what was not answered OK again to the
 * next one until it is.
 */
final class Load implements AutoCloseable {
  private static final int SENDERS = 4;

  /** As senders do; else those who meet a node that is down leave no processor to the others. */
  private static final long BACK_OFF_MILLIS = 5;

  private final HttpClient http;
  private final List<String> nodes;
  private final TestSpans spans;
  private final Set<Spans.Ref> confirmed = ConcurrentHashMap.newKeySet();
  private final AtomicInteger answered = new AtomicInteger();
  private final AtomicInteger failed = new AtomicInteger();
  private final ExecutorService threads = Executors.newFixedThreadPool(SENDERS);
  private final List<Future<?>> running;
  private volatile boolean ending;

  /** Begins at once. */
  Load(HttpClient http, TestSpans spans, List<String> nodes) {
    this.http = http;
    this.nodes = nodes;
    this.spans = spans;
    this.running =
        IntStream.range(0, SENDERS)
            .<Future<?>>mapToObj(i -> threads.submit(() -> send(i)))
            .toList();
  }

  private Void send(int first) throws InterruptedException {
    int next = first;
    while (!ending) {
      ExportTraceServiceRequest request = next();
      HttpRequest.BodyPublisher body =
          HttpRequest.BodyPublishers.ofByteArray(request.toByteArray());
      while (!isOk(nodes.get(next++ % nodes.size()), body)) {
        failed.incrementAndGet();
        if (threads.isShutdown()) return null;
        TimeUnit.MILLISECONDS.sleep(BACK_OFF_MILLIS);
      }
      confirmed.addAll(Spans.in(request));
      answered.incrementAndGet();
    }
    return null;
  }

  private synchronized ExportTraceServiceRequest next() {
    return spans.request(3, 3);
  }

  private boolean isOk(String node, HttpRequest.BodyPublisher body) throws InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(node + "/v1/traces"))
            .timeout(Member.ANSWER)
            .header("content-type", "application/x-protobuf")
            .POST(body)
            .build();
    try {
      return http.send(request, BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException e) {
      return false; // perhaps it arrived; it is sent again all the same
    }
  }

  /** Requests that were not answered OK, and were sent again. */
  int failed() {
    return failed.get();
  }

  /** Waits until so many more requests have been answered OK. */
  void awaitMore(int requests) throws Exception {
    int goal = answered.get() + requests;
    Patience.until(requests + " more requests are answered", () -> answered.get() >= goal);
  }

  /** Lets what is under way end; returns all that was answered OK. */
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
