package io.homespan.discovery;

import io.homespan.config.Config;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The providers at work, from their beginning to their end, and through changes of the
 * configuration: while a provider's settings stay, it goes on. Not thread safe: belongs to one
 * verticle.
 */
final class RunningProviders {
  private static final Logger LOG = LoggerFactory.getLogger(RunningProviders.class);

  private final Surroundings around;
  private final Vertx vertx;
  private final Context context;
  private final Map<String, PeerProviderFactory> own;
  private final FindingGauges gauges;
  private final Function<PeerProvider, PeerProvider.Listener> listeners;
  private List<One> running = List.of();
  private boolean ended;

  private record One(PeerProvider provider, Feed feed, Object settings) {}

  /** What a change of the configuration has put in the place of what. */
  private record Change(List<One> coming, List<One> going, Future<Void> gone) {}

  /**
   * None yet.
   *
   * @param own providers that are not ours, by their words
   * @param listeners who hears what a provider brings
   */
  RunningProviders(
      Surroundings around,
      Map<String, PeerProviderFactory> own,
      FindingGauges gauges,
      Function<PeerProvider, PeerProvider.Listener> listeners) {
    this.around = around;
    this.vertx = around.vertx();
    this.context = vertx.getOrCreateContext();
    this.own = own;
    this.gauges = gauges;
    this.listeners = listeners;
  }

  /**
   * Runs the providers of this configuration: those whose settings are the same as before go on,
   * the others end or begin. If one can't be made, all stays as it was.
   *
   * @param known is told who runs, before the first of those that begin looks anything up
   */
  void change(Config next, Runnable known) {
    if (ended) return;
    List<One> staying = new ArrayList<>();
    List<One> coming = new ArrayList<>();
    try {
      for (String mode : new LinkedHashSet<>(next.peerForwarder().discoveryModes())) {
        Object settings = Providers.settings(next, mode);
        List<One> same =
            running.stream()
                .filter(one -> one.provider.kind().equals(mode) && one.settings.equals(settings))
                .toList();
        staying.addAll(same);
        if (same.isEmpty()) coming.addAll(made(next, mode, settings));
      }
    } catch (RuntimeException e) {
      LOG.error("providers could not be made; those before go on", e);
      each(coming, PeerProvider::close);
      return;
    }
    List<One> going = running.stream().filter(one -> !staying.contains(one)).toList();
    Change change = new Change(coming, going, end(going));
    staying.addAll(coming);
    running = List.copyOf(staying);
    known.run();
    gauges.begin(coming.stream().map(One::provider).toList());
    for (One one : coming) begin(one, change);
  }

  /** A good-bye must not take out what a provider of the same kind has announced since. */
  private void begin(One one, Change change) {
    boolean replaces =
        change.going.stream().anyMatch(old -> old.provider.kind().equals(one.provider.kind()));
    if (replaces) change.gone.onComplete(done -> begin(one));
    else begin(one);
  }

  private void begin(One one) {
    if (!ended && running.contains(one)) one.feed.start();
  }

  private List<One> made(Config next, String mode, Object settings) {
    Config.Dns bounds = next.discovery().dns();
    RefreshSchedule schedule = new RefreshSchedule(bounds.minTtl(), bounds.maxTtl());
    return Providers.of(around.with(next), own, mode).stream()
        .map(
            provider ->
                new One(
                    provider,
                    new Feed(vertx, provider, schedule, around.random(), listeners.apply(provider)),
                    settings))
        .toList();
  }

  private Future<Void> end(List<One> going) {
    going.forEach(one -> one.feed.stop());
    going.forEach(one -> gauges.end(one.provider));
    return each(going, PeerProvider::leave).eventually(() -> each(going, PeerProvider::close));
  }

  /** The kinds of those that run, by their names. */
  Map<String, String> kinds() {
    Map<String, String> kinds = new TreeMap<>();
    for (One one : running) kinds.put(one.provider.name(), one.provider.kind());
    return kinds;
  }

  /** Looks nothing up any more, and takes out what was announced; completes when that is done. */
  Future<Void> leave() {
    ended = true;
    running.forEach(one -> one.feed.stop());
    return each(running, PeerProvider::leave);
  }

  /** After {@link #leave}. */
  Future<Void> close() {
    return each(running, PeerProvider::close);
  }

  /** Completes when all have, or their time is up; what one of them throws touches no other. */
  private Future<Void> each(List<One> some, Function<PeerProvider, Future<Void>> ending) {
    long limit = around.config().discovery().exchangeTimeout().toMillis();
    List<Future<?>> all = new ArrayList<>();
    for (One one : some) {
      all.add(
          Future.succeededFuture()
              .compose(go -> ending.apply(one.provider))
              .timeout(limit, TimeUnit.MILLISECONDS)
              .onFailure(
                  cause ->
                      LOG.warn("provider did not end well name={}", one.provider.name(), cause)));
    }
    // a time limit ends elsewhere; what follows belongs here
    Promise<Void> done = Promise.promise();
    Future.join(all).onComplete(each -> context.runOnContext(go -> done.complete()));
    return done.future();
  }
}
