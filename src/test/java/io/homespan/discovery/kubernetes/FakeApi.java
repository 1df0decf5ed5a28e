package io.homespan.discovery.kubernetes;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.KeyCertOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** As much of a cluster's API as nodes ask for, over real sockets, and what it may do wrong. */
public final class FakeApi implements AutoCloseable {
  private static final String PATH = "/apis/discovery.k8s.io/v1/namespaces/tracing/endpointslices";

  private final Vertx vertx;
  private final HttpServer server;
  private final TreeMap<String, JsonObject> slices = new TreeMap<>();
  private final List<JsonObject> history = new ArrayList<>();
  private final List<HttpServerResponse> watchers = new ArrayList<>();
  private final List<HttpServerRequest> requests = new ArrayList<>();
  private int version = 100;
  private int oldest;

  volatile String token = "";
  volatile int status = 200;
  volatile int watchStatus = 200;
  volatile @Nullable String body;

  /** Listens on the loopback address. */
  public FakeApi(Vertx vertx) {
    this(vertx, 0, null);
  }

  FakeApi(Vertx vertx, int port, @Nullable KeyCertOptions tls) {
    this.vertx = vertx;
    HttpServerOptions options = new HttpServerOptions();
    if (tls != null) options.setSsl(true).setKeyCertOptions(tls);
    this.server =
        vertx
            .createHttpServer(options)
            .requestHandler(this::answer)
            .listen(port, "127.0.0.1")
            .await();
  }

  /** Where it listens. */
  public int port() {
    return server.actualPort();
  }

  /** A slice of IPv4 addresses with one port. */
  public static JsonObject slice(String name, String portName, int port, JsonObject... endpoints) {
    return new JsonObject()
        .put("metadata", new JsonObject().put("name", name))
        .put("addressType", "IPv4")
        .put("endpoints", new JsonArray(List.of(endpoints)))
        .put(
            "ports", new JsonArray().add(new JsonObject().put("name", portName).put("port", port)));
  }

  /** One that is ready. */
  public static JsonObject endpoint(String address) {
    return endpoint(address, true, false);
  }

  static JsonObject endpoint(String address, boolean ready, boolean terminating) {
    return new JsonObject()
        .put("addresses", new JsonArray().add(address))
        .put("conditions", new JsonObject().put("ready", ready).put("terminating", terminating));
  }

  /** Adds or changes it. */
  public synchronized void put(JsonObject slice) {
    JsonObject kept = slice.copy();
    kept.getJsonObject("metadata").put("resourceVersion", Integer.toString(++version));
    String name = kept.getJsonObject("metadata").getString("name");
    tell(slices.put(name, kept) == null ? "ADDED" : "MODIFIED", kept);
  }

  synchronized void delete(String name) {
    JsonObject gone = Objects.requireNonNull(slices.remove(name)).copy();
    gone.getJsonObject("metadata").put("resourceVersion", Integer.toString(++version));
    tell("DELETED", gone);
  }

  /** Time passes without a change to these slices. */
  synchronized void bookmark() {
    JsonObject metadata = new JsonObject().put("resourceVersion", Integer.toString(++version));
    tell("BOOKMARK", new JsonObject().put("metadata", metadata));
  }

  private void tell(String type, JsonObject object) {
    JsonObject event = new JsonObject().put("type", type).put("object", object);
    history.add(event);
    write(event.encode() + "\n");
  }

  /** To all who watch. */
  synchronized void write(String text) {
    for (HttpServerResponse each : watchers) each.write(text);
  }

  /** Ends all watches, in good order. */
  synchronized void endWatches() {
    for (HttpServerResponse each : watchers) each.end();
    watchers.clear();
  }

  synchronized void breakWatches() {
    for (HttpServerRequest each : requests) {
      if (watchers.contains(each.response())) each.connection().close();
    }
    watchers.clear();
  }

  /** What happened until now is forgotten, and a bookmark has told nobody. */
  synchronized void forget() {
    version++;
    oldest = version;
  }

  /** Changes reach nobody who watches. */
  synchronized void fallSilent() {
    watchers.clear();
  }

  synchronized int watching() {
    return watchers.size();
  }

  synchronized long count(boolean watches) {
    return requests.stream()
        .filter(each -> (each.getParam("watch") != null) == watches)
        .filter(each -> each.getParam("continue") == null)
        .count();
  }

  synchronized List<@Nullable String> parameters(String name) {
    List<@Nullable String> all = new ArrayList<>();
    for (HttpServerRequest each : requests) all.add(each.getParam(name));
    return all;
  }

  synchronized List<@Nullable String> authorizations() {
    List<@Nullable String> all = new ArrayList<>();
    for (HttpServerRequest each : requests) all.add(each.getHeader("authorization"));
    return all;
  }

  private synchronized void answer(HttpServerRequest request) {
    requests.add(request);
    HttpServerResponse response = request.response();
    boolean watch = request.getParam("watch") != null;
    String authorization = request.getHeader("authorization");
    String asked = request.getParam("labelSelector");
    String raw = body;
    if (!request.path().equals(PATH) || !"kubernetes.io/service-name=peers".equals(asked)) {
      refuse(response, 404);
    } else if (!token.isEmpty() && !("Bearer " + token).equals(authorization)) {
      refuse(response, 401);
    } else if (status != 200) {
      refuse(response, status);
    } else if (watch && watchStatus != 200) {
      refuse(response, watchStatus);
    } else if (watch) {
      watch(request);
    } else if (raw != null) {
      response.end(raw);
    } else {
      list(request);
    }
  }

  private static void refuse(HttpServerResponse response, int status) {
    JsonObject said = new JsonObject().put("kind", "Status").put("message", "no, says the test");
    response.setStatusCode(status).end(said.put("code", status).toBuffer());
  }

  private void list(HttpServerRequest request) {
    int limit = Integer.parseInt(request.getParam("limit", "500"));
    int from = Integer.parseInt(request.getParam("continue", "0/=").replaceAll("/=$", ""));
    List<JsonObject> all = List.copyOf(slices.values());
    int to = Math.min(all.size(), from + limit);
    JsonObject metadata = new JsonObject().put("resourceVersion", Integer.toString(version));
    if (to < all.size()) metadata.put("continue", to + "/="); // must be encoded in an address
    JsonArray items = new JsonArray();
    all.subList(from, to).forEach(items::add);
    request
        .response()
        .end(
            new JsonObject()
                .put("kind", "EndpointSliceList")
                .put("metadata", metadata)
                .put("items", items)
                .toBuffer());
  }

  private void watch(HttpServerRequest request) {
    int since = Integer.parseInt(request.getParam("resourceVersion"));
    HttpServerResponse response = request.response().setChunked(true);
    if (since < oldest) {
      JsonObject gone = new JsonObject().put("kind", "Status").put("code", 410);
      response.end(new JsonObject().put("type", "ERROR").put("object", gone).encode() + "\n");
      return;
    }
    response.writeHead();
    for (JsonObject event : history) {
      JsonObject metadata = event.getJsonObject("object").getJsonObject("metadata");
      if (Integer.parseInt(metadata.getString("resourceVersion")) <= since) continue;
      response.write(event.encode() + "\n");
    }
    watchers.add(response);
    vertx.setTimer(
        1000L * Integer.parseInt(request.getParam("timeoutSeconds")),
        id -> {
          synchronized (this) {
            if (watchers.remove(response)) response.end();
          }
        });
  }

  @Override
  public void close() throws Exception {
    server.close().await(60, TimeUnit.SECONDS);
  }
}
