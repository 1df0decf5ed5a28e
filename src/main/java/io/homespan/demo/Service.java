package io.homespan.demo;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.IdGenerator;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import java.time.Duration;

/** One service of the shop with an OpenTelemetry SDK of its own, as if it were a process. */
final class Service {
  /** More than {@link Traffic} leaves open, so that the SDK never drops. */
  private static final int QUEUE = 2 * Traffic.MAX_OPEN_SPANS;

  private static final int SPANS_PER_EXPORT = 512; // the default

  private final SdkTracerProvider sdk;

  Service(
      String name,
      ScatteringExporter exporter,
      Duration exportEvery,
      IdGenerator ids,
      Ledger ledger) {
    this.sdk =
        SdkTracerProvider.builder()
            .setIdGenerator(ids)
            .setResource(
                Resource.getDefault()
                    .merge(
                        Resource.create(
                            Attributes.builder()
                                .put("service.name", name)
                                .put("service.namespace", "shop")
                                .put("service.version", "1.4.2")
                                .put("service.instance.id", name + "-1")
                                .build())))
            .addSpanProcessor(new Booking(ledger))
            .addSpanProcessor(
                BatchSpanProcessor.builder(exporter)
                    .setScheduleDelay(exportEvery)
                    .setMaxQueueSize(QUEUE)
                    .setMaxExportBatchSize(SPANS_PER_EXPORT)
                    .build())
            .build();
  }

  /** Calls that come in and go out are seen by different libraries: two scopes. */
  Tracer tracer(SpanKind kind) {
    return kind == SpanKind.CLIENT
        ? sdk.get("shop.client", "2.1.0")
        : sdk.get("shop.server", "3.0.1");
  }

  /** Completes when all that has ended is exported; fails if an export failed. */
  CompletableResultCode flush() {
    return sdk.forceFlush();
  }

  CompletableResultCode shutdown() {
    return sdk.shutdown();
  }

  /** Stands before the batches, so that what they might drop is missed. */
  private record Booking(Ledger ledger) implements SpanProcessor {
    @Override
    public void onStart(Context parent, ReadWriteSpan span) {}

    @Override
    public boolean isStartRequired() {
      return false;
    }

    @Override
    public void onEnd(ReadableSpan span) {
      ledger.ended(span.getSpanContext().getTraceId(), span.getSpanContext().getSpanId());
    }

    @Override
    public boolean isEndRequired() {
      return true;
    }
  }
}
