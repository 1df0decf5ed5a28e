package io.homespan;

import io.homespan.config.Config;
import io.homespan.config.Config.Endpoint;
import io.homespan.guard.OwnNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * How a command asks a node's port for operators. Whoever answers there, it ends: within twice the
 * patience, and before the memory does. Blocks.
 */
final class AdminPort {
  /** Of this process's heap, an answer at most: as JSON it is some ten times as large. */
  private static final int PART_OF_HEAP = 16;

  private AdminPort() {}

  /** What was answered. */
  record Answer(int statusCode, String body) {}

  /** Where the pages of this node are. */
  static String url(Config.Admin admin) {
    String host = admin.host().equals("0.0.0.0") ? "127.0.0.1" : admin.host();
    return (admin.tls() == null ? "http://" : "https://") + new Endpoint(host, admin.port());
  }

  /** Asks with the node's own certificate and token, if it wants them. */
  static Answer get(Config.Admin admin, String path, Duration patience)
      throws IOException, InterruptedException {
    HttpClient.Builder client = HttpClient.newBuilder();
    Config.Tls tls = admin.tls();
    if (tls != null) client.sslContext(OwnNode.trusting(tls));
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url(admin) + path));
    String authorization = OwnNode.authorization(admin.authentication());
    if (authorization != null) request.header("authorization", authorization);
    return answer(client, request, patience);
  }

  /** Asks whoever is there. */
  static Answer get(URI page, Duration patience) throws IOException, InterruptedException {
    return answer(HttpClient.newBuilder(), HttpRequest.newBuilder(page), patience);
  }

  private static Answer answer(
      HttpClient.Builder client, HttpRequest.Builder request, Duration patience)
      throws IOException, InterruptedException {
    HttpResponse<InputStream> answer =
        client
            .connectTimeout(patience)
            .build()
            .send(request.timeout(patience).build(), HttpResponse.BodyHandlers.ofInputStream());
    InputStream body = answer.body();
    // the request's time limit is over with the headers
    AtomicBoolean late = new AtomicBoolean();
    CompletableFuture<Void> limit =
        CompletableFuture.runAsync(
            () -> {
              late.set(true);
              close(body); // which reads as its end
            },
            CompletableFuture.delayedExecutor(patience.toMillis(), TimeUnit.MILLISECONDS));
    try (body) {
      String text = text(body);
      if (!late.get()) return new Answer(answer.statusCode(), text);
    } catch (IOException e) {
      if (!late.get()) throw e;
    } finally {
      limit.cancel(false);
    }
    throw new IOException("no whole answer within " + patience.toSeconds() + " s");
  }

  private static String text(InputStream body) throws IOException {
    long part = Runtime.getRuntime().maxMemory() / PART_OF_HEAP;
    int most = (int) Math.min(Integer.MAX_VALUE / 2, part);
    byte[] bytes = body.readNBytes(most + 1);
    if (bytes.length <= most) return new String(bytes, StandardCharsets.UTF_8);
    throw new IOException(
        "its answer is longer than " + (most >> 20) + " MiB; a larger -Xmx would read more");
  }

  private static void close(InputStream body) {
    try {
      body.close();
    } catch (IOException e) {
      return; // whoever reads it hears of that
    }
  }
}
