package io.homespan.discovery.kubernetes;

import io.homespan.config.Config;
import io.homespan.discovery.Address;
import io.homespan.discovery.LookupException;
import io.homespan.discovery.PeerProvider;
import io.homespan.discovery.RefreshSchedule;
import io.homespan.discovery.kubernetes.Census.Fate;
import io.homespan.discovery.kubernetes.Slices.Step;
import io.homespan.metrics.Metrics;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lists the EndpointSlices of a service, and watches them from then on. It tells after each list
 * and each change; what goes wrong with either is told, and ends in a new list after a while.
 * Nothing that was found before is lost by that.
 *
 * <p>A watch that the API ends in good order goes on where it was. Files and answers are read on a
 * worker thread.
 */
public final class KubernetesProvider implements PeerProvider {
  private static final Logger LOG = LoggerFactory.getLogger(KubernetesProvider.class);
  private static final String ENDPOINTS = "homespan_discovery_kubernetes_endpoints";
  private static final String HELP = "Endpoints of the service, by what became of them";

  /** A watch that ends sooner than this counts as a failure when the next one is put off. */
  private static final Duration SHORT = Duration.ofSeconds(1);

  /** Of a watch's time, so that nodes started together don't come together for ever. */
  private static final double JITTER = 0.2;

  private static final int MAX_PAGES = 2000;

  private final Vertx vertx;
  private final WorkerExecutor worker; // its own: others may take their time
  private final Config.Kubernetes settings;
  private final String port;
  private final RefreshSchedule schedule;
  private final RandomGenerator random;
  private final LongSupplier nanoClock;
  private final Api api;

  // of the worker thread
  private final Slices slices;

  // of the context
  private @Nullable Listener listener;
  private boolean closed;
  private int attempt; // what belongs to another is late
  private int failures;
  private boolean listsAnew;
  private long timer = -1;
  private long silence = -1;
  private @Nullable Long watchedSince;
  private String namespace;
  private @Nullable List<Address> told; // null: nothing that still holds
  private Map<String, String> toldNotes = Map.of();
  private String toldTrouble = "";
  private String toldSummary = "";
  private volatile Census census = Census.empty();

  /**
   * Made on the verticle's context.
   *
   * @param clientPort of the peers, unless another is configured
   * @param schedule when to try again
   */
  public KubernetesProvider(
      Vertx vertx,
      Config.Kubernetes settings,
      int clientPort,
      RefreshSchedule schedule,
      Metrics metrics,
      RandomGenerator random,
      LongSupplier nanoClock) {
    this.vertx = vertx;
    this.worker = vertx.createSharedWorkerExecutor("homespan-kubernetes", 1);
    this.settings = settings;
    this.port = Objects.requireNonNullElse(settings.port(), Integer.toString(clientPort));
    this.schedule = schedule;
    this.random = random;
    this.nanoClock = nanoClock;
    this.api = new Api(vertx, settings);
    this.slices = new Slices(port, settings.includeNotReady());
    this.namespace = settings.namespace();
    for (Fate fate : Fate.values()) {
      metrics.gauge(ENDPOINTS, HELP, () -> census.count(fate), "state", fate.label());
    }
  }

  @Override
  public String kind() {
    return "kubernetes";
  }

  @Override
  public boolean start(Listener toTell) {
    listener = toTell;
    list();
    return true;
  }

  // ---- list ----

  private void list() {
    timer = -1;
    int now = ++attempt;
    work(() -> Account.read(settings))
        .compose(account -> page(account, "", 1))
        .compose(last -> work(slices::census))
        .onComplete(
            found -> {
              if (now != attempt) return;
              tell(found);
              if (now == attempt) watch(); // who was told may have closed this
            },
            cause -> failed(now, cause));
  }

  private Future<Void> page(Account account, String next, int number) {
    namespace = account.namespace();
    return api.list(account, next)
        .compose(body -> work(() -> slices.page(body, number == 1)))
        .compose(
            page -> {
              if (page.next().isEmpty()) return Future.succeededFuture();
              return number < MAX_PAGES
                  ? page(account, page.next(), number + 1)
                  : Future.failedFuture(
                      new LookupException(
                          "oversized", "the API's list has more than " + MAX_PAGES + " pages"));
            });
  }

  private <T> Future<T> work(Callable<T> task) {
    return worker.executeBlocking(task);
  }

  // ---- watch ----

  private void watch() {
    timer = -1;
    int now = ++attempt;
    double part = 1 - JITTER * random.nextDouble();
    long seconds = Math.max(1, (long) (settings.watchTimeout().toSeconds() * part));
    work(() -> Account.read(settings))
        .compose(account -> api.watch(account, slices.version(), seconds))
        .onComplete(
            response -> {
              if (now == attempt) follow(now, response);
            },
            cause -> failed(now, cause));
  }

  private void follow(int now, HttpClientResponse response) {
    watchedSince = nanoClock.getAsLong();
    Lines lines = new Lines(Api.MAX_BYTES);
    listen(now);
    response
        .handler(
            piece -> {
              if (now != attempt) return;
              listen(now);
              try {
                List<Buffer> whole = lines.add(piece);
                if (!whole.isEmpty()) read(now, response, whole);
              } catch (LookupException e) {
                failed(now, e);
              }
            })
        .exceptionHandler(cause -> failed(now, cause))
        .endHandler(
            end -> {
              if (lines.isCut()) {
                failed(now, new LookupException("cut_off", "a watch ended amid a change"));
              } else {
                ended(now);
              }
            })
        .resume();
  }

  /** No more is taken in until these are read. */
  private void read(int now, HttpClientResponse response, List<Buffer> lines) {
    response.pause();
    work(() -> slices.lines(lines))
        .onComplete(
            step -> {
              if (now != attempt) return;
              read(now, step);
              if (now == attempt) response.resume();
            },
            cause -> failed(now, cause));
  }

  private void read(int now, Step step) {
    if (step.gone()) {
      failed(now, new Api.Gone());
      return;
    }
    listsAnew = false;
    tell(step.census());
  }

  /** From now on it may be silent for as long as it may last, and a moment. */
  private void listen(int now) {
    vertx.cancelTimer(silence);
    Duration most = settings.watchTimeout().plus(settings.requestTimeout());
    silence =
        vertx.setTimer(
            most.toMillis(),
            id ->
                failed(
                    now,
                    new LookupException(
                        "silent",
                        "a watch was silent for longer than discovery.kubernetes.watch_timeout")));
  }

  /** In good order: it is taken up again where it was. */
  private void ended(int now) {
    if (now != attempt) return;
    boolean isShort = watchLasted().compareTo(SHORT) < 0;
    stopWatching();
    listsAnew &= isShort;
    failures = isShort ? failures + 1 : 0;
    if (isShort) later(this::watch);
    else watch();
  }

  private Duration watchLasted() {
    Long since = watchedSince;
    return since == null ? Duration.ZERO : Duration.ofNanos(nanoClock.getAsLong() - since);
  }

  private void stopWatching() {
    vertx.cancelTimer(silence);
    watchedSince = null;
  }

  // ---- what comes of it ----

  private void failed(int now, Throwable cause) {
    if (now != attempt || closed) return;
    attempt++;
    LOG.debug("endpoints of {} are not known at present", where(), cause);
    if (watchLasted().compareTo(SHORT) >= 0) {
      failures = 0;
      listsAnew = false;
    }
    stopWatching();
    api.reset().onFailure(late -> LOG.debug("a connection did not close in order", late));
    boolean again = cause instanceof Api.Gone && !listsAnew;
    if (again) {
      LOG.info("kubernetes {} is listed anew: the watch was too far behind", where());
      listsAnew = true;
      list();
      return;
    }
    failures++;
    Throwable inWords = api.inWords(cause);
    missed(
        inWords instanceof LookupException why
            ? why
            : new LookupException("unavailable", "the API forgets faster than it can be read"));
    later(this::list);
  }

  private void later(Runnable next) {
    if (closed) return;
    attempt++;
    Duration wait = schedule.afterFailure(failures, random.nextDouble());
    timer = vertx.setTimer(Math.max(1, wait.toMillis()), id -> next.run());
  }

  private void tell(Census found) {
    Listener toTell = listener;
    if (closed || toTell == null) return;
    census = found;
    String summary = found.summary();
    if (!summary.equals(toldSummary)) {
      LOG.info("endpoints of {} {}", where(), summary);
      toldSummary = summary;
    }
    if (found.addresses().isEmpty()) {
      LookupException why = new LookupException("empty", found.whyEmpty(where(), port));
      if (!toldTrouble.equals(why.getMessage())) missed(why);
    } else if (!found.addresses().equals(told) || !found.notes().equals(toldNotes)) {
      told = found.addresses();
      toldNotes = found.notes();
      toldTrouble = "";
      toTell.found(new Found(found.addresses(), null, found.notes()));
    }
  }

  private void missed(LookupException why) {
    told = null;
    toldTrouble = String.valueOf(why.getMessage());
    if (listener != null) listener.missed(why);
  }

  private String where() {
    return namespace + "/" + settings.service();
  }

  @Override
  public Future<Void> close() {
    closed = true;
    attempt++;
    vertx.cancelTimer(timer);
    stopWatching();
    return api.close().eventually(worker::close);
  }
}
