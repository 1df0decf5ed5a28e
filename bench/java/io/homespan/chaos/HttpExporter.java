package io.homespan.chaos;

import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.zip.GZIPOutputStream;

/** OTLP/HTTP over the JDK's own client, HTTP/1.1: protobuf with gzip, or JSON without. */
final class HttpExporter implements Exporter {
  private static final Set<Integer> AGAIN = Set.of(429, 502, 503, 504);

  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(3))
          .build();
  private final boolean json;

  HttpExporter(boolean json) {
    this.json = json;
  }

  @Override
  public String name() {
    return json ? "HTTP/JSON" : "HTTP/protobuf, gzip";
  }

  @Override
  public CompletableFuture<Result> send(String address, Batch batch) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://" + address + "/v1/traces"))
            .timeout(Duration.ofSeconds(10));
    if (json) {
      request
          .header("Content-Type", "application/json")
          .POST(HttpRequest.BodyPublishers.ofString(batch.json()));
    } else {
      request
          .header("Content-Type", "application/x-protobuf")
          .header("Content-Encoding", "gzip")
          .POST(HttpRequest.BodyPublishers.ofByteArray(gzipped(batch.message().toByteArray())));
    }
    return client
        .sendAsync(request.build(), HttpResponse.BodyHandlers.ofByteArray())
        .handle((answer, error) -> error == null ? of(answer) : unknown(error));
  }

  private static Result unknown(Throwable error) {
    Throwable cause = error.getCause() == null ? error : error.getCause();
    return new Result(End.UNKNOWN, cause.getClass().getSimpleName(), 0, 0);
  }

  private Result of(HttpResponse<byte[]> answer) {
    int status = answer.statusCode();
    if (status == 200) return ok(answer.body());
    if (AGAIN.contains(status)) {
      long hint = answer.headers().firstValueAsLong("Retry-After").orElse(0) * 1000;
      return new Result(End.REFUSED, "HTTP " + status + (hint > 0 ? " + hint" : ""), hint, 0);
    }
    String body = new String(answer.body(), StandardCharsets.UTF_8);
    return new Result(End.FINAL, "HTTP " + status + " " + body, 0, 0);
  }

  private Result ok(byte[] body) {
    try {
      if (json) {
        String text = new String(body, StandardCharsets.UTF_8);
        return new Result(End.OK, "HTTP 200", 0, text.contains("rejectedSpans") ? 1 : 0);
      }
      ExportTraceServiceResponse answer = ExportTraceServiceResponse.parseFrom(body);
      return new Result(End.OK, "HTTP 200", 0, answer.getPartialSuccess().getRejectedSpans());
    } catch (com.google.protobuf.InvalidProtocolBufferException e) {
      return new Result(End.FINAL, "HTTP 200 with a body that is no answer", 0, 0);
    }
  }

  private static byte[] gzipped(byte[] bytes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length / 3);
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }
}
