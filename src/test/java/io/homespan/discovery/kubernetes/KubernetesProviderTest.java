package io.homespan.discovery.kubernetes;

import static io.homespan.discovery.kubernetes.FakeApi.endpoint;
import static io.homespan.discovery.kubernetes.FakeApi.slice;
import static org.assertj.core.api.Assertions.assertThat;

import io.homespan.config.Config;
import io.homespan.config.Config.Endpoint;
import io.homespan.discovery.Address;
import io.homespan.discovery.LookupException;
import io.homespan.discovery.PeerProvider;
import io.homespan.discovery.RefreshSchedule;
import io.homespan.metrics.MicrometerMetrics;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.NetServer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The provider and an API, over real sockets. */
class KubernetesProviderTest {
  @TempDir static Path keys;
  private static Keys cluster;
  private static Keys elsewhere;

  @TempDir Path account;
  private final Vertx vertx =
      Vertx.vertx(
          new VertxOptions().setMaxEventLoopExecuteTime(TimeUnit.MILLISECONDS.toNanos(500)));
  private final MicrometerMetrics metrics = new MicrometerMetrics();
  private final List<AutoCloseable> open = new ArrayList<>();
  private Duration requestTimeout = Duration.ofSeconds(30);
  private Duration watchTimeout = Duration.ofSeconds(60);
  private FakeApi api = new FakeApi(vertx);
  private boolean tls;

  @BeforeAll
  static void makeKeys() throws Exception {
    cluster = Keys.make(keys, "cluster", "ip:127.0.0.1");
    elsewhere = Keys.make(keys, "elsewhere", "dns:elsewhere.example");
  }

  @BeforeEach
  void mount() throws Exception {
    Files.writeString(account.resolve("namespace"), "tracing\n");
    Files.writeString(account.resolve("token"), "first\n");
    Files.copy(cluster.certificate(), account.resolve("ca.crt"));
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open) each.close();
    api.close();
    vertx.close().await(60, TimeUnit.SECONDS);
  }

  private void secure(Keys with) throws Exception {
    api.close();
    api = new FakeApi(vertx, 0, with.options());
    tls = true;
  }

  private Node node() throws Exception {
    Node node = new Node(settings(null, api.port()));
    open.add(node);
    return node;
  }

  private Config.Kubernetes settings(@Nullable String port, int apiPort) {
    return new Config.Kubernetes(
        "peers",
        "",
        port,
        new Endpoint("127.0.0.1", apiPort),
        tls,
        account.resolve("token").toString(),
        account.resolve("ca.crt").toString(),
        true,
        requestTimeout,
        watchTimeout);
  }

  /** A provider, and what it tells. */
  private final class Node implements PeerProvider.Listener, AutoCloseable {
    private @Nullable KubernetesProvider made; // of the context
    private final KubernetesProvider provider;
    private final List<List<String>> told = new ArrayList<>();
    private final List<String> failures = new ArrayList<>();
    private String failure = "";
    private String message = "";
    private final boolean closes;
    private volatile boolean closed;

    Node(Config.Kubernetes settings) throws Exception {
      this(settings, false);
    }

    /** {@code closes}: as soon as it has heard anything. */
    Node(Config.Kubernetes settings, boolean closes) throws Exception {
      this.closes = closes;
      Future<KubernetesProvider> started =
          Future.future(
              promise ->
                  vertx.runOnContext(
                      go -> {
                        KubernetesProvider one =
                            new KubernetesProvider(
                                vertx,
                                settings,
                                21891,
                                new RefreshSchedule(Duration.ofMillis(50), Duration.ofMillis(200)),
                                metrics,
                                new SplittableRandom(1),
                                System::nanoTime);
                        made = one;
                        promise.complete(one);
                        one.start(this);
                      }));
      provider = started.await(60, TimeUnit.SECONDS);
    }

    @Override
    public synchronized void found(PeerProvider.Found found) {
      told.add(found.addresses().stream().map(Address::listed).toList());
      failure = "";
      message = "";
      heard();
    }

    private void heard() {
      if (closes && made != null) made.close().onComplete(end -> closed = true);
    }

    @Override
    public synchronized void missed(LookupException why) {
      failure = why.failure();
      failures.add(failure);
      message = String.valueOf(why.getMessage());
      heard();
    }

    synchronized List<String> last() {
      return told.isEmpty() ? List.of() : told.get(told.size() - 1);
    }

    synchronized List<String> failures() {
      return List.copyOf(failures);
    }

    synchronized String failure() {
      return failure;
    }

    synchronized String message() {
      return message;
    }

    Node awaitPeers(String... listed) throws InterruptedException {
      awaitThat(
          "peers " + List.of(listed), () -> last().equals(List.of(listed)) && failure().isEmpty());
      return this;
    }

    Node awaitFailure(String word) throws InterruptedException {
      awaitThat("failure " + word, () -> failure().equals(word));
      return this;
    }

    Node awaitWatch() throws InterruptedException {
      awaitThat("a watch", () -> api.watching() > 0);
      return this;
    }

    private void awaitThat(String what, BooleanSupplier so) throws InterruptedException {
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
      while (!so.getAsBoolean()) {
        if (System.nanoTime() > end) {
          throw new AssertionError("never: " + what + "; " + told + failures + message);
        }
        Thread.sleep(5);
      }
    }

    @Override
    public void close() throws Exception {
      Future.<Void>future(promise -> vertx.runOnContext(go -> provider.close().onComplete(promise)))
          .await(60, TimeUnit.SECONDS);
    }
  }

  private static JsonObject of(String name, String... addresses) {
    JsonObject[] endpoints = new JsonObject[addresses.length];
    for (int i = 0; i < addresses.length; i++) endpoints[i] = endpoint(addresses[i]);
    return slice(name, "peer", 7000, endpoints);
  }

  @Test
  void whoIsThere_isTold_andEachChangeAtOnce() throws Exception {
    api.put(of("a", "10.0.0.1", "10.0.0.2"));
    Node node = node().awaitPeers("10.0.0.1:21891", "10.0.0.2:21891").awaitWatch();
    api.put(of("b", "10.0.0.3"));
    node.awaitPeers("10.0.0.1:21891", "10.0.0.2:21891", "10.0.0.3:21891");
    api.put(
        slice(
            "a",
            "peer",
            7000,
            endpoint("10.0.0.1", true, true),
            endpoint("10.0.0.2", false, false)));
    node.awaitPeers("10.0.0.2:21891", "10.0.0.3:21891");
    api.delete("b");
    node.awaitPeers("10.0.0.2:21891");
    assertThat(node.failures()).isEmpty();
    assertThat(api.count(false)).isEqualTo(1);
    assertThat(metrics.scrape())
        .contains("homespan_discovery_kubernetes_endpoints{state=\"peer\"} 1.0")
        .contains("homespan_discovery_kubernetes_endpoints{state=\"terminating\"} 1.0");
  }

  @Test
  void aPortByItsName_isThatOfTheSlice() throws Exception {
    api.put(of("a", "10.0.0.1"));
    Node node = new Node(settings("peer", api.port()));
    open.add(node);
    node.awaitPeers("10.0.0.1:7000");
  }

  @Test
  void aLongList_comesInPages_thatAreTakenTogether() throws Exception {
    String[] all = new String[10_000];
    for (int i = 0; i < 100; i++) {
      int third = i;
      String[] some =
          IntStream.range(0, 100).mapToObj(j -> "10.0." + third + "." + j).toArray(String[]::new);
      api.put(of("slice-" + i, some));
      for (int j = 0; j < 100; j++) all[i * 100 + j] = some[j] + ":21891";
    }
    Node node = node();
    node.awaitThat("all", () -> !node.last().isEmpty());
    assertThat(node.last()).containsExactlyInAnyOrder(all);
    assertThat(node.told).hasSize(1);
    assertThat(api.parameters("continue")).contains(null, "10/=", "20/=", "90/=");
    node.awaitWatch();
    api.put(of("one-more", "10.1.0.0"));
    node.awaitThat("one more", () -> node.last().size() == 10_001);
  }

  @Test
  void aWatchThatEndsInOrder_goesOn_fromTheLastBookmark() throws Exception {
    watchTimeout = Duration.ofSeconds(1);
    api.put(of("a", "10.0.0.1"));
    Node node = node().awaitPeers("10.0.0.1:21891").awaitWatch();
    api.bookmark();
    node.awaitThat("more watches", () -> api.count(true) >= 3);
    node.awaitWatch();
    api.put(of("a", "10.0.0.2"));
    node.awaitPeers("10.0.0.2:21891");
    assertThat(api.count(false)).isEqualTo(1);
    assertThat(api.parameters("resourceVersion")).startsWith(null, "101", "102");
    assertThat(node.failures()).isEmpty();
  }

  @Test
  void watchesThatEndAtOnce_arePutOff() throws Exception {
    api.put(of("a", "10.0.0.1"));
    Node node = node().awaitPeers("10.0.0.1:21891");
    long began = System.nanoTime();
    for (int i = 0; i < 5; i++) {
      node.awaitWatch();
      api.endWatches();
    }
    node.awaitWatch();
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThan(Duration.ofMillis(700));
    assertThat(node.failures()).isEmpty();
  }

  @Test
  void whatTheApiHasForgotten_isListedAnew_andIsNoFailure() throws Exception {
    api.put(of("a", "10.0.0.1"));
    Node node = node().awaitPeers("10.0.0.1:21891").awaitWatch();
    api.write("{\"type\":\"ERROR\",\"object\":{\"code\":410}}\n");
    node.awaitThat("a new list", () -> api.count(false) == 2);
    api.put(of("a", "10.0.0.2"));
    node.awaitPeers("10.0.0.2:21891");
    assertThat(node.failures()).isEmpty();
  }

  @Test
  void aWatchThatStartsTooLate_isListedAnew() throws Exception {
    watchTimeout = Duration.ofSeconds(1);
    api.put(of("a", "10.0.0.1"));
    Node node = node().awaitPeers("10.0.0.1:21891").awaitWatch();
    api.forget();
    node.awaitThat("a new list", () -> api.count(false) == 2);
    api.put(of("a", "10.0.0.2"));
    node.awaitPeers("10.0.0.2:21891");
    assertThat(node.failures()).isEmpty();
  }

  @Test
  void anApiThatForgetsAtOnce_isNotAskedWithoutEnd() throws Exception {
    api.put(of("a", "10.0.0.1"));
    api.watchStatus = 410;
    long began = System.nanoTime();
    Node node = node();
    node.awaitThat("four failures", () -> node.failures().size() >= 4);
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThan(Duration.ofMillis(350));
    assertThat(node.failures()).containsOnly("unavailable");
    assertThat(node.last()).containsExactly("10.0.0.1:21891");
  }

  @Test
  void aTokenThatHasRunOut_isReplacedByWhatTheFileHoldsThen() throws Exception {
    secure(cluster);
    api.token = "second";
    api.put(of("a", "10.0.0.1"));
    Node node = node().awaitFailure("unauthorized");
    assertThat(node.message()).contains("token_file " + account.resolve("token"));
    Files.writeString(account.resolve("token"), "second");
    node.awaitPeers("10.0.0.1:21891");
    assertThat(api.authorizations()).contains("Bearer first", "Bearer second");
  }

  @Test
  void withoutTls_noTokenIsSent() throws Exception {
    api.put(of("a", "10.0.0.1"));
    node().awaitPeers("10.0.0.1:21891").awaitWatch();
    assertThat(api.authorizations()).containsOnlyNulls();
  }

  @Test
  void aFileThatIsMissing_isNamed_untilItIsThere() throws Exception {
    secure(cluster);
    api.put(of("a", "10.0.0.1"));
    Files.delete(account.resolve("ca.crt"));
    Node node = node().awaitFailure("unreadable");
    assertThat(node.message())
        .isEqualTo(
            "discovery.kubernetes.ca_file "
                + account.resolve("ca.crt")
                + " is not there: does the pod mount its service account's token?");
    Files.writeString(account.resolve("ca.crt"), "no PEM");
    node.awaitThat("no PEM", () -> node.message().endsWith("holds no certificates in PEM"));
    Files.writeString(account.resolve("ca.crt"), Files.readString(cluster.certificate()));
    node.awaitPeers("10.0.0.1:21891");
  }

  @Test
  void anApiThatTheCaDoesNotVouchFor_isNotAsked() throws Exception {
    secure(elsewhere);
    api.put(of("a", "10.0.0.1"));
    Node node = node().awaitFailure("untrusted");
    assertThat(node.message()).contains("is not whom discovery.kubernetes.ca_file ");
    Files.writeString(account.resolve("ca.crt"), Files.readString(elsewhere.certificate()));
    node.awaitThat("the wrong name", () -> node.message().contains("127.0.0.1 found"));
    assertThat(node.failure()).isEqualTo("untrusted");
    assertThat(api.authorizations()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "401, unauthorized, does not accept the token",
    "403, forbidden, 'it needs the verbs get, list and watch on endpointslices.discovery.k8s.io in"
        + " namespace tracing'",
    "404, missing, knows no discovery.k8s.io/v1",
    "429, unavailable, HTTP 429 (no)",
    "500, unavailable, HTTP 500 (no)",
    "302, error, HTTP 302 (no)"
  })
  void aRefusal_isToldInWords_andNothingIsLost(int status, String failure, String words)
      throws Exception {
    api.put(of("a", "10.0.0.1"));
    Node node = node().awaitPeers("10.0.0.1:21891").awaitWatch();
    api.status = status;
    api.breakWatches();
    node.awaitFailure(failure);
    assertThat(node.message()).contains(words.replace("(no)", "(no, says the test)"));
    assertThat(node.last()).containsExactly("10.0.0.1:21891");
    api.put(of("a", "10.0.0.2"));
    api.status = 200;
    node.awaitPeers("10.0.0.2:21891");
  }

  @Test
  void whoMayListAndNotWatch_isToldSo_andSeesChangesLater() throws Exception {
    api.put(of("a", "10.0.0.1"));
    api.watchStatus = 403;
    Node node = node().awaitFailure("forbidden");
    api.put(of("a", "10.0.0.2"));
    node.awaitThat("the change", () -> node.last().equals(List.of("10.0.0.2:21891")));
  }

  @Test
  void anApiThatGoesAndComesBack_changesNothingMeanwhile() throws Exception {
    api.put(of("a", "10.0.0.1"));
    Node node = node().awaitPeers("10.0.0.1:21891").awaitWatch();
    int port = api.port();
    api.close();
    node.awaitThat("refused", () -> node.failures().contains("unreachable"));
    assertThat(node.last()).containsExactly("10.0.0.1:21891");
    api = new FakeApi(vertx, port, null);
    api.put(of("b", "10.0.0.2"));
    node.awaitPeers("10.0.0.2:21891");
  }

  @Test
  void anApiThatTakesItsTime_isNotWaitedFor() throws Exception {
    requestTimeout = Duration.ofMillis(200);
    try (ServerSocket mute = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
      Node node = new Node(settings(null, mute.getLocalPort()));
      open.add(node);
      node.awaitFailure("timeout");
    }
  }

  @Test
  void aWatchThatIsSilent_isBroken() throws Exception {
    watchTimeout = Duration.ofSeconds(1);
    requestTimeout = Duration.ofSeconds(1);
    api.put(of("a", "10.0.0.1"));
    Node node = node().awaitPeers("10.0.0.1:21891").awaitWatch();
    api.fallSilent();
    api.put(of("a", "10.0.0.2"));
    node.awaitThat("silent", () -> node.failures().contains("silent"));
    node.awaitPeers("10.0.0.2:21891");
  }

  @Test
  void aWatchThatBreaksAmidALine_isListedAnew() throws Exception {
    api.put(of("a", "10.0.0.1"));
    Node node = node().awaitPeers("10.0.0.1:21891").awaitWatch();
    api.write("{\"type\":\"ADD");
    api.endWatches();
    node.awaitThat("cut off", () -> node.failures().contains("cut_off"));
    node.awaitPeers("10.0.0.1:21891").awaitWatch();
    api.write("{\"type\":\"ADD");
    api.breakWatches();
    node.awaitThat("broken", () -> node.failures().contains("unreachable"));
    node.awaitPeers("10.0.0.1:21891");
  }

  @Test
  void garbageInAWatch_endsIt() throws Exception {
    api.put(of("a", "10.0.0.1"));
    Node node = node().awaitPeers("10.0.0.1:21891").awaitWatch();
    api.write("<html>\n");
    node.awaitThat("malformed", () -> node.failures().contains("malformed"));
    node.awaitThat("another watch", () -> api.count(true) == 2); // the API may not miss the first
    node.awaitPeers("10.0.0.1:21891");
    String much = "x".repeat(1 << 20);
    for (int i = 0; i < 9; i++) api.write(much);
    node.awaitThat("oversized", () -> node.failures().contains("oversized"));
    node.awaitPeers("10.0.0.1:21891");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "null", "[]", "{}", "{\"kind\":\"EndpointSliceList\"}", "<html>"})
  void aListThatIsNone_changesNothing(String body) throws Exception {
    api.put(of("a", "10.0.0.1"));
    Node node = node().awaitPeers("10.0.0.1:21891").awaitWatch();
    api.body = body;
    api.breakWatches();
    node.awaitFailure("malformed");
    assertThat(node.last()).containsExactly("10.0.0.1:21891");
  }

  @Test
  void whatIsNoHttp_isNoApi() throws Exception {
    NetServer other =
        vertx
            .createNetServer()
            .connectHandler(socket -> socket.handler(asked -> socket.end(Buffer.buffer("hello\n"))))
            .listen(0, "127.0.0.1")
            .await();
    Node node = new Node(settings(null, other.actualPort()));
    open.add(node);
    node.awaitFailure("unreachable");
  }

  @Test
  void aListWithoutBounds_isNotRead() throws Exception {
    api.body = " ".repeat(Api.MAX_BYTES + 1);
    node().awaitFailure("oversized");
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 403})
  void whoIsClosedByWhomItTells_doesNothingMore(int status) throws Exception {
    List<Throwable> uncaught = new CopyOnWriteArrayList<>();
    vertx.exceptionHandler(uncaught::add);
    api.put(of("a", "10.0.0.1"));
    api.status = status;
    Node node = new Node(settings(null, api.port()), true);
    node.awaitThat("closed", () -> node.closed);
    Node other = node();
    // with 403 it asks again and again
    other.awaitThat("two lists", () -> api.count(false) >= 2);
    if (status == 200) {
      other.awaitWatch();
      assertThat(api.count(false)).isEqualTo(2);
    }
    assertThat(api.count(true)).isEqualTo(status == 200 ? 1 : 0);
    assertThat(uncaught).isEmpty();
  }

  @Test
  void nobodyThere_isAFailure_untilSomebodyIs() throws Exception {
    Node node = node().awaitFailure("empty").awaitWatch();
    assertThat(node.message())
        .isEqualTo(
            "service tracing/peers has no endpoints: is it there, and does its selector match the"
                + " pods' labels?");
    api.put(of("a", "10.0.0.1"));
    node.awaitPeers("10.0.0.1:21891");
    api.put(of("a"));
    node.awaitFailure("empty");
    api.put(of("a", "10.0.0.1"));
    node.awaitPeers("10.0.0.1:21891");
    assertThat(node.failures()).containsExactly("empty", "empty");
    assertThat(api.count(false)).isEqualTo(1);
  }
}
