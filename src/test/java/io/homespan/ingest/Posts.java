package io.homespan.ingest;

import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** OTLP/HTTP as the JDK's own client speaks it, and as a bare socket does. */
final class Posts {
  static final String PROTOBUF = "application/x-protobuf";
  static final String JSON = "application/json";

  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private Posts() {}

  static HttpResponse<byte[]> traces(int port, String type, Buffer body, String... headers)
      throws IOException, InterruptedException {
    BodyPublisher publisher = BodyPublishers.ofByteArray(body.getBytes());
    return send("POST", port, "/v1/traces", publisher, with(headers, "content-type", type));
  }

  static HttpResponse<byte[]> send(
      String method, int port, String path, BodyPublisher body, String... headers)
      throws IOException, InterruptedException {
    return HTTP.send(request(method, port, path, body, headers), BodyHandlers.ofByteArray());
  }

  static HttpResponse<byte[]> get(int port, String path) throws IOException, InterruptedException {
    return send("GET", port, path, BodyPublishers.noBody());
  }

  static HttpRequest request(
      String method, int port, String path, BodyPublisher body, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .method(method, body)
            .timeout(Duration.ofSeconds(60));
    if (headers.length > 0) request.headers(headers);
    return request.build();
  }

  /** What a socket gets back for these bytes until the other side closes. */
  static String socket(int port, byte[] bytes) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(60_000);
      OutputStream out = socket.getOutputStream();
      out.write(bytes);
      out.flush();
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }
  }

  static String socket(int port, String text) throws IOException {
    return socket(port, text.getBytes(StandardCharsets.ISO_8859_1));
  }

  static String text(HttpResponse<byte[]> response) {
    return new String(response.body(), StandardCharsets.UTF_8);
  }

  private static String[] with(String[] headers, String name, String value) {
    String[] all = java.util.Arrays.copyOf(headers, headers.length + 2);
    all[headers.length] = name;
    all[headers.length + 1] = value;
    return all;
  }
}
