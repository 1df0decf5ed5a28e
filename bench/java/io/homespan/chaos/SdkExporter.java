package io.homespan.chaos;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.exporter.otlp.trace.OtlpGrpcSpanExporter;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.testing.trace.TestSpanData;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.data.StatusData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The OpenTelemetry Java SDK's gRPC exporter with its own retries, at its defaults; what it gives
 * up is tried again from outside.
 */
final class SdkExporter implements Exporter {
  private final Map<String, SpanExporter> exporters = new ConcurrentHashMap<>();

  @Override
  public String name() {
    return "OpenTelemetry Java SDK";
  }

  /** It has one at a time by design, and fails at once what its own client has no thread for. */
  @Override
  public int most() {
    return 4;
  }

  @Override
  public CompletableFuture<Result> send(String address, Batch batch) {
    SpanExporter exporter =
        exporters.computeIfAbsent(
            address, a -> OtlpGrpcSpanExporter.builder().setEndpoint("http://" + a).build());
    List<SpanData> spans = new ArrayList<>();
    for (int number : batch.numbers) spans.add(span(batch, number));
    CompletableFuture<Result> result = new CompletableFuture<>();
    CompletableResultCode code = exporter.export(spans);
    code.whenComplete(
        () -> {
          Throwable why = code.getFailureThrowable();
          result.complete(
              code.isSuccess()
                  ? new Result(End.OK, "success", 0, 0)
                  : new Result(
                      End.UNKNOWN, why == null ? "failed" : why.getClass().getSimpleName(), 0, 0));
        });
    return result;
  }

  private static SpanData span(Batch batch, int number) {
    return TestSpanData.builder()
        .setHasEnded(true)
        .setName(Traffic.name(number))
        .setKind(SpanKind.SERVER)
        .setSpanContext(
            SpanContext.create(
                batch.traceId(number),
                batch.spanId(number),
                TraceFlags.getSampled(),
                TraceState.getDefault()))
        .setStartEpochNanos(Batch.startOf(number))
        .setEndEpochNanos(Batch.startOf(number) + 1_000_000)
        .setStatus(StatusData.ok())
        .setResource(
            Resource.create(Attributes.of(AttributeKey.stringKey("service.name"), batch.service())))
        .setAttributes(
            Attributes.of(AttributeKey.stringKey("db.statement"), Traffic.statement(number)))
        .build();
  }
}
