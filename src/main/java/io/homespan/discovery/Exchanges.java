package io.homespan.discovery;

import io.homespan.bus.Agents;
import io.homespan.bus.Findings;
import io.homespan.bus.Topics;
import io.homespan.config.Config;
import io.homespan.mesh.OwnerTable;
import io.homespan.metrics.Metrics;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the peers who they are, tells the roster what came of that and of what the providers bring,
 * and the bulletin that something did. Not thread safe: belongs to one verticle.
 */
final class Exchanges {
  private static final Logger LOG = LoggerFactory.getLogger(Exchanges.class);
  private static final int AT_ONCE = 64;

  /** One of so many exchanges with a steady peer finds out whether others answer there as well. */
  private static final int NEW_CONNECTION_EVERY = 12;

  /** The first rounds come faster, as nodes that start together find one another half ready. */
  private static final Duration SOON = Duration.ofMillis(250);

  /** A round is spread over half its interval, in slices of a few addresses. */
  private static final Duration SLICE_EVERY = Duration.ofMillis(50);

  private static final int LEAST_SLICE = 4;

  /** What happens within such a time is published as one change. */
  private static final Duration GATHER = Duration.ofMillis(10);

  private final Vertx vertx;
  private final Config config;
  private final Metrics metrics;
  private final RandomGenerator random;
  private final Roster roster;
  private final Bulletin bulletin;
  private final IdentityClient client;
  private final Round asking;
  private final Surroundings around;
  private final RunningProviders providers;
  private final Round farewell;
  private final Set<Address> untold = new LinkedHashSet<>();
  private final boolean toReceivers;
  private @Nullable Future<Void> goodBye;
  private Future<Void> providersLeft = Future.succeededFuture();
  private int rounds;
  private Duration lastRound = Duration.ZERO;
  private long timer;
  private final FindingGauges gauges;
  private final Listing agents;
  private final Set<Address> homespan = new HashSet<>(); // of those
  private Agents toldAgents = Agents.NONE;
  private boolean updating;
  private boolean expiring;
  private boolean insisting;
  private boolean stopped;

  /** {@code own} providers that are not ours, by their words. */
  Exchanges(
      Surroundings around,
      Map<String, PeerProviderFactory> own,
      Metrics metrics,
      Roster roster,
      OwnerTable first) {
    this.around = around;
    this.vertx = around.vertx();
    this.config = around.config();
    this.toReceivers = config.role() == Config.Role.GATEWAY;
    this.metrics = metrics;
    this.random = around.random();
    this.roster = roster;
    this.bulletin = new Bulletin(vertx, roster, metrics, around.nanoClock(), first);
    this.gauges = new FindingGauges(metrics, around.nanoClock());
    this.providers = new RunningProviders(around, own, gauges, Heard::new);
    this.client =
        new IdentityClient(
            vertx,
            config.cluster(),
            config.discovery().exchangeTimeout(),
            config.discovery().exchangeInterval(),
            around.tls());
    Config.Discovery keys = config.discovery();
    Grace grace = new Grace(keys.removalMisses(), keys.exchangeInterval());
    this.agents =
        new Listing(
            Map.of(),
            new Listing.Bounds(keys.maxPeers(), grace, keys.maxStaleness()),
            around.nanoClock());
    this.asking = new Round(AT_ONCE, this::ask);
    this.farewell = new Round(AT_ONCE, this::sayGoodBye);
  }

  void start() {
    metrics.gauge(
        "homespan_membership_generation",
        "Counts what this node has published of its tier: each change of peers or of what is known of them",
        bulletin::generation);
    change(config);
    bulletin.update();
    scheduleRound();
  }

  /** Goes by the providers of this configuration from now on; see {@link RunningProviders}. */
  void change(Config next) {
    if (stopped || roster.isLeaving()) return;
    providers.change(
        next,
        () -> {
          Map<String, String> kinds = providers.kinds();
          roster.providers(kinds);
          agents.change(kinds);
        });
    tellFindings();
    act();
  }

  /** Replies to a call that came in on the peer port; fails if it is no identity. */
  Future<JsonObject> answer(JsonObject question) {
    String cluster = Hello.clusterOf(question);
    if (!cluster.equals(config.cluster())) {
      roster.askedByOther(cluster);
      act();
      return Future.succeededFuture(Hello.onlyCluster(config.cluster()));
    }
    Hello caller = Hello.from(question);
    if (roster.asked(caller)) act();
    return Future.succeededFuture(roster.answer(bulletin.hash(), caller.about()).toJson());
  }

  /**
   * Takes this node out and tells the peers, who could not be told again and again; no more
   * look-ups and rounds from then on.
   */
  void leave() {
    if (goodBye != null) return;
    if (!toReceivers) untold.addAll(roster.others());
    vertx.cancelTimer(timer);
    providersLeft = providers.leave(); // first, or what is still found might bring it back
    roster.leave();
    bulletin.update();
    LOG.info("leaving told={}", untold.size());
    tellUntold();
  }

  private void tellUntold() {
    goodBye = farewell.ask(List.copyOf(untold)).onComplete(asked -> tellUntoldLater());
  }

  private void tellUntoldLater() {
    if (!stopped && !untold.isEmpty()) timer = vertx.setTimer(SOON.toMillis(), id -> tellUntold());
  }

  private Future<Void> sayGoodBye(Address address) {
    return client
        .ask(address, roster.call(bulletin.hash(), address.listed()))
        .map(
            reply -> {
              if (!(reply instanceof Reply.Unanswered)) untold.remove(address);
              return null;
            });
  }

  /** Completes when the peers have been told, or could not be within the time limit. */
  Future<Void> stop() {
    leave();
    stopped = true;
    vertx.cancelTimer(timer);
    Future<Void> told = goodBye == null ? Future.succeededFuture() : goodBye;
    return told.eventually(() -> providersLeft)
        .eventually(providers::close)
        .eventually(client::close)
        .eventually(bulletin::stop);
  }

  /** What one provider brings. */
  private final class Heard implements PeerProvider.Listener {
    private final PeerProvider provider;
    private boolean tellsAgents;

    Heard(PeerProvider provider) {
      this.provider = provider;
    }

    @Override
    public void found(PeerProvider.Found found) {
      // what comes from others may hold anything, whatever the types say
      if (Stream.of(found).allMatch(f -> f == null || f.addresses() == null)) {
        missed(new LookupException("error", "told null"));
        return;
      }
      Sifted sifted = sifted(found.addresses());
      drop(sifted.dropped());
      if (sifted.addresses().isEmpty()) {
        missed(new LookupException("empty", "no addresses" + malformed(sifted.dropped())));
        return;
      }
      gauges.count(provider, "ok");
      roster.found(provider.name(), sifted.addresses(), found.ttl() != null);
      roster.noted(provider.name(), sifted.notes(found.notes()));
      if (!tellsAgents) { // what one before it told of agents must not stay
        Exchanges.this.agents.found(provider.name(), List.of(), false, listed -> false);
      }
      tellFindings();
      act();
    }

    private Sifted sifted(List<Address> found) {
      return toReceivers ? Sifted.of(found).normalised() : Sifted.of(found);
    }

    @Override
    public void missed(LookupException why) {
      LOG.debug("look-up failed provider={} failure={}", provider.name(), why.told());
      gauges.count(provider, why.failure());
      roster.missed(provider.name(), why.told());
      tellFindings();
      act();
    }

    /** They come and go as peers do, after the same graces. */
    @Override
    public void agents(List<PeerProvider.Agent> found) {
      tellsAgents = true;
      for (PeerProvider.Agent one : found) {
        if (one.homespan()) homespan.add(one.address());
        else homespan.remove(one.address());
      }
      List<Address> all = found.stream().map(PeerProvider.Agent::address).toList();
      Exchanges.this.agents.found(
          provider.name(), Sifted.of(all).addresses(), false, listed -> false);
      act();
    }

    private static String malformed(int dropped) {
      return dropped == 0 ? "" : " but malformed ones, " + dropped;
    }

    private void drop(int addresses) {
      if (addresses == 0) return;
      LOG.debug("malformed addresses dropped provider={} number={}", provider.name(), addresses);
      metrics.count(
          "homespan_discovery_addresses_dropped_total",
          "Addresses that a provider found and nobody could dial: empty or malformed",
          addresses,
          "provider",
          provider.kind());
    }
  }

  private void tellFindings() {
    Findings now = new Findings(roster.findings());
    gauges.now(now);
    Topics.PROVIDERS_CURRENT.publish(vertx, now);
  }

  /** After everything that was news to the roster. */
  private void act() {
    if (stopped) return;
    if (!updating) {
      updating = true;
      vertx.setTimer(GATHER.toMillis(), id -> update());
    }
    expireLater();
    if (roster.isLeaving()) return; // others may leave as well, but nobody is asked any more
    asking.ask(roster.toAskSoon());
    insistLater();
  }

  private void insistLater() {
    if (insisting || roster.undecided().isEmpty()) return;
    insisting = true;
    vertx.setTimer(SOON.toMillis(), id -> insist());
  }

  private void update() {
    updating = false;
    if (stopped) return;
    bulletin.update();
    tellAgents();
  }

  private void tellAgents() {
    List<Agents.Agent> all = new ArrayList<>();
    roster.agents().forEach((id, at) -> all.add(new Agents.Agent(id, at.host(), at.port(), true)));
    homespan.retainAll(agents.all().values());
    for (Address at : agents.all().values()) {
      boolean ours = homespan.contains(at);
      all.add(new Agents.Agent(at.listed(), at.host(), at.port(), ours));
    }
    Agents now = new Agents(all);
    if (now.equals(toldAgents)) return;
    LOG.info("agents changed agents={}", now.all().stream().map(Agents.Agent::id).toList());
    toldAgents = now;
    Topics.AGENTS_CURRENT.publish(vertx, now);
  }

  private void expireLater() {
    Duration due = earlier(roster.dueIn(), agents.dueIn());
    if (expiring || due == null) return;
    expiring = true;
    vertx.setTimer(due.toMillis() + 1, id -> expire());
  }

  private static @Nullable Duration earlier(@Nullable Duration one, @Nullable Duration other) {
    if (one == null || other == null) return one == null ? other : one;
    return one.compareTo(other) < 0 ? one : other;
  }

  private void expire() {
    expiring = false;
    if (stopped) return;
    roster.expire();
    agents.expire();
    act();
  }

  private void insist() {
    insisting = false;
    if (stopped || roster.isLeaving()) return;
    asking
        .ask(roster.undecided())
        .onComplete(
            done -> {
              if (!stopped && !roster.isLeaving()) insistLater();
            });
  }

  /**
   * Receivers are not asked who they are: they are foreign by configuration, their ids must not
   * hang on what one of them answers, and a method that they don't have would count as an error
   * with each of them, every time.
   */
  private Future<Void> ask(Address address) {
    return asked(address)
        .map(
            reply -> {
              String result = reply.getClass().getSimpleName().toLowerCase(Locale.ROOT);
              metrics.count(
                  "homespan_discovery_exchanges_total",
                  "Identity exchanges that this node began",
                  "result",
                  result);
              if (roster.replied(address, reply)) act();
              return null;
            });
  }

  private Future<Reply> asked(Address address) {
    if (toReceivers) return client.touch(address);
    Hello hello = roster.call(bulletin.hash(), address.listed());
    boolean anew = !roster.isSteady(address) || random.nextInt(NEW_CONNECTION_EVERY) == 0;
    return anew ? client.ask(address, hello) : client.askAgain(address, hello);
  }

  private void scheduleRound() {
    Duration interval = config.discovery().exchangeInterval();
    Duration wait = SOON.multipliedBy(1L << Math.min(rounds, 20));
    if (wait.compareTo(interval) > 0) wait = interval;
    rounds++;
    Duration spread = wait.compareTo(interval) < 0 ? Duration.ZERO : interval.dividedBy(2);
    Duration pause = RefreshSchedule.jitter(wait, random.nextDouble()).minus(lastRound);
    if (pause.compareTo(SOON) < 0) pause = SOON.compareTo(wait) < 0 ? SOON : wait;
    timer = vertx.setTimer(pause.toMillis(), id -> round(spread));
  }

  private void round(Duration spread) {
    long began = around.nanoClock().getAsLong();
    inSlices(roster.toAsk(), spread)
        .onComplete(
            done -> {
              if (stopped || roster.isLeaving()) return;
              lastRound = Duration.ofNanos(around.nanoClock().getAsLong() - began);
              roster.roundEnded(bulletin.hash());
              tellFindings(); // what has become stale tells nothing itself
              act();
              scheduleRound();
            });
  }

  /**
   * Hundreds of new connections at once, with TLS hundreds of handshakes, would hold up what else
   * this event loop serves. Nodes that begin together each begin at another address.
   */
  private Future<Void> inSlices(List<Address> all, Duration spread) {
    int slices = Math.toIntExact(Math.max(1, spread.dividedBy(SLICE_EVERY)));
    int size = Math.max(LEAST_SLICE, (all.size() + slices - 1) / slices);
    if (slices == 1 || all.size() <= size) return asking.ask(all);
    List<Address> turned = new ArrayList<>(all);
    Collections.rotate(turned, random.nextInt(all.size()));
    List<Future<Void>> asked = new ArrayList<>();
    for (int from = 0; from < turned.size(); from += size) {
      List<Address> slice = turned.subList(from, Math.min(from + size, turned.size()));
      long at = from / size * SLICE_EVERY.toMillis();
      asked.add(at == 0 ? asking.ask(slice) : later(at).compose(go -> askUnlessLeaving(slice)));
    }
    return Future.join(asked).mapEmpty();
  }

  private Future<Void> later(long millis) {
    Promise<Void> then = Promise.promise();
    vertx.setTimer(millis, id -> then.complete());
    return then.future();
  }

  private Future<Void> askUnlessLeaving(List<Address> slice) {
    return stopped || roster.isLeaving() ? Future.succeededFuture() : asking.ask(slice);
  }
}
