package io.homespan;

import io.homespan.config.Config;
import io.homespan.config.Config.Endpoint;
import io.homespan.guard.OwnNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** How a command asks the node that runs with a configuration. Blocks. */
final class AdminPort {
  private AdminPort() {}

  /** Where the pages of this node are. */
  static String url(Config.Admin admin) {
    String host = admin.host().equals("0.0.0.0") ? "127.0.0.1" : admin.host();
    return (admin.tls() == null ? "http://" : "https://") + new Endpoint(host, admin.port());
  }

  /** Asks with the node's own certificate and token, if it wants them. */
  static HttpResponse<String> get(Config.Admin admin, String path, Duration patience)
      throws IOException, InterruptedException {
    HttpClient.Builder client = HttpClient.newBuilder().connectTimeout(patience);
    Config.Tls tls = admin.tls();
    if (tls != null) client.sslContext(OwnNode.trusting(tls));
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url(admin) + path)).timeout(patience);
    String authorization = OwnNode.authorization(admin.authentication());
    if (authorization != null) request.header("authorization", authorization);
    return client.build().send(request.build(), HttpResponse.BodyHandlers.ofString());
  }
}
