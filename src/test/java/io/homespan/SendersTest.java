package io.homespan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.homespan.otlp.TestSpans;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.exporter.otlp.trace.OtlpGrpcSpanExporter;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.collector.trace.v1.TraceServiceGrpc;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Senders that are not ours scatter the spans of each trace over three nodes. */
class SendersTest extends TierTest {
  private static final int TRACES = 40;
  private static final int SPANS_EACH = 6;
  private final Random random = new Random(1);

  @ParameterizedTest
  @ValueSource(strings = {"none", "gzip"})
  void theSdksGrpcExporter(String compression) throws Exception {
    Tier tier = in(Tier.listed(dir, 3)).start();
    List<SpanExporter> exporters = new ArrayList<>();
    for (Member member : tier.members) {
      exporters.add(
          OtlpGrpcSpanExporter.builder()
              .setTimeout(Member.ANSWER)
              .setEndpoint(member.ingest())
              .setCompression(compression)
              .build());
    }
    exportAndCheck(tier, exporters);
  }

  @ParameterizedTest
  @CsvSource({"okhttp, none", "okhttp, gzip", "jdk, none", "jdk, gzip"})
  void theSdksHttpExporter(String client, String compression) throws Exception {
    Tier tier = in(Tier.listed(dir, 3)).start();
    List<SpanExporter> exporters = new ArrayList<>();
    for (Member member : tier.members) {
      exporters.add(
          OtlpHttpSpanExporter.builder()
              .setTimeout(Member.ANSWER)
              .setEndpoint(member.ingest() + "/v1/traces")
              .setCompression(compression)
              .setComponentLoader(Sdk.only(client))
              .build());
    }
    exportAndCheck(tier, exporters);
  }

  @ParameterizedTest
  @ValueSource(strings = {"identity", "gzip"})
  void grpcJavasGeneratedClient(String compression) throws Exception {
    Tier tier = in(Tier.listed(dir, 3)).start();
    ExportTraceServiceRequest whole = new TestSpans(1).request(TRACES, SPANS_EACH);
    List<ExportTraceServiceRequest> requests = Spans.scattered(whole, 3, 1);
    for (int i = 0; i < 3; i++) {
      ManagedChannel channel =
          NettyChannelBuilder.forAddress("127.0.0.1", tier.member(i).node().ingestPort())
              .usePlaintext()
              .build();
      try {
        ExportTraceServiceResponse answer =
            TraceServiceGrpc.newBlockingStub(channel)
                .withCompression(compression)
                .withDeadlineAfter(60, TimeUnit.SECONDS)
                .export(requests.get(i));
        assertThat(answer).isEqualTo(ExportTraceServiceResponse.getDefaultInstance());
      } finally {
        channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
      }
    }
    assertWhole(tier, Spans.in(whole));
  }

  @Test
  void curlWithJson() throws Exception {
    boolean there = there("curl");
    assumeTrue(there || "true".equals(System.getenv("CI")), "curl is not installed");
    assertThat(there).as("curl is installed").isTrue();
    Tier tier = in(Tier.listed(dir, 3)).start();
    List<Spans.Ref> sent = new ArrayList<>();
    List<String> traces = new ArrayList<>();
    for (int i = 0; i < TRACES; i++) traces.add(Sdk.id(random, 16));
    for (Member member : tier.members) {
      List<String> spans = new ArrayList<>();
      for (String trace : traces) {
        Spans.Ref span = new Spans.Ref(trace, Sdk.id(random, 8));
        sent.add(span);
        spans.add(
            String.format(
                Locale.ROOT,
                """
                {"traceId":"%s","spanId":"%s","name":"curl","kind":2,
                 "startTimeUnixNano":"1790000000000000000","endTimeUnixNano":"1790000000000000009"}
                """,
                span.trace(),
                span.span()));
      }
      Path body = dir.resolve("body.json");
      Files.writeString(
          body,
          "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[" + String.join(",", spans) + "]}]}]}");
      Process curl =
          new ProcessBuilder(
                  "curl",
                  "--silent",
                  "--show-error",
                  "--fail-with-body",
                  "--max-time",
                  "60",
                  "--header",
                  "content-type: application/json",
                  "--data-binary",
                  "@" + body,
                  member.ingest() + "/v1/traces")
              .redirectErrorStream(true)
              .start();
      String said =
          new String(curl.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
      assertThat(curl.waitFor()).as(said).isZero();
      assertThat(said).isEqualTo("{}");
    }
    assertWhole(tier, sent);
  }

  private void exportAndCheck(Tier tier, List<SpanExporter> exporters) throws Exception {
    List<List<SpanData>> batches = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    List<Spans.Ref> sent = new ArrayList<>();
    for (int t = 0; t < TRACES; t++) {
      String trace = Sdk.id(random, 16);
      for (int s = 0; s < SPANS_EACH; s++) {
        Spans.Ref span = new Spans.Ref(trace, Sdk.id(random, 8));
        sent.add(span);
        batches.get(random.nextInt(3)).add(Sdk.span(span));
      }
    }
    for (int i = 0; i < 3; i++) {
      SpanExporter exporter = exporters.get(i);
      CompletableResultCode result = exporter.export(batches.get(i)).join(60, TimeUnit.SECONDS);
      assertThat(result.isSuccess()).as(String.valueOf(result.getFailureThrowable())).isTrue();
      exporter.shutdown().join(5, TimeUnit.SECONDS);
    }
    assertWhole(tier, sent);
  }

  private static void assertWhole(Tier tier, List<Spans.Ref> sent) throws Exception {
    tier.assertKeptByOwners(sent);
    assertThat(tier.written()).hasSize(sent.size());
    for (Member member : tier.members) assertThat(member.books().kept()).isPositive();
  }

  private static boolean there(String program) throws InterruptedException {
    try {
      return new ProcessBuilder(program, "--version").start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    }
  }
}
