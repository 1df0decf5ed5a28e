package io.homespan.demo;

import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.net.URI;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One service's exporter: each export goes to the next node, as behind a round-robin balancer, so
 * that a trace's spans arrive all over the tier.
 */
final class ScatteringExporter implements SpanExporter {
  private final List<SpanExporter> nodes;
  private final Ledger ledger;
  private final AtomicInteger turn;

  /**
   * @param compression {@code gzip} or {@code none}
   * @param first the node, by its place, that gets the first export
   */
  ScatteringExporter(List<URI> ingest, String compression, int first, Ledger ledger) {
    this.nodes =
        ingest.stream()
            .<SpanExporter>map(
                node ->
                    OtlpHttpSpanExporter.builder()
                        .setEndpoint(node.resolve("/v1/traces").toString())
                        .setCompression(compression)
                        .build())
            .toList();
    this.ledger = ledger;
    this.turn = new AtomicInteger(first);
  }

  @Override
  public CompletableResultCode export(Collection<SpanData> spans) {
    int node = Math.floorMod(turn.getAndIncrement(), nodes.size());
    int count = spans.size(); // now: the collection is the caller's, who uses it again
    spans.forEach(span -> ledger.sent(span.getTraceId(), node));
    long begun = System.nanoTime();
    CompletableResultCode result = nodes.get(node).export(spans);
    return result.whenComplete(
        () -> ledger.answered(count, System.nanoTime() - begun, result.isSuccess()));
  }

  @Override
  public CompletableResultCode flush() {
    return CompletableResultCode.ofAll(nodes.stream().map(SpanExporter::flush).toList());
  }

  @Override
  public CompletableResultCode shutdown() {
    return CompletableResultCode.ofAll(nodes.stream().map(SpanExporter::shutdown).toList());
  }
}
