package io.homespan.ingest;

import static io.homespan.ingest.TestNode.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import io.grpc.Status.Code;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import java.util.zip.GZIPOutputStream;

/** Sends over HTTP/2 what no gRPC library would, and shows each frame's headers as they came. */
final class RawSender {
  static final String EXPORT = IngestVerticle.EXPORT;

  /** An answer; the trailers of a Trailers-Only one are its headers. */
  record Reply(int status, MultiMap headers, MultiMap trailers, Buffer body) {
    /** The code of an error, which must have come in the frame that ends the stream. */
    Code error() {
      assertThat(status).isEqualTo(200);
      assertThat(headers.get("grpc-status")).as("Trailers-Only").isNotNull();
      assertThat(body.length()).isZero();
      assertThat(trailers.contains("grpc-status")).isFalse();
      return io.grpc.Status.fromCodeValue(Integer.parseInt(headers.get("grpc-status"))).getCode();
    }

    String message() {
      return headers.get("grpc-message");
    }

    ExportTraceServiceResponse ok() throws InvalidProtocolBufferException {
      assertThat(trailers.get("grpc-status")).as("%s", headers).isEqualTo("0");
      assertThat(body.getByte(0)).isZero();
      assertThat(body.getInt(1)).isEqualTo(body.length() - 5);
      return ExportTraceServiceResponse.parseFrom(body.getBytes(5, body.length()));
    }

    /** The two hints, which must agree. */
    RetryInfo hint() throws InvalidProtocolBufferException {
      Status details = Status.parseFrom(binary("grpc-status-details-bin"));
      assertThat(details.getCode()).isEqualTo(error().value());
      assertThat(details.getMessage()).isNotEmpty();
      Any detail = details.getDetails(0);
      RetryInfo bare = RetryInfo.parseFrom(binary("google.rpc.retryinfo-bin"));
      assertThat(detail.unpack(RetryInfo.class)).isEqualTo(bare);
      assertThat(bare.getRetryDelay().getSeconds()).isBetween(1L, 2L);
      return bare;
    }

    boolean hinted() {
      return headers.contains("grpc-status-details-bin")
          || headers.contains("google.rpc.retryinfo-bin");
    }

    private byte[] binary(String name) {
      return Base64.getDecoder().decode(headers.get(name));
    }
  }

  /** A call whose answer is waited for from its beginning. */
  record Call(HttpClientRequest request, Future<Reply> reply) {
    void write(Buffer bytes) {
      request.write(bytes).onFailure(cause -> {});
    }

    void reset() {
      request.reset();
    }
  }

  private final Vertx vertx;
  private final HttpClient http;

  RawSender(Vertx vertx) {
    this.vertx = vertx;
    http =
        vertx.createHttpClient(
            new HttpClientOptions()
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setHttp2ClearTextUpgrade(false));
  }

  /** A gRPC call with these bytes as its body. */
  Reply call(int port, String path, Buffer body, String... headers) {
    Call call = open(port, path, headers);
    call.request().end(body).onFailure(cause -> {});
    return await(call.reply());
  }

  /** The call on which one message is sent plain. */
  Reply export(int port, Buffer message, String... headers) {
    return call(port, EXPORT, frame(0, message), headers);
  }

  /** The call on which one message is sent packed. */
  Reply exportPacked(int port, Buffer packed) {
    return call(port, EXPORT, frame(1, packed), "grpc-encoding", "gzip");
  }

  /** A call that has begun; it is up to the test how it goes on. */
  Call open(int port, String path, String... headers) {
    RequestOptions options =
        new RequestOptions()
            .setMethod(HttpMethod.POST)
            .setHost("127.0.0.1")
            .setPort(port)
            .setURI(path)
            .putHeader("content-type", "application/grpc")
            .putHeader("te", "trailers");
    for (int i = 0; i < headers.length; i += 2) options.putHeader(headers[i], headers[i + 1]);
    Promise<Call> opened = Promise.promise();
    // on the event loop, so that no byte of the answer comes before somebody listens
    vertx.runOnContext(go -> http.request(options).map(RawSender::begun).onComplete(opened));
    return await(opened.future());
  }

  private static Call begun(HttpClientRequest request) {
    Future<Reply> reply =
        request
            .setChunked(true)
            .response()
            .compose(
                response ->
                    response
                        .body()
                        .map(
                            body ->
                                new Reply(
                                    response.statusCode(),
                                    response.headers(),
                                    response.trailers(),
                                    body)));
    return new Call(request, reply);
  }

  static Buffer frame(int flag, Buffer message) {
    return Buffer.buffer()
        .appendByte((byte) flag)
        .appendInt(message.length())
        .appendBuffer(message);
  }

  static Buffer gzip(Buffer plain) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write(plain.getBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Buffer.buffer(bytes.toByteArray());
  }
}
